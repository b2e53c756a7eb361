"""The rulebook of a referral: its moves, its days, what an answer cannot do without."""

from datetime import date

import pytest

from ideas.choices import ReferralAct as A
from ideas.choices import ReferralState as S
from ideas.rules.referrals import (
    BACK,
    MOVES,
    OPEN,
    WITH_UNIT,
    Days,
    Due,
    Look,
    is_overdue,
    next_state,
    possible_acts,
    shown_number,
    what_lacks_to_close,
)
from ideas.rules.referrals import what_lacks as lacks

DUE = Due(date(2026, 12, 2), date(2026, 12, 4), date(2026, 12, 10))
TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    "way",
    [
        [(A.SEND, S.SENT), (A.ACKNOWLEDGE, S.ACKNOWLEDGED), (A.HAND_IN, S.ACKNOWLEDGED), (A.PLAN, S.PLANNED)],
        [(A.SEND, S.SENT), (A.ASK_RETURN, S.RETURNED), (A.REASSIGN, S.SENT), (A.ACKNOWLEDGE, S.ACKNOWLEDGED)],
        [(A.SEND, S.SENT), (A.ACKNOWLEDGE, S.ACKNOWLEDGED), (A.REPORT, S.DONE), (A.NOT_YET, S.PLANNED)],
        [(A.SEND, S.SENT), (A.ACKNOWLEDGE, S.ACKNOWLEDGED), (A.REPORT, S.DONE), (A.CLOSE, S.CLOSED)],
        [(A.SEND, S.SENT), (A.RECALL, S.RECALLED)],
    ],
)
def test_a_referral_goes_its_way(way):
    state = None
    for act, after in way:
        state = next_state(state, act)
        assert state == after


def test_what_the_office_keeps_with_the_unit_goes_on_where_it_stood():
    assert [next_state(S.RETURNED, A.KEEP, state) for state in sorted(WITH_UNIT)] == sorted(WITH_UNIT)


def test_what_was_recalled_with_its_last_idea_goes_on_where_it_stood_when_that_is_given_back():
    states = sorted(OPEN - {S.ASKED})  # a question has ended with the recall
    assert [next_state(S.RECALLED, A.PUT_BACK, state) for state in states] == states
    lost = (None, S.ASKED, S.CLOSED, S.RECALLED)
    assert [next_state(S.RECALLED, A.PUT_BACK, state) for state in lost] == [None] * 4


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_idea_that_comes_or_goes_leaves_the_state_alone(state):
    assert [next_state(state, act) for act in (A.TAKE_OFF, A.PUT_BACK)] == [state] * 2
    assert next_state(state, A.ADD) == (None if state == S.DONE else state)
    assert not possible_acts(state) & {A.TAKE_OFF, A.PUT_BACK, A.ADD}  # no page offers them


@pytest.mark.parametrize("kept_from", [None, S.DONE, S.CLOSED, S.RETURNED])
def test_it_is_kept_nowhere_else(kept_from):
    assert next_state(S.RETURNED, A.KEEP, kept_from) is None


def test_nothing_is_kept_that_was_not_to_be_returned():
    assert [next_state(state, A.KEEP, S.SENT) for state in S if state != S.RETURNED] == [None] * (len(S) - 1)


@pytest.mark.parametrize("act", [A.REPLY, A.LAPSE, A.SETTLE])
def test_what_waited_for_the_resident_goes_on_where_it_stood(act):
    assert [next_state(state, A.PASS_ON) for state in (S.ACKNOWLEDGED, S.PLANNED)] == [S.ASKED, S.ASKED]
    assert [next_state(S.ASKED, act, state) for state in (S.ACKNOWLEDGED, S.PLANNED)] == [S.ACKNOWLEDGED, S.PLANNED]
    assert next_state(S.ASKED, act, None) is None


@pytest.mark.parametrize(("state", "acts"), [(S.CLOSED, {A.REOPEN}), (S.RECALLED, set())])
def test_what_has_ended_can_only_be_taken_up_again_and_what_is_recalled_not_even_that(state, acts):
    assert possible_acts(state) == acts


def test_what_is_taken_up_again_is_the_units_turn_and_leaves_others_where_they_stand():
    assert {state: next_state(state, A.REOPEN) for state in (S.CLOSED, S.DONE)} == {
        S.CLOSED: S.PLANNED, S.DONE: S.PLANNED,
    }  # fmt: skip
    assert [next_state(state, A.REOPEN) for state in sorted(OPEN - {S.DONE})] == sorted(OPEN - {S.DONE})


@pytest.mark.parametrize("state", sorted(OPEN))
def test_whatever_is_open_can_end(state):
    reached = {state} | (WITH_UNIT if state in BACK else set())  # what is put aside goes on where it stood
    found = reached
    while found:
        found = {after for (before, _act), after in MOVES.items() if before in reached} - reached
        reached |= found
    assert {S.CLOSED, S.RECALLED} <= reached


def test_the_day_that_runs_is_the_next_steps():
    assert [DUE.of(state) for state in (S.SENT, S.ACKNOWLEDGED, S.PLANNED)] == [DUE.acknowledge, DUE.answer, DUE.finish]


@pytest.mark.parametrize("state", sorted(set(S) - WITH_UNIT))
def test_no_day_of_the_unit_runs_while_it_is_not_its_turn(state):
    assert DUE.of(state) is None


@pytest.mark.parametrize(
    ("due", "late"), [(date(2026, 11, 30), True), (TODAY, False), (date(2026, 12, 2), False), (None, False)]
)
def test_it_is_in_time_until_its_day_is_over(due, late):
    assert is_overdue(due, TODAY) == late


@pytest.mark.parametrize("days", [(0, 3, 7), (4, 3, 7), (1, 8, 7)])
def test_steps_in_the_wrong_order_are_no_days(days):
    with pytest.raises(ValueError, match="each step"):
        Days(*days)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"kind": "plan", "adoption": "adopted", "public": "修", "finish_on": TODAY}, set()),
        ({"kind": "plan", "adoption": "adopted", "public": "修", "finish_on": date(2026, 11, 30)}, {"finish_on"}),
        ({"kind": "plan", "adoption": "planned", "public": "修", "finish_on": None}, {"finish_on"}),
        ({"kind": "plan", "adoption": "not_adopted", "public": "不属于本区道路。", "finish_on": None}, set()),
        ({"kind": "plan", "adoption": "not_adopted", "public": " ", "finish_on": None}, {"public"}),
        ({"kind": "plan", "adoption": "", "public": "修", "finish_on": None}, {"adoption"}),
        ({"kind": "done", "adoption": "", "public": "路灯已装好。", "finish_on": None}, set()),
        ({"kind": "done", "adoption": "", "public": "", "finish_on": None}, {"public"}),
    ],
)
def test_what_an_answer_cannot_do_without(given, missing):
    assert lacks(given.pop("kind"), given.pop("adoption"), **given, today=TODAY) == missing


def test_a_referral_has_a_number_that_can_be_read_out():
    assert [shown_number("JM", 2026, 7), shown_number("JM", 2026, 1234)] == ["JM26-J007", "JM26-J1234"]


LOOK = Look(TODAY, "周某", "已亮灯。")


@pytest.mark.parametrize(
    ("look", "reason", "has_photo", "lacking"),
    [
        (LOOK, "", True, set()),
        (LOOK, "", False, {"reason"}),
        (LOOK, "井下不便拍照。", False, set()),
        (Look(), "照片清楚。", True, set()),
        (Look(), "照片清楚。", False, set()),
        (Look(), "", True, {"reason"}),
        (Look(), " ", False, {"reason"}),
        (Look(TODAY), "", True, {"looked_by", "found"}),
        (Look(by="周某"), "", True, {"looked_on", "found"}),
        (Look(date(2026, 11, 19), "周某", "已亮灯。"), "", True, {"looked_on"}),
        (Look(date(2026, 12, 2), "周某", "已亮灯。"), "", True, {"looked_on"}),
    ],
)
def test_a_place_is_closed_with_a_photo_and_a_look_or_a_reason(look, reason, has_photo, lacking):
    sent_on = date(2026, 11, 20)
    assert what_lacks_to_close(look, reason=reason, has_photo=has_photo, sent_on=sent_on, today=TODAY) == lacking


def test_of_several_places_some_are_done_and_closed_while_the_others_go_on():
    state: S | None = S.ACKNOWLEDGED
    way = [(A.REPORT_PLACE, S.PLANNED), (A.CLOSE_PLACE, S.PLANNED), (A.REPORT, S.DONE), (A.CLOSE_PLACE, S.DONE)]
    for act, after in [*way, (A.NOT_YET, S.PLANNED)]:
        state = next_state(state, act)
        assert state == after
