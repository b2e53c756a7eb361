"""What a unit answers: drafted, handed in, approved, released; nothing public before, nothing written over."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from ideas.choices import AnswerKind, AnswerState, ReferralState
from ideas.errors import Lacking, NotPermitted, Refusal, Stale, WrongRole
from ideas.models import Campaign, Idea, Message, Referral, ReferralAnswer
from ideas.queries.invariants import violations
from ideas.queries.referrals import answer_in_hand, day_on_release, released_answers
from ideas.queries.tracking import story_of, whole_way
from ideas.services import answers as services
from ideas.services.closing import close
from ideas.services.referrals import ask_return, change_due, keep, reassign
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
PLAN = {"adoption": "adopted", "public": "四月底前装好两盏路灯。", "internal": "", "finish_on": date(2026, 4, 30)}
DONE = {"adoption": "", "public": "路灯已装好。", "internal": "", "finish_on": None}


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    return factories.referred([factories.make_idea(campaign)], unit, moderator)


@pytest.fixture
def officer(unit):
    return factories.officer_of(unit)


@pytest.fixture
def head(unit):
    return factories.head_of(unit)


def draft(referral, officer, words=PLAN, kind=AnswerKind.PLAN, seen="", at=AT):
    return services.save_draft(referral=referral, officer=officer, at=at, kind=kind, words=words, seen=seen)


def handed_in(referral, officer, words=PLAN, kind=AnswerKind.PLAN):
    draft(referral, officer, words, kind)
    return services.hand_in(referral=referral, officer=officer, at=AT)


def approved(referral, officer, head, words=PLAN, kind=AnswerKind.PLAN):
    handed_in(referral, officer, words, kind)
    return services.approve(referral=referral, head=head, at=AT)


def release(referral, staff, public="四月底前装好两盏路灯。", at=AT, **more):
    return services.release_answer(referral=referral, staff=staff, at=at, public=public, **more)


def state(referral):
    return Referral.objects.get(pk=referral.pk).state


def test_an_answer_goes_by_the_head_and_the_office_and_is_public_only_then(referral, officer, head, moderator):
    answer = handed_in(referral, officer)
    assert (answer.state, state(referral)) == (AnswerState.HANDED_IN, ReferralState.ACKNOWLEDGED)
    services.approve(referral=referral, head=head, at=AT)
    assert (state(referral), list(released_answers(referral))) == (ReferralState.PLANNED, [])
    release(referral, moderator)
    assert [row.public for row in released_answers(referral)] == [PLAN["public"]]
    assert list(violations()) == []


def test_who_answers_has_acknowledged(referral, officer):
    handed_in(referral, officer)
    assert [event.act for event in referral.events.all()] == ["send", "acknowledge", "hand_in"]


def test_the_day_that_the_unit_gives_runs_from_its_release(referral, officer, head, moderator):
    approved(referral, officer, head)
    assert Referral.objects.get().finish_by == date(2026, 3, 31)
    release(referral, moderator)
    assert Referral.objects.get().finish_by == date(2026, 4, 30)


def test_a_day_that_the_office_has_set_since_stays_unless_it_says_otherwise(referral, officer, head, moderator):
    approved(referral, officer, head)
    due = replace(referral.due, finish=date(2026, 4, 20))
    change_due(referral=referral, due=due, staff=moderator, at=AT + clock.BLINK, reason="须在清明前办完。")
    assert day_on_release(Referral.objects.get(), referral.answers.get()) == date(2026, 4, 20)
    release(referral, moderator, at=AT + timedelta(hours=1))
    assert (Referral.objects.get().finish_by, referral.answers.get().finish_on) == (date(2026, 4, 20),) * 2
    approved(referral, officer, head)
    release(referral, moderator, at=AT + timedelta(hours=1), finish_by=date(2026, 4, 25))
    assert (Referral.objects.get().finish_by, referral.answers.last().finish_on) == (date(2026, 4, 25),) * 2


def test_an_answer_whose_day_is_over_is_not_released_with_it(referral, officer, head, moderator):
    approved(referral, officer, head)
    may = datetime(2026, 5, 6, 9, tzinfo=clock.SHANGHAI)
    with pytest.raises(Lacking) as lacking:
        release(referral, moderator, at=may)
    assert [*lacking.value.fields] == ["finish_by"]
    release(referral, moderator, at=may, finish_by=date(2026, 5, 20))
    assert Referral.objects.get().finish_by == date(2026, 5, 20)


def test_what_is_not_adopted_is_closed_when_its_reason_is_released(referral, officer, head, moderator):
    words = {**PLAN, "adoption": "not_adopted", "public": "该路段不属本区管理。", "finish_on": None}
    approved(referral, officer, head, words)
    release(referral, moderator, words["public"])
    assert state(referral) == ReferralState.CLOSED


@pytest.mark.parametrize(
    ("words", "kind", "lacks"),
    [
        ({**PLAN, "public": ""}, AnswerKind.PLAN, ["public"]),
        ({**PLAN, "finish_on": date(2026, 3, 22)}, AnswerKind.PLAN, ["finish_on"]),
        ({"adoption": "", "public": "", "internal": "", "finish_on": None}, AnswerKind.PLAN, ["adoption", "public"]),
        ({**DONE, "public": " "}, AnswerKind.DONE, ["public"]),
    ],
)
def test_what_an_answer_lacks_is_said_at_its_fields_and_nothing_is_lost(referral, officer, words, kind, lacks):
    draft(referral, officer, words, kind)
    with pytest.raises(services.Lacking) as lacking:
        services.hand_in(referral=referral, officer=officer, at=AT)
    assert ([*lacking.value.fields], state(referral)) == (lacks, ReferralState.SENT)
    assert answer_in_hand(referral).state == AnswerState.DRAFT


def test_two_officers_who_write_at_once_write_nothing_over(referral, officer, unit):
    first = draft(referral, officer)
    seen = services.name_of(first)
    draft(referral, officer, {**PLAN, "public": "五月底前装好。"}, seen=seen, at=AT + timedelta(minutes=1))
    with pytest.raises(Stale):
        draft(referral, officer, {**PLAN, "public": "六月底前装好。"}, seen=seen, at=AT + timedelta(minutes=2))
    assert answer_in_hand(referral).public == "五月底前装好。"


def test_what_the_head_reads_is_not_changed_under_his_eyes(referral, officer):
    answer = handed_in(referral, officer)
    with pytest.raises(Refusal):
        draft(referral, officer, seen=services.name_of(answer))


def test_only_the_head_approves(referral, officer, moderator):
    handed_in(referral, officer)
    for person in (officer, moderator, factories.head_of(factories.make_unit())):
        with pytest.raises(NotPermitted):
            services.approve(referral=referral, head=person, at=AT)


def test_where_one_person_is_both_it_leaves_the_unit_at_once(referral, officer, unit):
    unit.one_person = True
    unit.save()
    assert handed_in(referral, officer).state == AnswerState.APPROVED


def test_what_the_head_passes_back_is_a_draft_with_his_words(referral, officer, head):
    handed_in(referral, officer)
    services.pass_back(referral=referral, person=head, at=AT, words="请写明地点。")
    answer = answer_in_hand(referral)
    assert (answer.state, answer.passed_back) == (AnswerState.DRAFT, "请写明地点。")
    services.hand_in(referral=referral, officer=officer, at=AT)
    assert answer_in_hand(referral).passed_back == ""


def test_only_the_office_releases(referral, officer, head):
    approved(referral, officer, head)
    for person in (officer, head):
        with pytest.raises(WrongRole):
            release(referral, person)


def test_the_office_may_put_it_more_plainly(referral, officer, head, moderator):
    approved(referral, officer, head)
    release(referral, moderator, "四月底前，那里会亮起两盏灯。")
    assert ReferralAnswer.objects.get().public == "四月底前，那里会亮起两盏灯。"
    assert referral.events.last().detail["changed"] is True


def test_a_later_answer_takes_the_place_of_one_that_waits(referral, officer, head, moderator):
    approved(referral, officer, head)
    approved(referral, officer, head, {**PLAN, "public": "五月底前装好。"})
    release(referral, moderator, "五月底前装好。")
    assert [row.state for row in referral.answers.all()] == [AnswerState.REPLACED, AnswerState.RELEASED]


def test_the_reply_to_a_letter_is_typed_in_by_the_office(campaign, moderator):
    bureau = factories.make_unit("市公交集团", by_letter=True)
    referral = factories.referred([factories.make_idea(campaign)], bureau, moderator)
    services.take_reply(referral=referral, staff=moderator, at=AT, words={**PLAN, "kind": "plan"})
    assert (state(referral), ReferralAnswer.objects.get().state) == (ReferralState.PLANNED, AnswerState.APPROVED)
    assert list(violations()) == []


def told(template="answered"):
    return sorted(Message.objects.filter(template=template).values_list("idea__receipt", flat=True))


def test_proposer_and_co_proposer_are_told_once_when_it_is_released(referral, officer, head, moderator, campaign):
    leader = referral.places.get().idea
    follower = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    merge_idea(idea=follower, into=leader, moderator=moderator, at=clock.DURING + clock.BLINK)
    approved(referral, officer, head)
    assert told() == []
    release(referral, moderator)
    assert told() == sorted([leader.receipt, follower.receipt])


def test_who_is_erased_is_told_nothing(referral, officer, head, moderator):
    idea = referral.places.get().idea
    erase_person(idea=idea, at=AT, expected_version=story_of(idea, AT).version)
    approved(referral, officer, head)
    release(referral, moderator)
    assert told() == []


def story(referral, at=AT):
    idea = Idea.objects.get(pk=referral.places.get().idea_id)
    steps, to_come = whole_way(idea, story_of(idea, at), today=at.date())
    return [step.title for step in steps][2:], [(step.on, step.title) for step in to_come]


def test_the_resident_reads_what_unit_and_office_have_released_and_what_is_to_come(referral, officer, head, moderator):
    to_come = [(date(2026, 3, 25), "城管局答复"), (date(2026, 3, 31), "办结")]
    assert story(referral) == (["已交城管局办理"], to_come)
    approved(referral, officer, head)
    assert story(referral) == (["已交城管局办理", "城管局已签收"], to_come[1:])
    release(referral, moderator)
    assert story(referral)[0][2:] == ["城管局答复：采纳"]
    assert story(referral)[1] == [(date(2026, 4, 30), "办结")]
    approved(referral, officer, head, DONE, AnswerKind.DONE)
    release(referral, moderator, DONE["public"])
    later = AT + timedelta(hours=1)
    close(referral=referral, staff=moderator, at=later, reason="照片清楚。")
    assert (story(referral)[0][3:], story(referral)[1]) == (["城管局报告已办完", "主办方确认办结"], [])


def test_inner_acts_are_told_to_nobody_outside(referral, officer, moderator):
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    keep(referral=referral, staff=moderator, at=AT, words="请办理。")
    assert story(referral)[0] == ["已交城管局办理"]


def test_what_is_referred_while_the_winners_are_chosen_tells_nothing_before_the_release(
    campaign, unit, moderator, officer, head
):
    idea = factories.make_idea(campaign)
    referral = factories.referred([idea], unit, moderator, at=clock.LATER)
    approved(referral, officer, head, {**PLAN, "finish_on": date(2026, 6, 1)})
    release(referral, moderator)
    assert (told(), story(referral, clock.LATER)) == ([], ([], []))
    Campaign.objects.filter(pk=campaign.pk).update(released_at=clock.LATER)
    assert "已交城管局办理" in story(referral, clock.LATER)[0]


def test_a_restricted_idea_tells_its_resident_nothing_of_a_unit(referral, moderator):
    restrict_idea(idea=referral.places.get().idea, staff=moderator, at=AT, reason="线索")
    assert story(referral) == ([], [])


@pytest.mark.parametrize("step", [draft, handed_in])
def test_what_one_unit_had_begun_to_say_is_not_on_the_desk_of_the_next(referral, officer, moderator, step):
    step(referral, officer)
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    other = factories.make_unit("交警大队")
    reassign(referral=referral, unit=other, staff=moderator, at=AT, words="请办理。")
    assert answer_in_hand(referral) is None
    draft(Referral.objects.get(), factories.officer_of(other))
    assert (answer_in_hand(referral).unit, list(violations())) == (other, [])


def test_what_one_unit_had_sent_off_is_not_released_for_the_next(referral, officer, head, moderator):
    approved(referral, officer, head)
    ask_return(referral=referral, officer=officer, at=AT, reason="不属本单位。")
    reassign(referral=referral, unit=factories.make_unit(), staff=moderator, at=AT, words="请办理。")
    with pytest.raises(Refusal):
        release(referral, moderator)


def test_what_is_done_before_an_answer_was_due_breaks_nothing(referral, officer, head, moderator):
    approved(referral, officer, head, {**PLAN, "finish_on": AT.date()})
    release(referral, moderator)
    assert (Referral.objects.get().finish_by < Referral.objects.get().answer_by, list(violations())) == (True, [])


def test_a_report_that_it_is_done_closes_nothing_by_what_was_chosen_for_a_plan(referral, officer, head, moderator):
    left_over = {**DONE, "adoption": "not_adopted", "finish_on": AT.date()}
    approved(referral, officer, head, left_over, AnswerKind.DONE)
    release(referral, moderator, DONE["public"])
    assert (state(referral), Referral.objects.get().finish_by) == (ReferralState.DONE, date(2026, 3, 31))
