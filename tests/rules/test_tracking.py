import pytest

from ideas.choices import Action, Status
from ideas.rules.tracking import Act, possible_acts
from ideas.rules.workflow import VALID

SENT = [Action.SUBMIT]


def acts(status, done=SENT, **now):
    return possible_acts(status, done=done, **{"collecting": False, "choosing": False, "released": False, **now})


@pytest.mark.parametrize("choosing", [False, True])
@pytest.mark.parametrize("released", [False, True])
def test_every_valid_status_gives_the_same_acts(choosing, released):
    assert len({acts(status, choosing=choosing, released=released) for status in VALID}) == 1


@pytest.mark.parametrize(
    ("done", "collecting", "possible"),
    [
        ([], True, True),
        ([Action.AMEND, Action.NAME, Action.NEW_CODE], True, True),
        ([], False, False),
        ([Action.EDIT_PUBLISHED], True, False),
        ([Action.RETURN, Action.ANSWER], True, False),
        ([Action.DECLINE, Action.APPEAL], True, False),
        ([Action.ERASE], True, False),
    ],
)
def test_the_text_can_be_changed_until_somebody_acts_on_it_or_collecting_ends(done, collecting, possible):
    assert (Act.AMEND in acts(Status.RECEIVED, SENT + done, collecting=collecting)) == possible


def test_a_question_can_be_answered_after_collecting_until_the_release():
    assert [Act.ANSWER in acts(Status.RETURNED, released=released) for released in (False, True)] == [True, False]


@pytest.mark.parametrize("status", [Status.DECLINED, Status.MERGED])
def test_a_review_is_asked_for_once_and_not_while_winners_are_chosen(status):
    again = [*SENT, Action.DECLINE, Action.APPEAL, Action.DECLINE]
    given = [acts(status), acts(status, choosing=True), acts(status, again)]
    assert [Act.REVIEW in possible for possible in given] == [True, False, False]


@pytest.mark.parametrize("status", [Status.TRANSFERRED, Status.WITHDRAWN, Status.ACCEPTED, Status.RECEIVED])
def test_no_review_of_what_is_no_such_decision(status):
    assert Act.REVIEW not in acts(status)


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [
        (Status.RECEIVED, True, True),
        (Status.RETURNED, True, True),
        (Status.ACCEPTED, True, False),
        (Status.SHORTLISTED, True, False),
        (Status.DECLINED, False, False),
        (Status.MERGED, False, False),
        (Status.WITHDRAWN, False, False),
    ],
)
def test_valid_ideas_are_withdrawn_until_the_choice_begins(status, before, after):
    assert [Act.WITHDRAW in acts(status, choosing=choosing) for choosing in (False, True)] == [before, after]


@pytest.mark.parametrize("status", list(Status))
def test_export_and_erasure_are_always_possible(status):
    assert {Act.EXPORT, Act.ERASE} <= acts(status, choosing=True, released=True)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.RETURNED, Status.MERGED, *sorted(VALID)])
def test_how_to_be_named_can_be_changed_at_any_time_also_after_the_release(status):
    assert Act.NAMING in acts(status, choosing=True, released=True)


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.TRANSFERRED, Status.DECLINED])
def test_nobody_is_asked_how_to_be_named_for_an_idea_that_cannot_win(status):
    again = [*SENT, Action.DECLINE, Action.APPEAL, Action.DECLINE]
    assert Act.NAMING not in acts(status, again)
    assert Act.NAMING not in acts(status, choosing=True, released=True)


def test_a_declined_idea_keeps_its_naming_as_long_as_a_review_can_bring_it_back():
    assert Act.NAMING in acts(Status.DECLINED)


@pytest.mark.parametrize("status", list(Status))
def test_after_erasure_nothing_is_left_that_needs_a_person(status):
    assert acts(status, [*SENT, Action.ERASE], collecting=True) <= {Act.EXPORT, Act.WITHDRAW}
