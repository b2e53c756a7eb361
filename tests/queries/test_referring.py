"""Which unit is suggested for an idea: by the office's rules, and by where ideas alike went."""

from datetime import timedelta

import pytest

from ideas.choices import ReferralState
from ideas.models import Idea, Referral, ReferralRule, Unit
from ideas.queries.access import screened_ideas
from ideas.queries.referring import suggested_units
from ideas.services import referrals
from ideas.services.duplicates import count_terms
from ideas.services.restricted import restrict_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING
WORDS = {
    "title": "建议在乐天路增设路灯",
    "problem": "乐天路中央公园路段晚上没有路灯，老人散步看不清台阶。",
    "proposal": "请在乐天路增设六盏路灯。",
}


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def police(db):
    return factories.make_unit("交警大队")


def lamp(campaign, minutes=0):
    return factories.make_idea(campaign, at=AT + timedelta(minutes=minutes), **WORDS)


def taken(idea, unit, moderator):
    referral = factories.referred([idea], unit, moderator, at=AT + timedelta(hours=1))
    referrals.acknowledge(referral=referral, officer=factories.officer_of(unit), at=AT + timedelta(hours=2))
    return Referral.objects.get(pk=referral.pk)


def suggested(moderator, *ideas):
    rows = [Idea.objects.select_related("area", "topic").get(pk=idea.pk) for idea in ideas]
    found = suggested_units(rows, screened_ideas(moderator).unrestricted())
    return [(one.unit.name, str(one.rule or ""), one.referrals) for one in found]


def test_nothing_is_suggested_where_nothing_is_known(campaign, moderator, unit):
    assert suggested(moderator, lamp(campaign)) == []


def test_a_rule_names_the_unit_and_stands_as_the_reason(campaign, moderator, police):
    ReferralRule.objects.create(topic="道路", street="集美街道", words="路灯 照明", unit=police)
    said = "道路 · 集美街道 · 路灯、照明 → 交警大队"
    assert suggested(moderator, lamp(campaign)) == [("交警大队", said, [])]


def test_the_first_rule_in_the_offices_order_counts(campaign, moderator, unit, police):
    ReferralRule.objects.create(topic="道路", unit=police, position=20)
    ReferralRule.objects.create(words="路灯", unit=unit, position=10)
    assert [name for name, _rule, _rows in suggested(moderator, lamp(campaign))] == ["城管局"]


def test_a_rule_of_another_campaign_suggests_nothing(campaign, moderator, police):
    rule = ReferralRule.objects.create(campaign=factories.make_campaign(), topic="道路", unit=police)
    assert suggested(moderator, lamp(campaign)) == []
    ReferralRule.objects.filter(pk=rule.pk).update(campaign=campaign)
    assert len(suggested(moderator, lamp(campaign))) == 1


def test_a_unit_that_takes_none_is_not_suggested(campaign, moderator, unit):
    ReferralRule.objects.create(topic="道路", unit=unit)
    taken(lamp(campaign), unit, moderator)
    Unit.objects.update(is_active=False)
    assert suggested(moderator, lamp(campaign, 5)) == []


def test_units_that_took_ideas_alike_are_suggested_with_those_referrals(campaign, moderator, unit, police):
    first, second = (taken(lamp(campaign, n), unit, moderator) for n in range(2))
    third = taken(lamp(campaign, 3), police, moderator)
    count_terms(at=AT)
    found = {name: set(rows) for name, _rule, rows in suggested(moderator, lamp(campaign, 5))}
    assert found == {"城管局": {first, second}, "交警大队": {third}}
    assert [name for name, *_more in suggested(moderator, lamp(campaign, 6))] == ["城管局", "交警大队"]


def test_rule_and_likeness_stand_together_where_they_name_one_unit(campaign, moderator, unit):
    row = taken(lamp(campaign), unit, moderator)
    ReferralRule.objects.create(words="路灯", unit=unit)
    assert suggested(moderator, lamp(campaign, 5)) == [("城管局", "路灯 → 城管局", [row])]


def test_a_unit_that_returned_it_or_has_not_taken_it_does_not_count(campaign, moderator, unit, police):
    waiting = factories.referred([lamp(campaign)], unit, moderator, at=AT + timedelta(hours=1))
    assert suggested(moderator, lamp(campaign, 5)) == []
    about = {"referral": waiting, "at": AT + timedelta(hours=2)}
    referrals.ask_return(**about, officer=factories.officer_of(unit), reason="属交警。")
    assert suggested(moderator, lamp(campaign, 6)) == []
    referrals.reassign(**about, unit=police, staff=moderator, words="请办理。")
    referrals.acknowledge(**about, officer=factories.officer_of(police))
    assert [name for name, *_more in suggested(moderator, lamp(campaign, 7))] == ["交警大队"]


def test_what_was_recalled_does_not_count(campaign, moderator, unit):
    row = taken(lamp(campaign), unit, moderator)
    referrals.recall(referral=row, staff=moderator, at=AT + timedelta(hours=3), reason="发错单位。")
    assert (suggested(moderator, lamp(campaign, 5)), Referral.objects.get().state) == ([], ReferralState.RECALLED)


def test_a_restricted_idea_suggests_nothing(campaign, moderator, keeper, unit):
    idea = lamp(campaign)
    taken(idea, unit, moderator)
    restrict_idea(idea=Idea.objects.get(pk=idea.pk), staff=moderator, at=AT + timedelta(hours=3), reason="线索")
    assert [suggested(person, lamp(campaign, 5)) for person in (moderator, keeper)] == [[], []]


def test_something_else_suggests_nothing(campaign, moderator, unit):
    taken(lamp(campaign), unit, moderator)
    other = {"title": "社区食堂菜牌字大一点", "problem": "菜牌字太小看不清。", "proposal": "字印大。", "place": "食堂"}
    assert suggested(moderator, factories.make_idea(campaign, **other)) == []


def test_it_asks_as_much_for_many_as_for_one(campaign, moderator, unit, django_assert_num_queries):
    ReferralRule.objects.create(words="路灯", unit=unit)
    rows = [taken(lamp(campaign, n), unit, moderator) for n in range(2)]
    among = screened_ideas(moderator).unrestricted()
    keys = [lamp(campaign, 30 + n).pk for n in range(9)]
    ideas = list(Idea.objects.filter(pk__in=keys).select_related("area", "topic"))
    suggested_units(ideas[:1], among)  # what a process keeps
    with django_assert_num_queries(5) as few:
        assert len(suggested_units(ideas[:1], among)[0].referrals) == len(rows)
    for n in range(2, 8):
        taken(lamp(campaign, n), unit, moderator)
    with django_assert_num_queries(len(few)):
        suggested_units(ideas, among)
