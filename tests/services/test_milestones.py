"""Milestones of a referral: planned, approved, released, reported done; nothing of one public before its release."""

from datetime import date, datetime, timedelta

import pytest

from ideas.choices import AnswerKind, MilestoneState, PhotoStage, ReferralAct
from ideas.errors import NotPermitted, Refusal, Stale, WrongRole
from ideas.models import Idea, Message, Milestone, Referral
from ideas.queries.campaigns import next_moment
from ideas.queries.invariants import violations
from ideas.queries.tracking import share_of, way_at_units
from ideas.services import answers
from ideas.services import milestones as services
from ideas.services.photos import release_photo
from ideas.services.referral_photos import add_photos
from ideas.services.referrals import acknowledge, ask_return, reassign
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
TODAY, PLANNED, LATE = AT.date(), date(2026, 4, 10), date(2026, 4, 11)
PLAN = {"adoption": "adopted", "public": "四月底前装好。", "internal": "", "finish_on": date(2026, 4, 30)}


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


@pytest.fixture
def head(unit):
    return factories.head_of(unit)


@pytest.fixture
def referral(campaign, unit, moderator, officer):
    row = factories.referred([factories.make_idea(campaign)], unit, moderator)
    acknowledge(referral=row, officer=officer, at=AT)
    return row


@pytest.fixture
def idea(referral):
    return referral.places.get().idea


def plan(referral, officer, day=PLANNED, words="灯杆基础完工", **given):
    return services.plan_milestone(referral=referral, officer=officer, at=AT, planned_on=day, words=words, **given)


def released(referral, officer, head, staff, **given):
    row = plan(referral, officer, **given)
    services.approve_milestones(referral=referral, head=head, at=AT)
    services.release_milestones(referral=referral, staff=staff, at=AT)
    return row


def done(row, officer, head, staff, day=TODAY, words="两处基础已浇筑。"):
    services.report_milestone(milestone=row, officer=officer, at=AT, done_on=day, words=words)
    services.approve_milestones(referral=row.referral, head=head, at=AT)
    services.release_milestones(referral=row.referral, staff=staff, at=AT)


def state(row):
    return Milestone.objects.get(pk=row.pk).state


def way(idea, today=TODAY):
    """What everybody reads of the milestones: (done, to come, late)."""
    steps, to_come = way_at_units(idea, today=today)
    return (
        [(step.on, step.words) for step in steps if step.on],
        [(step.on, step.words) for step in to_come if step.words],
        [step.words for step in to_come if step.is_late],
    )


def told():
    return sorted(Message.objects.filter(template="milestone").values_list("idea__receipt", flat=True))


def test_a_milestone_goes_by_the_head_and_the_office_and_is_public_only_then(referral, officer, head, moderator, idea):
    row = plan(referral, officer)
    seen = [(state(row), way(idea)[1])]
    services.approve_milestones(referral=referral, head=head, at=AT)
    seen.append((state(row), way(idea)[1]))
    services.release_milestones(referral=referral, staff=moderator, at=AT)
    assert seen == [("proposed", []), ("approved", [])]
    assert (state(row), way(idea)[1]) == ("released", [(PLANNED, "灯杆基础完工")])
    assert list(violations()) == []


def test_that_it_is_done_is_public_only_when_it_is_released_too(referral, officer, head, moderator, idea):
    row = released(referral, officer, head, moderator)
    services.report_milestone(milestone=row, officer=officer, at=AT, done_on=TODAY, words="两处基础已浇筑。")
    to_come = [(PLANNED, "灯杆基础完工")]
    seen = [way(idea)]
    services.approve_milestones(referral=referral, head=head, at=AT)
    seen.append(way(idea))
    services.release_milestones(referral=referral, staff=moderator, at=AT)
    assert seen == [([], to_come, [])] * 2
    assert (way(idea), list(violations())) == (([(TODAY, "两处基础已浇筑。")], [], []), [])


def test_a_late_one_marks_itself(referral, officer, head, moderator, idea):
    released(referral, officer, head, moderator)
    assert [way(idea, today)[2] for today in (PLANNED, LATE)] == [[], ["灯杆基础完工"]]


def test_a_day_that_is_over_is_refused(referral, officer):
    with pytest.raises(services.WrongDay) as refusal:
        plan(referral, officer, day=date(2026, 3, 22))
    assert ("2026-03-22" in str(refusal.value), Milestone.objects.count()) == (True, 0)
    assert plan(referral, officer, day=TODAY)


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 24)])
def test_it_is_done_between_the_sending_and_today(referral, officer, head, moderator, day):
    row = released(referral, officer, head, moderator)
    with pytest.raises(services.WrongDay):
        services.report_milestone(milestone=row, officer=officer, at=AT, done_on=day)
    assert state(row) == MilestoneState.RELEASED


def test_only_what_is_released_is_reported_done(referral, officer):
    with pytest.raises(Refusal):
        services.report_milestone(milestone=plan(referral, officer), officer=officer, at=AT, done_on=TODAY)


def test_one_says_what_will_be_done_and_there_are_so_many(referral, officer, monkeypatch):
    with pytest.raises(Refusal):
        plan(referral, officer, words="  ")
    monkeypatch.setattr(services, "MOST", 1)
    plan(referral, officer)
    with pytest.raises(Refusal):
        plan(referral, officer)
    assert Milestone.objects.count() == 1


def test_each_step_is_for_its_own_people(referral, officer, head, moderator):
    stranger = factories.officer_of(factories.make_unit())
    row = plan(referral, officer)
    with pytest.raises(NotPermitted):
        plan(referral, stranger)
    with pytest.raises(NotPermitted):
        services.approve_milestones(referral=referral, head=officer, at=AT)
    with pytest.raises(NotPermitted):
        services.take_back_milestone(milestone=row, person=stranger, at=AT, reason="误填")
    services.approve_milestones(referral=referral, head=head, at=AT)
    with pytest.raises(WrongRole):
        services.release_milestones(referral=referral, staff=head, at=AT)
    with pytest.raises(WrongRole):
        services.take_back_milestone(milestone=row, person=head, at=AT, reason="误填")
    assert state(row) == MilestoneState.APPROVED


def test_an_outdated_page_does_nothing(referral, officer):
    with pytest.raises(Stale):
        plan(referral, officer, expected_version=1)
    assert Milestone.objects.count() == 0


def test_what_nobody_waits_for_is_not_released(referral, head, moderator):
    with pytest.raises(Refusal):
        services.approve_milestones(referral=referral, head=head, at=AT)
    with pytest.raises(Refusal):
        services.release_milestones(referral=referral, staff=moderator, at=AT)


def test_where_one_person_is_both_it_leaves_the_unit_at_once(referral, head):
    assert state(plan(referral, head)) == MilestoneState.APPROVED
    assert referral.events.latest("number").act == ReferralAct.PASS_STEP


def test_the_release_of_the_answer_releases_the_plan_with_it_and_tells_once(referral, officer, head, moderator, idea):
    plan(referral, officer)
    words = {"referral": referral, "officer": officer, "at": AT, "kind": AnswerKind.PLAN, "words": PLAN, "seen": ""}
    answers.save_draft(**words)
    answers.hand_in(referral=referral, officer=officer, at=AT)
    answers.approve(referral=referral, head=head, at=AT)
    assert way(idea)[1] == []
    answers.release_answer(referral=referral, staff=moderator, at=AT, public=PLAN["public"])
    assert (way(idea)[1], told()) == ([(PLANNED, "灯杆基础完工")], [])
    assert (Message.objects.filter(template="answered").count() > 0, list(violations())) == (True, [])


def test_proposer_and_co_proposer_are_told_once_of_all_that_is_released(referral, officer, head, moderator, campaign):
    leader = referral.places.get().idea
    follower = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    merge_idea(idea=follower, into=leader, moderator=moderator, at=clock.DURING + clock.BLINK)
    plan(referral, officer, words="装灯")
    plan(referral, officer)
    services.approve_milestones(referral=referral, head=head, at=AT)
    assert told() == []
    services.release_milestones(referral=referral, staff=moderator, at=AT)
    media = Message.objects.filter(template="milestone").values("medium").distinct().count()
    assert told() == sorted([leader.receipt, follower.receipt] * media)


def test_what_is_taken_back_is_public_no_more_and_a_report_leaves_it_to_come(referral, officer, head, moderator, idea):
    row = released(referral, officer, head, moderator)
    services.report_milestone(milestone=row, officer=officer, at=AT, done_on=TODAY)
    services.take_back_milestone(milestone=row, person=officer, at=AT, reason="还差一处。")
    assert (state(row), way(idea)[1]) == ("released", [(PLANNED, "灯杆基础完工")])
    services.take_back_milestone(milestone=row, person=moderator, at=AT, reason="日期有误。")
    assert (state(row), way(idea)[1], list(violations())) == ("dropped", [], [])


def test_what_is_done_and_public_stays(referral, officer, head, moderator):
    row = released(referral, officer, head, moderator)
    done(row, officer, head, moderator)
    with pytest.raises(Refusal):
        services.take_back_milestone(milestone=row, person=moderator, at=AT, reason="误")
    assert state(row) == MilestoneState.DONE


def test_the_share_counts_public_ones_only(referral, officer, head, moderator, idea):
    rows = [released(referral, officer, head, moderator, words=words) for words in ("甲", "乙", "丙")]
    done(rows[0], officer, head, moderator)
    plan(referral, officer, words="丁")
    share = share_of(*way_at_units(idea, today=TODAY))
    assert (share.done, share.planned, share.percentage) == (1, 3, 33)


def test_another_unit_makes_a_plan_of_its_own(referral, officer, head, moderator, idea):
    rows = [released(referral, officer, head, moderator, words=words) for words in ("甲", "乙")]
    done(rows[0], officer, head, moderator)
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    reassign(referral=referral, unit=factories.make_unit(), staff=moderator, at=AT, words="请办理。")
    found, to_come, _late = way(idea)
    assert ([state(row) for row in rows], len(found), to_come) == (["done", "dropped"], 1, [])
    assert list(violations()) == []


def test_nothing_is_to_come_while_the_office_decides_on_a_return(referral, officer, head, moderator, idea):
    released(referral, officer, head, moderator)
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    assert way(idea)[1] == []


def test_of_a_restricted_idea_nobody_reads_a_milestone(referral, officer, head, moderator, idea):
    released(referral, officer, head, moderator)
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="线索")
    row = Idea.objects.get(pk=idea.pk)
    assert way(row) == ([], [], [])


def test_a_photo_of_a_milestone_stands_with_it_when_both_are_released(referral, officer, head, moderator, idea):
    row = released(referral, officer, head, moderator)
    about = {"place": referral.places.get(), "stage": PhotoStage.DURING, "milestone": row}
    [photo] = add_photos(**about, pictures=[factories.picture()], person=officer, at=AT)
    done(row, officer, head, moderator)
    seen = [photos_of(idea)]
    release_photo(photo=photo, editor=moderator, at=AT, shown=True)
    assert (seen, photos_of(idea)) == ([[]], [photo])


def photos_of(idea):
    return [photo for step in way_at_units(idea, today=TODAY)[0] for photo in step.photos]


def test_a_page_for_everybody_ends_when_a_milestone_becomes_late(referral, officer, head, moderator):
    after_all = datetime(2027, 1, 1, tzinfo=clock.SHANGHAI)
    assert next_moment(after_all) is None
    released(referral, officer, head, moderator, day=date(2027, 1, 5))
    assert next_moment(after_all) == datetime(2027, 1, 6, tzinfo=clock.SHANGHAI)
    assert next_moment(after_all + timedelta(days=5)) is None


def test_the_way_asks_as_much_for_ten_milestones_as_for_one(
    referral, officer, head, moderator, idea, django_assert_num_queries
):
    released(referral, officer, head, moderator)
    with django_assert_num_queries(7):
        way(idea)
    for number in range(9):
        released(referral, officer, head, moderator, words=f"第{number}处")
    with django_assert_num_queries(7):
        way(idea)
    assert Referral.objects.get().milestones.count() == 10
