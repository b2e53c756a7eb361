"""Marks that may not count: their giver had become somebody who may not rate the idea. The office decides each one."""

from dataclasses import dataclass

from django.db.models import Q

from ideas.choices import Bar
from ideas.models import Campaign, MarkDecision, Rating
from ideas.queries.eligibility import Pair, bars_in, bars_of_members
from ideas.rules.workflow import RATED


@dataclass(frozen=True)
class Doubt:
    """A rating with what stands against it now (nothing, if that is over), and what was decided of it."""

    rating: Rating
    bars: frozenset[Bar]

    @property
    def decision(self) -> MarkDecision | None:
        return getattr(self.rating, "decision", None)

    @property
    def version(self) -> str:
        """When it was decided last; "" if never. A page shows it, and its form carries it."""
        return self.decision.at.isoformat() if self.decision else ""

    @property
    def is_open(self) -> bool:
        """Nobody has decided, or something else has come up since."""
        return self.decision is None or not self.bars <= set(self.decision.grounds)


def doubts_of(campaign: Campaign) -> list[Doubt]:
    """Of ideas that could be on the list, in the order of the desks; a number of queries that does not grow."""
    bars, persons = bars_in(campaign), bars_of_members(campaign.panellists.select_related("user"))
    rows = Rating.objects.given().filter(assignment__panellist__campaign=campaign, assignment__recusal=None)
    rows = rows.unrestricted().filter(assignment__idea__status__in=RATED)
    suspect = Q(assignment__idea__in={pair.idea for pair in bars}) | Q(assignment__panellist__in=list(persons))
    columns = ("pk", "assignment__idea_id", "assignment__panellist_id", "decision")
    decided = MarkDecision.objects.filter(rating__assignment__panellist__campaign=campaign)
    # Two questions, the second one mostly not asked: both at once would look at every rating of the campaign.
    pairs = [*rows.filter(pk__in=decided.values("rating")).values_list(*columns)]
    pairs += rows.filter(suspect).values_list(*columns) if bars or persons else []
    against = {
        pk: frozenset(bars.get(Pair(idea, member), set()) | persons.get(member, set()))
        for pk, idea, member, decision in pairs
        if decision or member in persons or Pair(idea, member) in bars
    }
    shown = Rating.objects.filter(pk__in=against).select_related("assignment__idea", "decision__by")
    shown = shown.prefetch_related("assignment__panellist__user")  # a few panellists, each with very many marks
    return [Doubt(row, against[row.pk]) for row in shown.order_by("assignment__panellist_id", "assignment_id")]


def open_doubts(campaign: Campaign) -> list[Doubt]:
    return [doubt for doubt in doubts_of(campaign) if doubt.is_open]


@dataclass(frozen=True)
class Group:
    """The doubts of one panellist for the same reasons, decided or not: one form on the page."""

    panellist: int
    name: str
    bars: tuple[Bar, ...]
    doubts: list[Doubt]

    @property
    def key(self) -> str:
        return "-".join([str(self.panellist), *(bar.value for bar in self.bars)])

    @property
    def version(self) -> str:
        """What the page shows of the decisions, as the group's form carries it."""
        return ",".join(f"{doubt.rating.pk}={doubt.version}" for doubt in self.doubts)


def groups_of(doubts: list[Doubt]) -> list[Group]:
    found: dict[tuple[int, tuple[Bar, ...]], Group] = {}
    for doubt in doubts:
        member, bars = doubt.rating.assignment.panellist, tuple(bar for bar in Bar if bar in doubt.bars)
        group = found.setdefault((member.pk, bars), Group(member.pk, str(member), bars, []))
        group.doubts.append(doubt)
    return list(found.values())
