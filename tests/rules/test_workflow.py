import pytest

from ideas.choices import Action, PublicStatus, Status
from ideas.rules.workflow import MOVES, TOLD, VALID, funnel, next_status, public_status
from tests import clock


def test_every_status_can_be_reached_from_a_submission():
    reached, found = {None}, True
    while found:
        new = {after for (before, _), after in MOVES.items() if before in reached} - reached
        found = bool(new)
        reached |= new
    assert reached - {None} == set(Status)


def test_every_action_stands_in_the_rulebook():
    assert {action for _, action in MOVES} | {Action.UNDO} == set(Action)


def test_an_undo_leads_back_to_where_a_decision_came_from():
    assert next_status(Status.DECLINED, Action.UNDO, Status.ACCEPTED) == Status.ACCEPTED


@pytest.mark.parametrize("before", [None, Status.WITHDRAWN, Status.AWARDED])
def test_an_undo_leads_nowhere_else(before):
    assert next_status(Status.DECLINED, Action.UNDO, before) is None


def test_an_act_that_is_not_listed_is_refused():
    assert next_status(Status.DECLINED, Action.AWARD) is None


def test_only_a_shortlisted_idea_can_win():
    assert [before for (before, action) in MOVES if action == Action.AWARD] == [Status.SHORTLISTED]


@pytest.mark.parametrize("status", sorted(VALID - {Status.AWARDED}))
def test_before_release_every_valid_idea_looks_the_same(status):
    assert public_status(status, released=False) == PublicStatus.UNDER_REVIEW


def test_after_release_it_is_winner_or_not_selected():
    shown = {status: public_status(status, released=True) for status in VALID}
    assert shown == {
        Status.AWARDED: PublicStatus.WINNER,
        Status.ACCEPTED: PublicStatus.NOT_SELECTED,
        Status.SHORTLISTED: PublicStatus.NOT_SELECTED,
    }


@pytest.mark.parametrize(("released", "chosen"), [(False, {}), (True, {"chosen": 1})])
def test_the_funnel_goes_from_all_to_the_valid_and_after_the_release_to_the_chosen(released, chosen):
    counts = {Status.RECEIVED: 4, Status.MERGED: 2, Status.ACCEPTED: 3, Status.SHORTLISTED: 1, Status.AWARDED: 1}
    found = funnel(counts, at=clock.DURING, released=released)
    assert found == {"at": clock.DURING.isoformat(), "received": 11, "valid": 5, **chosen}


def test_what_happens_to_the_list_is_not_told():
    assert {Action.SHORTLIST, Action.UNLIST, Action.AWARD, Action.EDIT_PUBLISHED} & TOLD == set()
