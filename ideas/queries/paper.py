"""Marks from paper: how far each sheet is, its rows in the order of the print, and what waits for a second person."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from ideas.models import Assignment, Campaign, Idea, Panellist, Rating, User
from ideas.models.panel import ON_DESK, AssignmentQuerySet
from ideas.models.ratings import RatingQuerySet
from ideas.queries.panel import AnonymisedIdea, blind_texts
from ideas.rules.workflow import RATED


def waiting_in(campaign: Campaign) -> RatingQuerySet:
    """Typed in and not confirmed, of ideas that could still be on the list: nothing is proposed while some are left."""
    rows = Rating.objects.waiting().filter(assignment__panellist__campaign=campaign, assignment__recusal=None)
    return rows.unrestricted().filter(assignment__idea__status__in=RATED)


def to_confirm(user: User) -> RatingQuerySet:
    """What somebody else typed in and this person could confirm, in every campaign that has no list yet."""
    if not user.has_perm("ideas.enter_rating"):
        return Rating.objects.none()
    rows = Rating.objects.waiting().unrestricted().filter(assignment__idea__status__in=RATED)
    rows = rows.filter(assignment__panellist__campaign__shortlist=None, returned_by=None).exclude(entered_by=user)
    return rows.exclude(assignment__panellist__campaign__panellists__user=user)


@dataclass(frozen=True)
class Sheet:
    """How far one panellist's paper is."""

    panellist: Panellist
    total: int
    at_desk: int
    waiting: int
    returned: int
    confirmed: int

    @property
    def left(self) -> int:
        return self.total - self.at_desk - self.waiting - self.confirmed


def sheets_of(campaign: Campaign) -> list[Sheet]:
    """One line per panellist, in one query."""
    rating, typed = "assignments__rating__", ON_DESK & Q(assignments__rating__entered_by__isnull=False)
    parts = {
        "total": ON_DESK,
        "at_desk": ON_DESK & Q(assignments__rating__isnull=False, assignments__rating__entered_by=None),
        "waiting": typed & Q(**{f"{rating}confirmed_by": None}),
        "returned": typed & Q(**{f"{rating}confirmed_by": None, f"{rating}returned_by__isnull": False}),
        "confirmed": typed & Q(**{f"{rating}confirmed_by__isnull": False}),
    }
    counted = campaign.panellists.select_related("user").annotate(
        **{f"n_{name}": Count("assignments", filter=condition) for name, condition in parts.items()}
    )
    return [Sheet(row, *(getattr(row, f"n_{name}") for name in parts)) for row in counted.order_by("id")]


@dataclass(frozen=True)
class Row:
    """One line of a sheet: its number on the print, and the idea as the panellist reads it."""

    number: int
    assignment: Assignment
    idea: Idea
    text: AnonymisedIdea

    @property
    def rating(self) -> Rating | None:
        return getattr(self.assignment, "rating", None)

    @property
    def is_aside(self) -> bool:
        return hasattr(self.assignment, "recusal")

    @property
    def is_fixed(self) -> bool:
        """Stood aside from, rated at the desk, or confirmed: nothing is typed in here any more."""
        return self.is_aside or (self.rating is not None and not self.rating.is_waiting)


def numbered(assignments: AssignmentQuerySet) -> list[tuple[int, int]]:
    """(number on the print, key) of a sheet's lines that are still there; one that left keeps the others' numbers."""
    keys = list(assignments.order_by("id").values_list("id", "idea__restricted"))
    return [(number, key) for number, (key, restricted) in enumerate(keys, start=1) if not restricted]


def rows_of(lines: Iterable[tuple[int, int]]) -> list[Row]:
    """The lines with idea, marks and who typed them in; a number of queries that does not grow."""
    wanted = list(lines)
    assignments = Assignment.objects.select_related(
        "idea__topic", "idea__area", "panellist", "recusal__entered_by", "rating__entered_by", "rating__confirmed_by",
        "rating__returned_by",
    ).prefetch_related("rating__marks").in_bulk([key for _number, key in wanted])  # fmt: skip
    texts = blind_texts([assignment.idea for assignment in assignments.values()])
    there = [(number, assignments[key]) for number, key in wanted if key in assignments]
    return [Row(number, assignment, assignment.idea, texts[assignment.idea_id]) for number, assignment in there]
