"""An idea's trail as it reads in the end, for residents (tracking.py) and staff (history.py) alike."""

from collections.abc import Iterable
from datetime import datetime

from ideas.choices import Action
from ideas.models import IdeaEvent
from ideas.rules.workflow import UNDOABLE


def lasting(events: Iterable[IdeaEvent]) -> list[IdeaEvent]:
    """The trail as it reads in the end: what was undone in time never was."""
    rest: list[IdeaEvent] = []
    for event in events:
        if event.action == Action.UNDO:
            rest.pop(max(place for place, earlier in enumerate(rest) if earlier.action in UNDOABLE))
        else:
            rest.append(event)
    return rest


def appealed_decision(events: Iterable[IdeaEvent]) -> IdeaEvent | None:
    """The decision of which the resident asked a review; None if no review was asked for. `events` in their order."""
    decision = None
    for event in lasting(events):
        if event.action == Action.APPEAL:
            return decision
        if event.action in (Action.DECLINE, Action.MERGE, Action.LAPSE):
            decision = event
    return None


def erased_at(events: Iterable[IdeaEvent]) -> datetime | None:
    return next((event.at for event in events if event.action == Action.ERASE), None)
