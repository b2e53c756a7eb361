"""What is counted for everybody, and when."""

import pytest
from django.core.cache import cache
from django.utils import translation

from ideas.choices import AnswerKind, Source
from ideas.models import Campaign, DuplicateLink, Idea
from ideas.queries.statistics import statistics_of, titled
from ideas.services import answers
from ideas.services.referrals import acknowledge
from ideas.services.restricted import restrict_idea
from ideas.services.screening import accept_idea, merge_idea
from tests import clock, factories

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


def phones(start=0):
    number = start
    while True:
        number += 1
        yield {"phone": f"+861201{number:07}", "email": ""}


def ideas(campaign, count, at=clock.DURING, start=0, **answers):
    people = phones(start)
    return [factories.make_idea(campaign, at, **next(people), **answers) for _ in range(count)]


def accepted(rows, moderator):
    for idea in rows:
        accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    return rows


def counts(lines):
    return {line.key: line.count for line in lines}


def figures(campaign, at=clock.DURING):
    cache.clear()
    campaign.refresh_from_db()
    return statistics_of(campaign, at)


def test_below_five_people_nothing_is_told(campaign):
    ideas(campaign, 4)
    assert (figures(campaign).steps, figures(campaign).days) == ([], [])
    factories.make_idea(campaign, phone="+8612019999999")
    assert counts(figures(campaign).steps)["received"] == 5


def test_what_one_person_sent_is_one_person(campaign):
    for _more in range(9):
        factories.make_idea(campaign)
    assert figures(campaign).steps == []


def test_restricted_ideas_are_counted_nowhere(campaign, moderator):
    rows = ideas(campaign, 6)
    before = figures(campaign)
    restrict_idea(idea=rows[0], staff=moderator, at=clock.DURING, reason="线索")
    after = statistics_of(campaign, clock.DURING)  # at once, though figures are kept for a minute
    assert (before.received, after.received) == (6, 5)
    assert sum(number or 0 for _day, number in after.days) == 5
    assert counts(after.topics) == {"road": 5}


def test_groups_are_told_without_small_ones_and_without_what_gives_them_away(campaign):
    ideas(campaign, 12)
    ideas(campaign, 7, start=100, topic="night")
    rows = ideas(campaign, 2, start=200, topic="night", area="")
    Idea.objects.filter(pk__in=[row.pk for row in rows]).update(source=Source.PHONE, area=None)
    found = figures(campaign)
    assert counts(found.topics) == {"road": 12, "night": 9}
    assert (found.streets, found.sources) == ([], [])  # two groups, of which one is small


def test_days_without_anybody_are_shown_and_small_ones_are_not(campaign):
    first, second, third = (clock.DURING, clock.DURING + clock.DAY * 2, clock.DURING + clock.DAY * 3)
    ideas(campaign, 9, first)
    ideas(campaign, 2, second, start=100)
    ideas(campaign, 20, third, start=200)
    assert [number for _day, number in figures(campaign, clock.LATER).days] == [None, 0, None, 20]


def test_what_was_rated_and_chosen_is_told_in_its_time(moderator, managers):
    campaign = factories.make_campaign(places=5)
    made = accepted(ideas(campaign, 12), moderator)
    factories.make_panel(campaign)
    for assignment in factories.assigned(campaign):
        factories.rate(assignment, 9 if assignment.idea_id <= made[4].pk else 3)
    for idea in made:
        factories.publish(idea, moderator)
    told = [counts(figures(campaign, at).steps) for at in (clock.RATING, clock.RATING_UNTIL)]
    assert told == [{"received": 12, "valid": 12}, {"received": 12, "valid": 12, "rated": 12}]
    factories.release(campaign, managers)
    assert counts(figures(campaign, clock.LATER).steps) == {"received": 12, "valid": 12, "rated": 12, "chosen": 5}


def plan(referral, moderator, at=clock.DURING, adoption="planned"):
    acknowledge(referral=referral, officer=factories.officer_of(referral.unit), at=at)
    words = {"adoption": adoption, "public": "计划明年办理。", "internal": "", "finish_on": referral.finish_by}
    officer = factories.officer_of(referral.unit)
    answers.save_draft(referral=referral, officer=officer, at=at, kind=AnswerKind.PLAN, words=words)
    answers.hand_in(referral=referral, officer=officer, at=at)
    answers.approve(referral=referral, head=factories.head_of(referral.unit), at=at)
    factories.released(referral, moderator, at)


def test_what_units_adopt_is_counted_with_how_soon_they_answered(campaign, moderator):
    unit, other = factories.make_unit("城管局", name_en="City management"), factories.make_unit("别的局")
    rows = accepted(ideas(campaign, 12), moderator)
    for idea in rows[:6]:
        plan(factories.referred([idea], unit, moderator), moderator)
    for idea in rows[6:11]:
        plan(factories.referred([idea], other, moderator), moderator, adoption="not_adopted")
    found = figures(campaign)
    assert counts(found.steps) == {"received": 12, "valid": 12, "adopted": 6, "done": 0}
    with translation.override("en"):
        assert {(line.label, line.count, line.days) for line in found.units} == {
            ("City management", 6, 0),
            ("别的局", 5, 0),
        }


def test_few_answers_of_a_unit_are_not_told(campaign, moderator):
    unit, other = factories.make_unit("城管局"), factories.make_unit("别的局")
    rows = accepted(ideas(campaign, 12), moderator)
    for idea in rows[:8]:
        plan(factories.referred([idea], unit, moderator), moderator)
    plan(factories.referred([rows[8]], other, moderator), moderator)
    assert figures(campaign).units == []
    third = factories.make_unit("第三局")
    for idea in accepted(ideas(campaign, 10, start=300), moderator):
        plan(factories.referred([idea], third, moderator), moderator)
    found = [(line.names[0], line.count, line.days) for line in figures(campaign).units]
    assert found == [("第三局", 10, 0), ("别的局", None, None), ("城管局", None, None)]


def test_what_is_referred_while_winners_are_chosen_is_told_after_the_release(moderator, managers):
    campaign = factories.rated_campaign(moderator, 6)
    for number, idea in enumerate(campaign.ideas.all()):
        factories.resident_of(idea).__class__.objects.filter(idea=idea).update(phone_hash=f"p{number}")
        factories.publish(idea, moderator)
    unit = factories.make_unit()
    for idea in campaign.ideas.all():
        referral = factories.referred([idea], unit, moderator, at=clock.LATER)
        plan(referral, moderator, clock.LATER)
    assert "adopted" not in counts(figures(campaign, clock.LATER).steps)
    assert figures(campaign, clock.LATER).units == []
    factories.release(campaign, managers)
    assert counts(figures(campaign, clock.LATER).steps)["adopted"] == 6
    assert [line.count for line in figures(campaign, clock.LATER).units] == [6]


# --- What most people raised -----------------------------------------------------------------------------------------


@pytest.fixture
def crossing(moderator):
    """Five people ask for lamps at one crossing, one of whom was merged; a sixth for something else."""
    campaign = factories.make_campaign(show_ideas=True)
    rows = accepted(
        ideas(campaign, 4, title="路口加装路灯", problem="岑东路口夜里很黑。", proposal="请加装路灯。"), moderator
    )
    late = factories.make_idea(campaign, phone="+8612018888888", title="路口路灯")
    merge_idea(idea=late, into=rows[1], moderator=moderator, at=clock.DURING)
    other = {
        "title": "公园建厕所",
        "problem": "公园没有厕所，游客只好去商场。",
        "proposal": "新建一座。",
        "place": "水库",
    }
    [apart] = accepted(ideas(campaign, 1, start=500, **other), moderator)
    for idea in (*rows, apart):
        factories.publish(idea, moderator)
    for idea in (*rows[1:], apart):
        DuplicateLink.objects.get_or_create(idea=rows[0], other=idea, defaults={"score": 0.9})
    return campaign


def test_similar_ideas_are_one_issue_under_the_first_published_title(crossing):
    [(idea, size)] = titled(crossing, figures(crossing), clock.DURING)
    assert (idea.pk, idea.published_title[:3], size) == (crossing.ideas.earliest("pk").pk, "公开：", 5)


def test_an_issue_of_four_people_is_none(crossing):
    Idea.objects.filter(merged_into__isnull=False).update(merged_into=None)
    assert figures(crossing).issues == []


def test_issues_are_made_of_what_everybody_may_read(crossing, moderator):
    Campaign.objects.update(show_ideas=False)
    assert figures(crossing).issues == []
    Campaign.objects.update(show_ideas=True)
    restrict_idea(idea=crossing.ideas.order_by("pk")[2], staff=moderator, at=clock.DURING, reason="线索")
    assert figures(crossing).issues == []


def test_ideas_alike_in_their_originals_only_are_not(crossing):
    for number, idea in enumerate(crossing.ideas.order_by("pk")[:4]):
        Idea.objects.filter(pk=idea.pk).update(
            published_title="甲乙丙丁"[number] * 9, published_text="戊己庚辛"[number] * 30
        )
    assert figures(crossing).issues == []


def test_the_number_of_queries_does_not_grow(crossing, moderator, django_assert_max_num_queries):
    for more in (700, 800):
        accepted(ideas(crossing, 3, start=more), moderator)
        with django_assert_max_num_queries(16):
            titled(crossing, figures(crossing), clock.DURING)
