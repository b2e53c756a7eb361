"""Milestones: when one is late, what comes after what, the share of those that are done."""

from datetime import date

import pytest

from ideas.choices import MilestoneState
from ideas.rules.milestones import APPROVE, PUBLIC, RELEASE, TAKE_BACK, is_late, percentage

DAY = date(2026, 4, 10)
BEFORE, AFTER = date(2026, 4, 9), date(2026, 4, 11)


@pytest.mark.parametrize(
    ("done_on", "today", "late"),
    [(None, BEFORE, False), (None, DAY, False), (None, AFTER, True), (DAY, AFTER, False), (AFTER, AFTER, True)],
)
def test_one_is_late_when_its_day_is_over_and_what_was_done_late_stays_late(done_on, today, late):
    assert is_late(DAY, done_on, today) == late


@pytest.mark.parametrize(
    ("done", "planned", "share"), [(0, 0, None), (0, 3, 0), (2, 3, 66), (199, 200, 99), (3, 3, 100)]
)
def test_the_share_is_that_of_milestones_done_and_never_rounded_up(done, planned, share):
    assert percentage(done, planned) == share


def test_nothing_becomes_public_but_by_the_head_and_then_the_office():
    made_public = {after for before, after in RELEASE.items() if after in PUBLIC}
    assert (set(RELEASE), made_public) == (
        {MilestoneState.APPROVED, MilestoneState.CONFIRMED},
        {MilestoneState.RELEASED, MilestoneState.DONE},
    )
    assert set(APPROVE.values()) == set(RELEASE)


def test_what_is_done_and_public_is_not_taken_back():
    assert MilestoneState.DONE not in TAKE_BACK
