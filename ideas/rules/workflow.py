"""The rulebook of an idea's status: which act leads from where to where, and what of it the public may know."""

from ideas.choices import Action, PublicStatus, Status

S, A = Status, Action

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
    # Late finds: an accepted idea turns out to be a duplicate, invalid or another channel's.
    (S.ACCEPTED, A.DECLINE): S.DECLINED,
    (S.ACCEPTED, A.MERGE): S.MERGED,
    (S.ACCEPTED, A.TRANSFER): S.TRANSFERRED,
    (S.ACCEPTED, A.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, A.SHORTLIST): S.SHORTLISTED,
    (S.SHORTLISTED, A.UNLIST): S.ACCEPTED,
    (S.SHORTLISTED, A.AWARD): S.AWARDED,
    **{(status, A.EDIT_PUBLISHED): status for status in (S.RECEIVED, S.ACCEPTED, S.SHORTLISTED, S.AWARDED)},
}

# Counted as valid 有效: a merged idea is not, since its issue is counted with the leading one.
VALID = frozenset({S.ACCEPTED, S.SHORTLISTED, S.AWARDED})
# What a resident may read in the time line of an idea. Everything about the list stays inside until release.
TOLD = frozenset({A.SUBMIT, A.ACCEPT, A.RETURN, A.ANSWER, A.DECLINE, A.MERGE, A.TRANSFER, A.WITHDRAW})


def next_status(status: str | None, action: str) -> Status | None:
    """The status after an act, or None if the act is not allowed from there."""
    return MOVES.get((None if status is None else Status(status), Action(action)))


def possible_actions(status: str) -> frozenset[Action]:
    return frozenset(action for (before, action) in MOVES if before == status)


def public_status(status: str, *, released: bool) -> PublicStatus:
    """What residents, public pages and messages may say; `released` is whether the winners are published.

    Before release a chosen idea looks exactly like every other valid one.
    """
    if status not in VALID:
        return PublicStatus(status)
    if not released:
        return PublicStatus.UNDER_REVIEW
    return PublicStatus.WINNER if status == Status.AWARDED else PublicStatus.NOT_SELECTED
