"""What the list of a campaign's shown ideas reads: one page at a time, however many there are."""

from dataclasses import dataclass

from django.db.models import Q

from ideas.models import Idea, Topic
from ideas.models.ideas import IdeaQuerySet

PAGE = 20


@dataclass(frozen=True)
class Page:
    """Some ideas in their order; `next_after` is the receipt number to go on behind, or "" at the end."""

    ideas: list[Idea]
    next_after: str


def page_of(ideas: IdeaQuerySet, *, topic: Topic | None, after: str) -> Page | None:
    """A page of `ideas` (newest first) behind the one with the receipt `after`; None if that is not among them.

    By key, not by number: the thousandth page costs as much as the first, and what comes in meanwhile moves nothing.
    """
    wanted = ideas.filter(topic=topic) if topic else ideas
    if after:
        last = ideas.filter(receipt=after).values_list("received_at", "id").first()
        if last is None:
            return None
        received_at, key = last
        wanted = wanted.filter(Q(received_at__lt=received_at) | Q(received_at=received_at, id__lt=key))
    found = list(wanted[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].receipt if len(found) > PAGE else "")
