"""What a resident may do with an own idea at a moment.

Before the release a listed idea and every other valid one must look alike: the rules for valid ideas ask for dates and
for whether there is a list at all, never for who is on it.
"""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from ideas.choices import Action, Status
from ideas.rules.workflow import APPEALABLE, CLOSED, UNDECIDED, VALID

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# As long as nothing else has happened, nobody has begun to screen the idea. A restriction must not show in what is
# possible.
UNSCREENED = frozenset({Action.SUBMIT, Action.AMEND, Action.NAME, Action.NEW_CODE, Action.RESTRICT, Action.UNRESTRICT})


class Act(StrEnum):
    """The acts on the page of an own idea; each has an address of its own."""

    ANSWER = "answer"
    REPLY = "reply"  # to a unit
    VERDICT = "verdict"
    AMEND = "amend"
    REVIEW = "review"
    WITHDRAW = "withdraw"
    NAMING = "naming"
    EXPORT = "export"
    ERASE = "erase"


def possible_acts(
    status: str,
    *,
    done: Collection[str],
    collecting: bool,
    choosing: bool,
    released: bool,
    asked: bool = False,
    judging: bool = False,
) -> frozenset[Act]:
    """The acts that are possible now.

    `done` are the actions of the idea's events so far. `choosing`: the choice of winners has begun; `released`: it is
    over, and with it screening; `asked`: a unit has a question; `judging`: a place of it was closed at a unit, and a
    verdict is asked for. After erasure there is nobody left who could be asked, told or named.
    """
    acts = {Act.EXPORT}
    if not released and (status in UNDECIDED or (status in VALID and not choosing)):
        acts.add(Act.WITHDRAW)
    if Action.ERASE in done:
        return frozenset(acts)
    acts.add(Act.ERASE)
    if judging:
        acts.add(Act.VERDICT)
    if status == Status.RECEIVED and collecting and UNSCREENED.issuperset(done):
        acts.add(Act.AMEND)
    if status == Status.RETURNED and not released:
        acts.add(Act.ANSWER)
    if asked:
        acts.add(Act.REPLY)
    if status in APPEALABLE and not choosing and Action.APPEAL not in done:
        acts.add(Act.REVIEW)
    if status not in CLOSED or Act.REVIEW in acts:  # what cannot win any more needs no name
        acts.add(Act.NAMING)
    return frozenset(acts)
