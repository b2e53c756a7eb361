"""The history of an idea as staff read it; what its resident reads of it is in tracking.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from ideas.models import IdeaEvent
from ideas.queries.access import AnyUser, knows_list, mask_restricted_receipts
from ideas.rules.workflow import LIST_ACTS


@dataclass(frozen=True)
class HistoryLine:
    """An event: its words, and what its details say."""

    event: IdeaEvent
    words: str
    details: list[str]


def history_for(user: AnyUser, events: Sequence[IdeaEvent]) -> list[HistoryLine]:
    """Events with their words: none of the list to those who do not know it, no restricted idea named to others.

    `events` are one idea's.
    """
    if events and not knows_list(user, events[0].idea.campaign):
        events = [event for event in events if event.action not in LIST_ACTS]
    said = [[event.words_said, *event.detail_words] for event in events]
    texts = iter(mask_restricted_receipts(user, (text for row in said for text in row)))
    lines = [[next(texts) for _text in row] for row in said]
    return [HistoryLine(event, words, details) for event, (words, *details) in zip(events, lines, strict=True)]
