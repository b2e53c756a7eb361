"""The rulebook of an idea's status: which act leads from where to where, and what of it the public may know."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ideas.choices import Action, PublicStatus, Status

S, A = Status, Action

# Statuses that are asked for together.
# Not decided yet: the office or, asked for more, the resident has the next word.
UNDECIDED = frozenset({S.RECEIVED, S.RETURNED})
# On a list that is not released, or a winner.
ON_LIST = frozenset({S.SHORTLISTED, S.AWARDED})
# Counted as valid 有效: a merged idea is not, since its issue is counted with the leading one.
VALID = ON_LIST | {S.ACCEPTED}
# What the panel rates and a list is made of.
RATED = frozenset({S.ACCEPTED, S.SHORTLISTED})
# What others can be merged into, and what goes on leading a group: a winner too.
MAY_LEAD = UNDECIDED | RATED
STANDING = UNDECIDED | VALID
# Closed for good unless its resident asks for another look: it cannot win and leads nobody.
CLOSED = frozenset({S.DECLINED, S.TRANSFERRED, S.WITHDRAWN})
# Decisions that a resident may ask another look at.
APPEALABLE = frozenset({S.DECLINED, S.MERGED})
# What an idea on a released list is: a winner, or one taken down on its resident's word.
ON_RELEASED_LIST = frozenset({S.AWARDED, S.WITHDRAWN})
# How the public reads the end of an idea that was before the panel.
RESULTS = frozenset({PublicStatus.WINNER, PublicStatus.NOT_SELECTED})

# (status before, action) -> status after. An act that is not listed is refused.
MOVES: dict[tuple[Status | None, Action], Status] = {
    (None, A.SUBMIT): S.RECEIVED,
    (S.RECEIVED, A.ACCEPT): S.ACCEPTED,
    (S.RECEIVED, A.RETURN): S.RETURNED,
    (S.RECEIVED, A.DECLINE): S.DECLINED,
    (S.RECEIVED, A.MERGE): S.MERGED,
    (S.RECEIVED, A.TRANSFER): S.TRANSFERRED,
    (S.RECEIVED, A.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, A.ANSWER): S.RECEIVED,
    (S.RETURNED, A.DECLINE): S.DECLINED,
    (S.RETURNED, A.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, A.LAPSE): S.DECLINED,
    # Late finds: an accepted idea turns out to be a duplicate, invalid or another channel's.
    (S.ACCEPTED, A.DECLINE): S.DECLINED,
    (S.ACCEPTED, A.MERGE): S.MERGED,
    (S.ACCEPTED, A.TRANSFER): S.TRANSFERRED,
    (S.ACCEPTED, A.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, A.SHORTLIST): S.SHORTLISTED,
    (S.SHORTLISTED, A.UNLIST): S.ACCEPTED,
    (S.SHORTLISTED, A.AWARD): S.AWARDED,
    # The resident's own words again: more of them, or another look at a decision.
    (S.RECEIVED, A.AMEND): S.RECEIVED,
    (S.RETURNED, A.AMEND): S.RETURNED,
    (S.DECLINED, A.APPEAL): S.RECEIVED,
    (S.MERGED, A.APPEAL): S.RECEIVED,
    (S.MERGED, A.UNMERGE): S.RECEIVED,
    # On the resident's word the office takes back also what was merged or has won; the sealed record stays.
    (S.MERGED, A.WITHDRAW): S.WITHDRAWN,
    (S.AWARDED, A.WITHDRAW): S.WITHDRAWN,
    # Acts that leave the status as it is. The photos of a merged idea go with the leading one.
    **{(S.MERGED, act): S.MERGED for act in (A.SHOW_PHOTO, A.CHECK_PHOTO, A.COVER_PHOTO)},
    **{
        (status, act): status
        for act in (A.EDIT_PUBLISHED, A.CHECK_TEXT, A.RELEASE_TEXT, A.SHOW_PHOTO, A.CHECK_PHOTO, A.COVER_PHOTO)
        for status in sorted(VALID | {S.RECEIVED})
    },
    **{(status, act): status for act in (A.HIDE_PHOTO, A.NAME, A.NEW_CODE, A.ERASE) for status in S},
    **{(status, act): status for act in (A.CLASSIFY, A.NOTE, A.RESTRICT, A.UNRESTRICT) for status in S},
    **{(status, A.REMOVE): status for status in sorted(CLOSED)},
}

# The moderators' decisions: each can be undone for a while. So can the end of a merger and a withdrawal, where it was
# a moderator's act.
DECISIONS = frozenset({A.ACCEPT, A.RETURN, A.DECLINE, A.MERGE, A.TRANSFER})
UNDOABLE = DECISIONS | {A.UNMERGE, A.WITHDRAW}

# What may happen to the photos after a decision without leaning on it: it can be undone all the same. A released photo
# is not the public's any more once its idea, or the one that leads it, is not.
PHOTO_ACTS = frozenset({A.SHOW_PHOTO, A.HIDE_PHOTO, A.CHECK_PHOTO, A.COVER_PHOTO})

# What puts an idea on the list, off it, and makes it a winner: until the release only those who make the list know.
LIST_ACTS = frozenset({A.SHORTLIST, A.UNLIST, A.AWARD})
# What a resident may read in the time line of an idea. Everything about the list stays inside until release.
TOLD = frozenset(
    {A.SUBMIT, A.ACCEPT, A.RETURN, A.ANSWER, A.DECLINE, A.MERGE, A.TRANSFER, A.WITHDRAW}
    | {A.AMEND, A.APPEAL, A.UNMERGE, A.NAME, A.NEW_CODE, A.ERASE, A.LAPSE}
)


def next_status(status: str | None, action: str, restores: str | None = None) -> Status | None:
    """The status after an act, or None if the act is not allowed from there.

    An undo leads back to `restores`, the status before, if an act that can be undone led from there to here.
    """
    if action == A.UNDO:
        before = Status(restores) if restores else None
        return before if any(before and MOVES.get((before, act)) == status for act in UNDOABLE) else None
    return MOVES.get((None if status is None else Status(status), Action(action)))


def possible_actions(status: str) -> frozenset[Action]:
    return frozenset(action for (before, action) in MOVES if before == status)


def staff_status(status: str, *, knows: bool) -> Status:
    """What staff are told; whoever does not know of the list (`knows`) reads "accepted" of every valid idea."""
    return Status(status) if knows or status not in VALID else Status.ACCEPTED


def funnel(counts: Mapping[str, int], *, at: datetime, released: bool) -> dict[str, Any]:
    """How many ideas came in, are valid and won, of {status: ideas} at a moment, as Campaign.figures keeps it:
    {"at": ISO time, "received": n, "valid": n, "chosen": n}.

    How many are chosen is nobody's business before the release, so it stays out until then.
    """
    valid = sum(counts.get(status, 0) for status in VALID)
    found = {"at": at.isoformat(), "received": sum(counts.values()), "valid": valid}
    return {**found, "chosen": counts.get(S.AWARDED, 0)} if released else found


def public_status(status: str, *, released: bool) -> PublicStatus:
    """What residents, public pages and messages may say; `released` is whether the winners are published.

    Before release a chosen idea looks exactly like every other valid one.
    """
    if status not in VALID:
        return PublicStatus(status)
    if not released:
        return PublicStatus.UNDER_REVIEW
    return PublicStatus.WINNER if status == Status.AWARDED else PublicStatus.NOT_SELECTED
