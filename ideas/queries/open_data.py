"""What of a campaign is given out as data: only what everybody can read on its pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from ideas.models import Campaign
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import public_campaigns, shown_ideas
from ideas.queries.record import facts_in, public_record
from ideas.queries.statistics import Statistics

# What is read of an idea and of what it belongs to; a campaign's own texts would be read with every one.
COLUMNS = (
    *("receipt", "status", "published_title", "published_text", "received_at"),
    *("campaign__slug", "campaign__show_ideas", "campaign__released_at"),
    *("topic__name", "topic__name_en", "area__name", "area__street", "area__code"),
)


def open_campaigns(at: datetime) -> QuerySet[Campaign]:
    """Those that give out data."""
    return public_campaigns(at).filter(open_data__is_on=True)


def gives_data(campaign: Campaign) -> bool:
    return Campaign.objects.filter(pk=campaign.pk, open_data__is_on=True).exists()


def data_ideas(campaign: Campaign, at: datetime) -> IdeaQuerySet:
    """Every idea of a campaign that everybody can read somewhere, in the order of receipt."""
    return shown_ideas(at).filter(campaign=campaign).only(*COLUMNS).by_receipt()


@dataclass(frozen=True)
class Figure:
    """A cell of the statistics; `count` is None where it is hidden, `days` are the working days of a unit's middle
    answer."""

    table: str
    key: str
    names: tuple[str, str]
    count: int | None
    days: int | None = None


def data_figures(figures: Statistics) -> Iterator[Figure]:
    """The figures of the page in one table; `figures.issues` are texts of ideas and stay on the page."""
    tables = {"step": figures.steps, "topic": figures.topics, "street": figures.streets, "way_in": figures.sources}
    for table, lines in tables.items():
        yield from (Figure(table, line.key, line.names, line.count) for line in lines)
    for day, count in figures.days:
        yield Figure("day", day.isoformat(), (day.isoformat(), day.isoformat()), count)
    for line in figures.units:
        yield Figure("unit", "", line.names, line.count, line.days)


def data_marks(campaign: Campaign) -> Iterator[dict[str, Any]]:
    """Every mark of the published record: {"idea", "reviewer", "criterion", "points"}; nothing where there is none."""
    kept = public_record(campaign)
    for review in facts_in(kept).get("reviews", ()) if kept else ():
        for criterion, points in review["marks"].items():
            yield {
                "idea": review["idea"],
                "reviewer": review["reviewer"],
                "criterion": criterion,
                "points": points,
            }
