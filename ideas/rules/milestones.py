"""Milestones 节点 of a referral: what comes after what, when one is late, and the share of those that are done."""

from datetime import date

from ideas.choices import MilestoneState

S = MilestoneState
MOST = 12  # of one referral: a plan, not a diary

# The unit's head lets it leave the unit; the office makes it public; whoever has it gives it back.
APPROVE = {S.PROPOSED: S.APPROVED, S.REPORTED: S.CONFIRMED}
RELEASE = {S.APPROVED: S.RELEASED, S.CONFIRMED: S.DONE}
TAKE_BACK = {
    S.PROPOSED: S.DROPPED,
    S.APPROVED: S.DROPPED,
    S.RELEASED: S.DROPPED,
    S.REPORTED: S.RELEASED,
    S.CONFIRMED: S.RELEASED,
}
BY_UNIT = frozenset(APPROVE)  # what the unit still has, and takes back by itself
# In everybody's eyes: those that are to come (what is reported done is not yet public), and all.
AHEAD = frozenset({S.RELEASED, S.REPORTED, S.CONFIRMED})
PUBLIC = AHEAD | {S.DONE}


def is_late(planned_on: date, done_on: date | None, today: date) -> bool:
    """In time until the last moment of its day; what was done late stays late."""
    return (done_on or today) > planned_on


def percentage(done: int, planned: int) -> int | None:
    """The share of milestones done, in whole per cent and never rounded up; None where none is planned."""
    return done * 100 // planned if planned else None
