"""The pages of a campaign's shown ideas; and its plan: whether it can work, what a change of it meets."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min, Model, Q
from django.utils.timezone import localdate, localtime
from django.utils.translation import pgettext

from ideas.choices import Phase
from ideas.models import Area, Campaign, CampaignPapers, Idea, NoticeTerm, Rating, Topic
from ideas.models.ideas import IdeaQuerySet
from ideas.models.sealed import columns_of
from ideas.queries.milestones import next_late
from ideas.rules import campaigns as rules
from ideas.rules.campaigns import whole_days
from ideas.rules.workflow import UNDECIDED

PAGE = 20
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Page:
    """Some ideas in their order; `next_after` is the receipt number to go on behind, or "" at the end."""

    ideas: list[Idea]
    next_after: str


def next_moment(at: datetime) -> datetime | None:
    """When something of some campaign next begins or ends by itself, in the eyes of the public; None: never."""
    own = ("announced_at", "opens_at", "closes_at", "rating_from", "rating_until")
    names = (*own, "shortlist__release_at", "notices__ends_at")
    firsts = {f"first{number}": Min(name, filter=Q(**{f"{name}__gt": at})) for number, name in enumerate(names)}
    closings = Campaign.objects.filter(opens_at__lte=at, closes_at__gt=at).values_list("closes_at", flat=True)
    fewer = [closes_at - DAY * whole_days(at, closes_at) for closes_at in closings]  # one day less is left
    moments = (*Campaign.objects.aggregate(**firsts).values(), next_late(at), *fewer)
    return min(filter(None, moments), default=None)


@dataclass(frozen=True)
class Stage:
    """A stage of a campaign as its announcement draws it; `days` is "" where none is fixed."""

    label: Any
    days: str
    is_past: bool
    is_now: bool


def course_of(campaign: Campaign, at: datetime) -> list[Stage]:
    """From collecting to carrying out, and where the campaign is at a moment. What the office does with the ideas in
    between, it does while collecting goes on; the stage that is told is that of the announced dates."""

    def days(first: datetime | None, end: datetime | None) -> str:
        last = localdate(end - timedelta(microseconds=1)) if end else None
        return f"{localdate(first):%m-%d} – {last:%m-%d}" if first and last else ""

    on = campaign.results_on
    released = localdate(campaign.released_at) if campaign.released_at else on
    stages = [
        (pgettext("stage", "Collecting"), days(campaign.opens_at, campaign.closes_at)),
        (pgettext("stage", "Review"), days(campaign.rating_from, campaign.rating_until)),
        (pgettext("stage", "Results"), released.isoformat() if released else ""),
        (pgettext("stage", "Carrying out"), ""),
    ]
    now = {Phase.UPCOMING: -1, Phase.COLLECTING: 0, Phase.REVIEWING: 1, Phase.PUBLISHED: 3}[campaign.phase(at)]
    return [Stage(label, said, number < now, number == now) for number, (label, said) in enumerate(stages)]


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
LOOKS = {"topics": ("mark",)}  # columns that only say how a part looks: nobody gives a word or a reason for them
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
            facts |= _facts(row, f"{relation}.{row.pk}.", LOOKS.get(relation, ()))
    if papers := CampaignPapers.objects.filter(campaign=campaign).first():
        facts |= _facts(papers, f"papers.{papers.pk}.")
    for term in NoticeTerm.objects.filter(campaign=campaign):
        facts |= _facts(term, f"notice_term.{term.pk}.")
    return facts


def _facts(row: Model, prefix: str, but: Collection[str] = ()) -> Facts:
    left_out = {"id", "campaign", *but}
    fields = [field for field in row._meta.fields if field.editable and field.name not in left_out]
    return {f"{prefix}{field.name}": _said(getattr(row, field.name)) for field in fields}


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def vouched_campaign(campaign: Campaign) -> dict[str, Any]:
    """What the portal gives its word for: all of a campaign but what is counted of it, with its parts and pairs."""
    parts = {
        name: [columns_of(row, *LOOKS.get(name, ())) for row in getattr(campaign, name).order_by("pk")]
        for name in VOUCHED_PARTS
    }
    # Campaigns of before there was a notice have no row, and the word given for them then still holds.
    if term := NoticeTerm.objects.filter(campaign=campaign).first():
        parts["notice"] = [columns_of(term)]
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
