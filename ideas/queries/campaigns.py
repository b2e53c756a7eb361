"""The pages of a campaign's shown ideas; and its plan: whether it can work, what a change of it meets."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Min, Model, Q
from django.utils.timezone import localdate, localtime

from ideas.models import Area, Campaign, Idea, Rating, Topic
from ideas.models.ideas import IdeaQuerySet
from ideas.models.sealed import columns_of
from ideas.queries.milestones import next_late
from ideas.rules import campaigns as rules
from ideas.rules.workflow import UNDECIDED

PAGE = 20


@dataclass(frozen=True)
class Page:
    """Some ideas in their order; `next_after` is the receipt number to go on behind, or "" at the end."""

    ideas: list[Idea]
    next_after: str


def next_moment(at: datetime) -> datetime | None:
    """When something of some campaign next begins or ends by itself, in the eyes of the public; None: never."""
    names = ("announced_at", "opens_at", "closes_at", "rating_from", "rating_until", "shortlist__release_at")
    firsts = {f"first{number}": Min(name, filter=Q(**{f"{name}__gt": at})) for number, name in enumerate(names)}
    moments = (*Campaign.objects.aggregate(**firsts).values(), next_late(at))
    return min(filter(None, moments), default=None)


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


PARTS = ("topics", "criteria", "tiers", "quotas")
VOUCHED_PARTS = (*PARTS, "incompatible")
Facts = dict[str, str]
Changes = dict[str, list[str]]  # field, or relation.row.field -> before, after


def plan_of(campaign: Campaign) -> rules.Plan:
    quotas = campaign.quotas.select_related("topic")
    return rules.Plan(
        announced_at=campaign.announced_at,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        entry_until=campaign.entry_until,
        rating_from=campaign.rating_from,
        rating_until=campaign.rating_until,
        rating_ends=localdate(campaign.rating_until) if campaign.rating_until else None,
        results_on=campaign.results_on,
        places=campaign.places,
        reviews=campaign.reviews_per_idea,
        topics=frozenset(campaign.topics.values_list("slug", flat=True)),
        weights=tuple(campaign.criteria.filter(is_advice=False).values_list("weight", flat=True)),
        tiers=tuple(campaign.tiers.values_list("places", flat=True)),
        quotas=tuple(
            rules.Quota("topic", row.topic.slug, row.least, row.most)
            if row.topic
            else rules.Quota("street", row.street, row.least, row.most)
            for row in quotas
        ),
        streets=frozenset(Area.objects.values_list("street", flat=True)),
    )


def facts_of(campaign: Campaign) -> Facts:
    """Everything that a manager edits of a campaign, as words, to compare before and after."""
    facts = _facts(campaign, "")
    for relation in PARTS:
        for row in getattr(campaign, relation).all():
            facts |= _facts(row, f"{relation}.{row.pk}.")
    return facts


def _facts(row: Model, prefix: str) -> Facts:
    fields = [field for field in row._meta.fields if field.editable and field.name not in ("id", "campaign")]
    return {f"{prefix}{field.name}": _said(getattr(row, field.name)) for field in fields}


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def vouched_campaign(campaign: Campaign) -> dict[str, Any]:
    """What the portal gives its word for: all of a campaign but what is counted of it, with its parts and pairs."""
    parts = {name: [columns_of(row) for row in getattr(campaign, name).order_by("pk")] for name in VOUCHED_PARTS}
    return {"campaign": columns_of(campaign, "figures", "has_namesake", "seal"), **parts}


def changes_between(before: Facts, after: Facts) -> Changes:
    names = [*before, *(name for name in after if name not in before)]
    pairs = {name: [before.get(name, ""), after.get(name, "")] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class UnderWay:
    """What a change of a campaign meets, as far as anybody may know."""

    received: int
    waiting: int
    drafts: int
    ratings: int


def under_way(campaign: Campaign, at: datetime) -> UnderWay:
    ideas, ratings = campaign.ideas.unrestricted(), Rating.objects.unrestricted()
    return UnderWay(
        received=ideas.count(),
        waiting=ideas.filter(status__in=UNDECIDED).count(),
        drafts=campaign.drafts.filter(idea=None, expires_at__gt=at).count(),
        ratings=ratings.filter(assignment__panellist__campaign=campaign).count(),
    )
