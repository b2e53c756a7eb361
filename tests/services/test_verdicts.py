"""Residents say whether it is solved; what is not goes back once; nothing of a person stays in the trail."""

import json
from datetime import date, datetime, timedelta

import pytest

from ideas.choices import ReferralAct, ReferralState, Satisfaction
from ideas.errors import Lacking, Refusal, Stale, WrongRole
from ideas.exports.tracking import _data
from ideas.models import Idea, Message, Referral, ReferralEvent, ResidentVerdict, Unit, User
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of, whole_way
from ideas.queries.verdicts import ideas_to_ask, verdict_figures, verdicts_for_unit
from ideas.rules.tracking import Act
from ideas.rules.verdicts import Said
from ideas.services import verdicts as services
from ideas.services.answers import approve, hand_in, save_draft
from ideas.services.closing import close
from ideas.services.referrals import recall
from ideas.services.reopening import reopen
from ideas.services.restricted import restrict_idea
from ideas.services.screening import merge_idea
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
LATER = AT + timedelta(days=1)
SOLVED = Said(Satisfaction.SATISFIED, True)
NOT_SOLVED = Said(Satisfaction.NOT, False, "夜里还是不亮，我是林小满，电话12012345678。")


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def idea(campaign):
    return factories.make_idea(campaign, name="林小满", phone="+8612012345678")


@pytest.fixture
def referral(idea, unit, moderator):
    """Reported done and closed."""
    referral = factories.referred([idea], unit, moderator)
    factories.reported(referral, AT)
    factories.closed(referral, moderator, AT)
    return Referral.objects.get()


def give(idea, said=NOT_SOLVED, at=LATER, **seen):
    idea = Idea.objects.select_related("campaign").get(pk=idea.pk)
    story = story_of(idea, at)
    shown = {"closing": story.to_judge.closing_id if story.to_judge else 0, "expected_version": story.version}
    services.give_verdict(idea=idea, said=said, at=at, **{**shown, **seen})


def state():
    return Referral.objects.get().state


def closed_again(referral, moderator, at=LATER):
    factories.reported(Referral.objects.get(pk=referral.pk), at)
    factories.closed(referral, moderator, at)


def test_a_verdict_is_kept_once_for_each_closing(idea, referral):
    give(idea, SOLVED)
    verdict = ResidentVerdict.objects.get()
    assert (verdict.satisfaction, verdict.is_solved, verdict.closing, verdict.reopening) == (
        "satisfied", True, referral.events.get(act="close"), None,
    )  # fmt: skip
    assert (state(), Act.VERDICT in story_of(idea, LATER).acts, list(violations())) == ("closed", False, [])


def test_the_same_posted_twice_is_one_and_another_one_is_refused(idea, referral):
    closing = story_of(idea, LATER).to_judge.closing_id
    give(idea, SOLVED)
    give(idea, SOLVED, closing=closing)
    with pytest.raises(Refusal):
        give(idea, NOT_SOLVED, closing=closing)
    assert (ResidentVerdict.objects.count(), state()) == (1, ReferralState.CLOSED)


def test_what_is_not_solved_goes_back_with_a_new_day_and_the_head_is_told(idea, referral, unit):
    User.objects.filter(pk=factories.head_of(unit).pk).update(email="head@example.com")
    give(idea)
    row, event = Referral.objects.get(), ReferralEvent.objects.get(act=ReferralAct.REOPEN)
    # said on a Tuesday: seven working days
    assert (row.state, row.finish_by, row.closed_at, row.done_at) == ("planned", date(2026, 4, 2), None, None)
    assert (event.actor, event.words, event.detail) == (
        None, "", {"place": idea.receipt, "after": ["2026-04-02"]},
    )  # fmt: skip
    assert ResidentVerdict.objects.get().reopening == event
    told = Message.objects.get(template="reopened").payload
    assert (told["address"], "林小满" in json.dumps(told, ensure_ascii=False)) == ("head@example.com", False)
    assert list(violations()) == []


def test_it_goes_back_once_and_then_the_office_decides(idea, referral, moderator):
    give(idea)
    closed_again(referral, moderator)
    give(idea, at=LATER + timedelta(hours=1))
    assert (state(), ResidentVerdict.objects.count()) == (ReferralState.CLOSED, 2)
    reopen(referral=referral, staff=moderator, at=LATER, finish_by=date(2026, 4, 10), words="回访属实，请返工。")
    row = Referral.objects.get()
    assert (row.state, row.finish_by, list(violations())) == ("planned", date(2026, 4, 10), [])


def test_a_photo_of_the_first_work_is_none_of_the_second(idea, referral, unit, moderator):
    place = referral.places.get()
    give(idea)
    officer = factories.officer_of(unit)
    factories.reported(Referral.objects.get(), LATER)
    factories.released(Referral.objects.get(), moderator, LATER)
    factories.photo_of_place(place, officer, at=AT)
    look = {"looked_on": LATER.date(), "looked_by": "周某", "found": "已亮。"}
    with pytest.raises(Lacking):
        close(referral=referral, staff=moderator, at=LATER, **look)
    factories.photo_of_place(place, officer, at=LATER)
    close(referral=referral, staff=moderator, at=LATER, **look)


def test_what_was_not_adopted_is_not_asked_about(campaign, unit, moderator):
    idea = factories.make_idea(campaign)
    referral = factories.referred([idea], unit, moderator)
    words = {"adoption": "not_adopted", "public": "不属本区。", "internal": "", "finish_on": None}
    officer = factories.officer_of(unit)
    save_draft(referral=referral, officer=officer, at=AT, kind="plan", words=words)
    hand_in(referral=referral, officer=officer, at=AT)
    approve(referral=referral, head=factories.head_of(unit), at=AT)
    factories.released(referral, moderator, AT)
    row = Idea.objects.get(pk=idea.pk)
    assert (story_of(row, LATER).to_judge, ideas_to_ask(referral, LATER)) == (None, [])
    steps = [step.title for step in whole_way(row, story_of(row, LATER), today=LATER.date())[0]]
    assert steps[-2:] == ["城管局答复：未采纳", "主办方确认办结"]


def test_words_are_needed_where_it_is_not_solved(idea, referral):
    with pytest.raises(Lacking) as lacking:
        give(idea, Said(Satisfaction.NOT, False, "  "))
    assert ([*lacking.value.fields], ResidentVerdict.objects.count()) == (["words"], 0)


def test_a_page_of_an_earlier_closing_judges_nothing(idea, referral, moderator):
    closing = story_of(idea, LATER).to_judge.closing_id
    reopen(referral=referral, staff=moderator, at=LATER, finish_by=LATER.date(), words="返工。")
    with pytest.raises(Refusal):
        give(idea, closing=closing)
    closed_again(referral, moderator)
    with pytest.raises(Stale):
        give(idea, closing=closing)


def test_it_is_taken_for_thirty_days(idea, referral):
    assert Act.VERDICT in story_of(idea, AT + timedelta(days=30)).acts
    with pytest.raises(Refusal):
        give(idea, SOLVED, at=AT + timedelta(days=31))


def test_proposer_and_co_proposer_say_one_each_and_are_told_once(idea, campaign, unit, moderator):
    factories.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    follower = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    merge_idea(idea=follower, into=idea, moderator=moderator, at=clock.DURING + clock.BLINK)
    referral = factories.referred([Idea.objects.get(pk=idea.pk)], unit, moderator)
    factories.reported(referral, AT)
    factories.closed(referral, moderator, AT)
    told = Message.objects.filter(template="closed").values_list("idea__receipt", flat=True)
    assert sorted(told) == sorted([idea.receipt, follower.receipt])
    for one in (follower, idea):
        give(one, SOLVED)
    assert ResidentVerdict.objects.count() == 2


def test_nobody_judges_a_restricted_idea(idea, referral, moderator):
    restrict_idea(idea=Idea.objects.get(pk=idea.pk), staff=moderator, at=LATER, reason="线索")
    with pytest.raises(Refusal):
        give(idea, SOLVED)
    assert list(verdict_figures()) == []


def test_what_another_unit_has_by_now_does_not_go_back(idea, referral, moderator):
    factories.referred([Idea.objects.get(pk=idea.pk)], factories.make_unit("交警大队"), moderator, at=AT)
    give(idea)
    assert (ResidentVerdict.objects.get().reopening, list(violations())) == (None, [])


def test_what_nobody_of_the_unit_can_work_at_does_not_go_back(idea, referral, unit, moderator):
    Unit.objects.filter(pk=unit.pk).update(is_active=False)
    give(idea)
    assert state() == ReferralState.CLOSED
    with pytest.raises(Refusal):
        reopen(referral=referral, staff=moderator, at=LATER, finish_by=LATER.date(), words="返工。")


def test_of_several_places_the_one_that_is_not_solved_goes_back(campaign, unit, moderator):
    first, second = (factories.make_idea(campaign) for _ in range(2))
    referral = factories.referred([first, second], unit, moderator)
    factories.reported(referral, AT)
    for place in referral.places.all():
        factories.closed(referral, moderator, AT, place)
    give(second)
    assert [bool(place.closing_id) for place in referral.places.all()] == [True, False]
    assert (state(), list(violations())) == (ReferralState.PLANNED, [])
    give(first)
    assert [bool(place.closing_id) for place in referral.places.all()] == [False, False]
    assert (state(), list(violations())) == (ReferralState.PLANNED, [])


def test_the_office_types_in_what_it_heard(idea, referral, moderator):
    call = {"referral": referral, "idea": idea, "staff": moderator, "at": LATER}
    with pytest.raises(Lacking):
        services.note_verdict(**call, said=SOLVED, heard_on=date(2026, 3, 22))
    services.note_verdict(**call, said=SOLVED, heard_on=AT.date())
    verdict = ResidentVerdict.objects.get()
    assert (verdict.entered_by, verdict.heard_on) == (moderator, AT.date())
    for refused in (lambda: services.note_verdict(**call, said=SOLVED, heard_on=AT.date()), lambda: give(idea)):
        with pytest.raises(Refusal):
            refused()


def test_only_the_office_types_in_and_takes_up_again(idea, referral, unit):
    head = factories.head_of(unit)
    with pytest.raises(WrongRole):
        services.note_verdict(referral=referral, idea=idea, staff=head, at=LATER, said=SOLVED, heard_on=LATER.date())
    with pytest.raises(WrongRole):
        reopen(referral=referral, staff=head, at=LATER, finish_by=LATER.date(), words="返工。")


def test_a_unit_reads_the_words_without_the_person_and_the_trail_has_none(idea, referral):
    give(idea)
    words = verdicts_for_unit(Referral.objects.get())[0].words
    assert ("夜里还是不亮" in words, "林小满" in words, "12012345678" in words) == (True, False, False)
    assert "夜里" not in json.dumps([event.sealed_facts() for event in referral.events.all()], ensure_ascii=False)


def test_the_words_go_with_the_person_and_the_figures_stay(idea, referral):
    give(idea)
    erase_person(idea=idea, at=LATER, expected_version=story_of(idea, LATER).version)
    verdict = ResidentVerdict.objects.get()
    assert (verdict.words, verdict.is_solved, list(violations())) == ("", False, [])
    assert Act.VERDICT not in story_of(idea, LATER).acts


def test_a_resident_reads_and_takes_away_the_own_verdict(idea, referral):
    give(idea)
    steps = {step.title: step.words for step in whole_way(idea, story_of(idea, LATER), today=LATER.date())[0]}
    assert steps["您的评价：不满意，未解决"] == NOT_SOLVED.words
    assert [*steps][-2:] == ["您的评价：不满意，未解决", "城管局重新办理"]
    assert [row["words"] for row in _data(idea, LATER)["verdicts"]] == [NOT_SOLVED.words]


def test_what_stands_is_counted_by_unit_in_one_query(
    idea, referral, unit, campaign, moderator, django_assert_num_queries
):
    other = factories.referred([factories.make_idea(campaign)], unit, moderator)
    factories.reported(other, AT)
    factories.closed(other, moderator, AT)
    give(other.places.get().idea, Said(Satisfaction.MOSTLY, True))
    give(idea)  # and goes back: what was said of it does not stand any more
    with django_assert_num_queries(1):
        rows = list(verdict_figures())
    figures = {"given": 1, "satisfied": 0, "mostly": 1, "not_satisfied": 0, "solved": 1, "went_back": 1}
    assert rows == [{"closing__unit": unit.pk, **figures}]
    assert [row["given"] for row in verdict_figures(["closing__referral__campaign"])] == [1]


def test_what_was_recalled_in_part_is_judged_and_does_not_go_back(campaign, unit, moderator):
    referral = factories.referred([factories.make_idea(campaign) for _ in range(2)], unit, moderator)
    first = referral.places.first()
    factories.reported(referral, AT, [first])
    factories.closed(referral, moderator, AT, first)
    recall(referral=referral, staff=moderator, at=AT, reason="其余不办。")
    give(first.idea)
    assert (state(), ResidentVerdict.objects.get().reopening) == (ReferralState.RECALLED, None)
