"""Figures for the staff: a campaign's dashboard, and what is waiting on the first page of the admin.

Restricted ideas are in none of them.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ideas.choices import Action, OfficeAct, Source, Status
from ideas.models import Campaign, IdeaEvent, PendingText
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import AnyUser, office_log, outbox, screened_ideas, visible_to
from ideas.queries.contacts import Given, day_of, given_out
from ideas.rules.workflow import DECISIONS, VALID, funnel, staff_status

MOST_COUNTED = 1000
ALERT_DAYS = timedelta(days=7)
SOON = timedelta(days=2)
KEPT = 60  # seconds that a dashboard is kept: it reads every idea of its campaign


@dataclass(frozen=True)
class Row:
    """One line of a table with its bar: how many came in, and how many of these are valid."""

    label: str
    received: int
    valid: int


@dataclass(frozen=True)
class Load:
    """How many decisions a moderator made, and how many of them were undone."""

    name: str
    decisions: int
    undone: int


@dataclass(frozen=True)
class Waits:
    """From receipt to the first decision, for the ideas that have one; None while there is none."""

    decided: int
    median: timedelta | None
    slow: timedelta | None  # nine of ten were decided sooner
    oldest: timedelta | None  # of those that wait now


@dataclass(frozen=True)
class Dashboard:
    """A campaign at the moment `at`."""

    at: datetime
    funnel: dict[str, Any]  # as Campaign.figures keeps them, counted now
    statuses: list[tuple[Status, int]]
    days: list[tuple[date, int]]  # every day from the first to the last idea
    topics: list[Row]
    streets: list[Row]
    sources: list[Row]
    waits: Waits
    loads: list[Load]


def dashboard(campaign: Campaign, at: datetime) -> Dashboard:
    """The campaign's figures, at most a minute old, with their moment. Nine queries at most, however many ideas."""
    hidden = campaign.ideas.restricted().count()  # so that a restriction shows at once
    key = f"dashboard:{campaign.pk}:{hidden}:{campaign.is_released}:{get_language()}"
    found = cache.get(key)
    if found is None or found.at > at:
        found = _count(campaign, at)
        cache.set(key, found, KEPT)
    return found


def _count(campaign: Campaign, at: datetime) -> Dashboard:
    ideas = campaign.ideas.unrestricted()
    kinds: list[Any] = list(
        ideas.order_by().values("topic", "area__street", "source", "status").annotate(n=Count("id"))
    )
    statuses = Counter[str]()
    for kind in kinds:
        statuses[kind["status"]] += kind["n"]
    names = {topic.pk: str(topic) for topic in campaign.topics.all()}
    streets = sorted({kind["area__street"] for kind in kinds if kind["area__street"]})
    return Dashboard(
        at=at,
        funnel=funnel(statuses, at=at, released=campaign.is_released),
        statuses=_told(statuses, campaign),
        days=_per_day(ideas),
        topics=_rows(kinds, "topic", names),
        streets=_rows(kinds, "area__street", {street: street for street in streets} | {None: _("Several or unknown")}),
        sources=_rows(kinds, "source", {source.value: str(source.label) for source in Source}),
        waits=_waits(ideas, at),
        loads=_loads(ideas),
    )


def _told(statuses: Counter[str], campaign: Campaign) -> list[tuple[Status, int]]:
    """Before the release an idea on the list counts as what it is to everybody: accepted."""
    counts = Counter[str]()
    for status, number in statuses.items():
        counts[staff_status(status, knows=campaign.is_released)] += number
    return [(status, counts[status]) for status in Status if counts[status]]


def _rows(kinds: list[Any], field: str, labels: dict[Any, str]) -> list[Row]:
    """The groups in the order of their labels, those without any idea left out."""
    received, valid = Counter[Any](), Counter[Any]()
    for kind in kinds:
        received[kind[field]] += kind["n"]
        valid[kind[field]] += kind["n"] if kind["status"] in VALID else 0
    return [Row(label, received[key], valid[key]) for key, label in labels.items() if received[key]]


def _per_day(ideas: IdeaQuerySet) -> list[tuple[date, int]]:
    """Every day from the first idea to the last one, those without any as 0."""
    counted = ideas.order_by().annotate(day=TruncDate("received_at")).values_list("day").annotate(n=Count("id"))
    found = dict(counted)
    if not found:
        return []
    first, last = min(found), max(found)
    return [(day, found.get(day, 0)) for day in (first + timedelta(n) for n in range((last - first).days + 1))]


def _waits(ideas: IdeaQuerySet, at: datetime) -> Waits:
    decisions = IdeaEvent.objects.filter(idea__in=ideas, action__in=DECISIONS).order_by()
    firsts = decisions.values_list("idea_id", "idea__received_at").annotate(first=Min("at"))
    lengths = sorted(first - received for _idea, received, first in firsts.iterator(chunk_size=5000))
    waiting = ideas.filter(status=Status.RECEIVED).aggregate(oldest=Min("received_at"))["oldest"]
    return Waits(
        decided=len(lengths),
        median=lengths[(len(lengths) - 1) // 2] if lengths else None,
        slow=lengths[-(-9 * len(lengths) // 10) - 1] if lengths else None,  # the nearest rank
        oldest=at - waiting if waiting else None,
    )


def _loads(ideas: IdeaQuerySet) -> list[Load]:
    """Whoever decided, the busiest first. An undo takes back the last decision before it."""
    events = IdeaEvent.objects.filter(idea__in=ideas).order_by()
    made = events.filter(action__in=DECISIONS).values_list("actor", "actor__name").annotate(n=Count("id"))
    earlier = IdeaEvent.objects.filter(idea=OuterRef("idea"), number__lt=OuterRef("number"), action__in=DECISIONS)
    before = earlier.order_by("-number").values("actor")[:1]
    undone = dict(
        events.filter(action=Action.UNDO).annotate(whose=Subquery(before)).values_list("whose").annotate(n=Count("id"))
    )
    rows = [Load(name or "—", number, undone.get(actor, 0)) for actor, name, number in made]
    return sorted(rows, key=lambda row: (-row.decisions, row.name))


@dataclass(frozen=True)
class Alert:
    """Somebody was given unusually many contacts on a day: what, until now."""

    who: str
    actor: int
    at: datetime
    given: Given


def alerts(user: AnyUser, at: datetime) -> list[Alert]:
    """The last week's alerts, newest first, for those who read the office's log. Two queries, however many."""
    rows = office_log(user).filter(act=OfficeAct.MANY_CONTACTS, at__gt=at - ALERT_DAYS)
    events = list(rows.filter(actor__isnull=False)[:5])
    days = {event.pk: (event.actor_id or 0, day_of(event.at)) for event in events}
    given = given_out(set(days.values()))
    return [Alert(str(event.actor), event.actor_id or 0, event.at, given[days[event.pk]]) for event in events]


def waiting_for(user: AnyUser, at: datetime) -> dict[str, str]:
    """How much waits for this person, as words ("1,000+" where it is more than anybody counts); only what they may do.

    Keys: to_screen, lapse_soon, texts_to_check, given_up.
    """
    found: dict[str, QuerySet] = {}
    if user.has_perm("ideas.screen_idea"):
        ideas = screened_ideas(user).filter(campaign__released_at=None)
        found["to_screen"] = ideas.filter(status=Status.RECEIVED)
        found["lapse_soon"] = ideas.filter(status=Status.RETURNED, due_at__lte=at + SOON)
    if user.has_perm("ideas.edit_published"):
        texts = visible_to(user, PendingText.objects.all(), "idea__restricted")
        found["texts_to_check"] = texts.exclude(edited_by=user.pk, checked_by=None).exclude(checked_by=user.pk)
    if user.has_perm("ideas.view_message"):
        found["given_up"] = outbox(user).given_up()
    return {name: capped(rows) for name, rows in found.items()}


def capped(rows: QuerySet) -> str:
    """How many rows there are, counted up to a limit."""
    number = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"
