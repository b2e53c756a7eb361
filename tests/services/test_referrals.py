"""Giving ideas to a unit, and what unit and office then do with the referral."""

from datetime import date, datetime, timedelta

import pytest

from ideas.choices import Channel, ReferralAct, ReferralState, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale, WrongRole
from ideas.models import CalendarDay, CalendarYear, CampaignDays, Idea, Referral, ReferralEvent
from ideas.queries.referrals import office_referrals, unit_referrals
from ideas.rules.referrals import Days, Due
from ideas.services import referrals as services
from ideas.services.restricted import restrict_idea
from ideas.services.screening import transfer_idea
from ideas.services.workdays import seed_year
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING  # a Friday
MONDAY = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)


@pytest.fixture
def unit(db):
    return factories.make_unit("交警大队")


@pytest.fixture
def other(db):
    return factories.make_unit("城管局")


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign)


@pytest.fixture
def referral(idea, unit, moderator):
    return factories.referred([idea], unit, moderator)


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


def acts(referral):
    return [(event.act, event.before, event.after) for event in referral.events.all()]


def test_a_referral_has_a_number_an_owner_and_days(referral, unit):
    assert (referral.shown_number, referral.unit, referral.state) == ("JM26-J001", unit, ReferralState.SENT)
    # sent on a Friday: one working day to acknowledge, three to answer, seven to finish
    assert referral.due == Due(date(2026, 3, 23), date(2026, 3, 25), date(2026, 3, 31))


def test_it_leaves_the_status_of_its_ideas_alone(referral, idea):
    before = idea.events.count()
    idea.refresh_from_db()
    assert (idea.status, idea.events.count()) == (Status.ACCEPTED, before)


def test_numbers_count_in_each_campaign(campaign, unit, moderator, referral):
    second = factories.referred([factories.make_idea(campaign)], unit, moderator)
    elsewhere = factories.referred([factories.make_idea(factories.make_campaign())], unit, moderator)
    assert [row.number for row in (referral, second, elsewhere)] == [1, 2, 1]


def test_several_places_of_one_problem_are_one_referral(campaign, unit, moderator):
    ideas = [factories.make_idea(campaign) for _ in range(3)]
    assert [row.idea for row in factories.referred(ideas, unit, moderator).places.all()] == ideas


@pytest.mark.parametrize("role", [Role.OFFICER, Role.HEAD, Role.PANELLIST, Role.CLERK, Role.AUDITOR])
def test_only_the_office_refers(idea, unit, moderator, role):
    factories.accept_idea(idea=idea, moderator=moderator, at=AT)
    with pytest.raises(WrongRole):
        factories.referred([idea], unit, factories.make_user(role))


def refused(ideas, unit, staff, **more):
    with pytest.raises(Refusal) as refusal:
        services.send_referral(ideas=ideas, unit=unit, staff=staff, at=AT, **{"instruction": "请处理。", **more})
    assert Referral.objects.count() == ReferralEvent.objects.count()
    return str(refusal.value)


def test_what_is_not_accepted_is_not_referred(campaign, idea, unit, moderator):
    assert idea.receipt in refused([idea], unit, moderator)
    factories.accept_idea(idea=idea, moderator=moderator, at=AT)
    transfer_idea(idea=idea, moderator=moderator, at=AT, channel=Channel.HOTLINE, reason="请拨打热线。")
    assert idea.receipt in refused([idea], unit, moderator)


def test_a_restricted_idea_is_not_referred(idea, unit, moderator):
    factories.accept_idea(idea=idea, moderator=moderator, at=AT)
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="线索")
    assert idea.receipt in refused([idea], unit, moderator)


def test_an_idea_is_with_one_unit_at_a_time(referral, idea, other, moderator):
    assert "交警大队" in refused([idea], other, moderator)
    services.recall(referral=referral, staff=moderator, at=AT, reason="发错单位。")
    assert factories.referred([idea], other, moderator).number == 2


def test_ideas_of_two_campaigns_are_two_referrals(idea, unit, moderator):
    foreign = factories.make_idea(factories.make_campaign())
    assert refused([idea, foreign], unit, moderator) == "请选择同一活动的建议。"
    assert refused([], unit, moderator) == "请至少选择一条建议。"


def test_a_referral_says_what_to_do(idea, unit, moderator):
    factories.accept_idea(idea=idea, moderator=moderator, at=AT)
    assert refused([idea], unit, moderator, instruction="  ") == "请写明单位要做什么。"


def test_a_unit_that_cannot_act_gets_none(idea, other, moderator, campaign):
    factories.accept_idea(idea=idea, moderator=moderator, at=AT)
    off, empty = factories.make_unit(is_active=False), factories.Unit.objects.create(name="空单位")
    assert off.name in refused([idea], off, moderator)
    assert "空单位" in refused([idea], empty, moderator)
    assert off.name in refused([idea], other, moderator, helping=[off])
    assert other.name in refused([idea], other, moderator, helping=[other])


def test_a_unit_whose_only_officer_left_gets_none(idea, unit, officer, moderator):
    factories.accept_idea(idea=idea, moderator=moderator, at=AT)
    factories.User.objects.filter(unit=unit).update(is_active=False)
    assert "交警大队" in refused([idea], unit, moderator)


def test_days_are_the_campaigns_or_those_that_the_office_gives(campaign, unit, moderator):
    hurried = factories.referred([factories.make_idea(campaign)], unit, moderator, days=Days(1, 1, 2))
    assert hurried.due == Due(date(2026, 3, 23), date(2026, 3, 23), date(2026, 3, 24))


def test_a_campaign_gives_days_of_its_own_also_to_the_next_unit(campaign, unit, other, moderator):
    CampaignDays.objects.create(campaign=campaign, acknowledge=1, answer=1, finish=2)
    hurried = factories.referred([factories.make_idea(campaign)], unit, moderator)
    assert hurried.due == Due(date(2026, 3, 23), date(2026, 3, 23), date(2026, 3, 24))
    CampaignDays.objects.update(finish=4)
    services.ask_return(referral=hurried, officer=factories.officer_of(unit), at=AT, reason="属城管职责。")
    assert Referral.objects.get().due == hurried.due  # what is sent keeps its days
    services.reassign(referral=hurried, unit=other, staff=moderator, at=AT, words="请办理。")
    assert Referral.objects.get().due == Due(date(2026, 3, 23), date(2026, 3, 23), date(2026, 3, 26))


def test_days_count_over_the_spring_festival_and_the_saturday_worked_for_it(campaign, unit, moderator):
    seed_year(year=2026)
    eve = datetime(2026, 2, 13, 17, 59, tzinfo=clock.SHANGHAI)  # a Friday; off from the 15th to the 23rd
    idea = factories.make_idea(campaign, at=eve)
    # the Saturdays 14 and 28 February are worked for it
    assert factories.referred([idea], unit, moderator, at=eve).due == Due(
        date(2026, 2, 14), date(2026, 2, 25), date(2026, 3, 2)
    )


def test_days_that_were_given_stay_when_the_calendar_changes(referral, campaign, unit, moderator):
    before, year = referral.due, CalendarYear.objects.create(number=2026, source="市政府通知")
    CalendarDay.objects.create(year=year, day=date(2026, 3, 23), is_workday=False, name="台风停工")
    later = factories.referred([factories.make_idea(campaign)], unit, moderator)
    assert (Referral.objects.get(pk=referral.pk).due, later.due.acknowledge) == (before, date(2026, 3, 24))


def test_a_unit_acknowledges_once(referral, officer):
    services.acknowledge(referral=referral, officer=officer, at=MONDAY)
    with pytest.raises(Refusal):
        services.acknowledge(referral=referral, officer=officer, at=MONDAY)
    referral.refresh_from_db()
    assert (referral.state, referral.acknowledged_at) == (ReferralState.ACKNOWLEDGED, MONDAY)


def test_nobody_acts_for_another_unit(referral, other, moderator):
    for person in (factories.officer_of(other), factories.head_of(other), moderator):
        with pytest.raises(NotPermitted):
            services.acknowledge(referral=referral, officer=person, at=MONDAY)


def test_for_a_unit_without_log_in_the_office_acts(campaign, moderator):
    bureau = factories.make_unit("市公交集团", by_letter=True)
    referral = factories.referred([factories.make_idea(campaign)], bureau, moderator)
    services.acknowledge(referral=referral, officer=moderator, at=MONDAY)
    assert acts(referral)[-1][0] == ReferralAct.ACKNOWLEDGE


def test_an_outdated_page_does_nothing(referral, officer, moderator):
    services.acknowledge(referral=referral, officer=officer, at=MONDAY, expected_version=1)
    with pytest.raises(Stale):
        services.recall(referral=referral, staff=moderator, at=MONDAY, reason="发错。", expected_version=1)


def test_a_return_that_the_office_follows_goes_to_another_unit_with_new_days(referral, officer, other, moderator):
    services.ask_return(referral=referral, officer=officer, at=MONDAY, reason="属城管职责。", better=other)
    later = MONDAY + timedelta(days=2)
    services.reassign(referral=referral, unit=other, staff=moderator, at=later, words="请城管局办理。")
    referral.refresh_from_db()
    assert (referral.unit, referral.state, referral.due.acknowledge) == (other, ReferralState.SENT, date(2026, 3, 26))
    assert acts(referral)[1:] == [("ask_return", "sent", "returned"), ("reassign", "returned", "sent")]
    assert [event.unit.name for event in referral.events.all()] == ["交警大队", "交警大队", "城管局"]


def test_a_return_that_the_office_refuses_gives_the_days_back(referral, officer, moderator):
    services.acknowledge(referral=referral, officer=officer, at=AT)
    services.ask_return(referral=referral, officer=officer, at=MONDAY, reason="不属本单位。")
    assert Referral.objects.get().due_on is None
    services.keep(referral=referral, staff=moderator, at=MONDAY + timedelta(days=2), words="属道路标线，请办理。")
    referral.refresh_from_db()
    # Monday to Wednesday are three working days
    assert (referral.state, referral.due.answer, referral.due.finish) == (
        ReferralState.ACKNOWLEDGED, date(2026, 3, 30), date(2026, 4, 3),
    )  # fmt: skip


@pytest.mark.parametrize("words", ["", " "])
def test_a_return_has_a_reason_and_names_another_unit(referral, officer, unit, words):
    with pytest.raises(Refusal):
        services.ask_return(referral=referral, officer=officer, at=MONDAY, reason=words)
    with pytest.raises(Refusal):
        services.ask_return(referral=referral, officer=officer, at=MONDAY, reason="不属本单位。", better=unit)


def test_the_office_changes_days_with_a_reason_and_none_into_the_past(referral, moderator):
    due = Due(date(2026, 3, 24), date(2026, 3, 27), date(2026, 4, 30))
    services.change_due(referral=referral, due=due, staff=moderator, at=MONDAY, reason="须等采购。")
    event = referral.events.last()
    assert (Referral.objects.get().due, event.words, event.detail["after"]) == (
        due, "须等采购。", ["2026-03-24", "2026-03-27", "2026-04-30"],
    )  # fmt: skip
    for wrong in (Due(date(2026, 3, 20), due.answer, due.finish), Due(due.finish, due.answer, due.finish)):
        with pytest.raises(Refusal):
            services.change_due(referral=referral, due=wrong, staff=moderator, at=MONDAY, reason="改期。")


def test_what_is_recalled_is_over(referral, officer, moderator):
    services.recall(referral=referral, staff=moderator, at=MONDAY, reason="建议已撤回。")
    with pytest.raises(Refusal):
        services.acknowledge(referral=referral, officer=officer, at=MONDAY)


def test_a_desk_shows_the_own_units_referrals_and_those_that_it_helps_with(campaign, unit, other, moderator, referral):
    helped = factories.referred([factories.make_idea(campaign)], other, moderator, helping=[unit])
    factories.referred([factories.make_idea(campaign)], other, moderator)
    assert list(unit_referrals(factories.officer_of(unit))) == [referral, helped]


def test_a_restricted_idea_takes_its_referral_off_every_desk(referral, idea, unit, moderator):
    restrict_idea(idea=Idea.objects.get(pk=idea.pk), staff=moderator, at=MONDAY, reason="线索")
    assert (list(unit_referrals(factories.officer_of(unit))), list(office_referrals(moderator))) == ([], [])


@pytest.mark.parametrize("role", [Role.PANELLIST, Role.CLERK, Role.AUDITOR, Role.OFFICER])
def test_whoever_is_of_no_unit_has_no_unit_desk(referral, role):
    assert list(unit_referrals(factories.make_user(role))) == []
