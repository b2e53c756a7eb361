"""In which phase a campaign is, and whether its plan can work. Phases are half-open: what comes at the end is late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ideas.choices import Phase

WHOLE = 100  # per cent, of the weights together
LEAST_REVIEWS = 2  # an idea with one review only is not sealed


def phase_at(at: datetime, *, opens_at: datetime, closes_at: datetime, released_at: datetime | None) -> Phase:
    """The phase at a moment; `released_at` is when the winners were released, None before."""
    if released_at is not None and at >= released_at:
        return Phase.PUBLISHED
    if at < opens_at:
        return Phase.UPCOMING
    return Phase.COLLECTING if at < closes_at else Phase.REVIEWING


def rating_is_open(at: datetime, *, rating_from: datetime | None, rating_until: datetime | None) -> bool:
    """Whether panellists may rate: within [from, until); never where the campaign names no such time."""
    return rating_from is not None and rating_until is not None and rating_from <= at < rating_until


def whole_days(at: datetime, end: datetime) -> int:
    """How many whole days are left before a half-open end; one less from the very moment at which a day is over."""
    return (end - at - timedelta(microseconds=1)).days


@dataclass(frozen=True)
class Quota:
    """At least and at most so many places for one topic (short name) or one street."""

    kind: str  # "topic" or "street"
    name: str
    least: int
    most: int | None


@dataclass(frozen=True)
class Plan:
    """What a campaign is announced with. `weights` are those that count; `results_on` is a day, `rating_ends` too."""

    announced_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    entry_until: datetime | None
    rating_from: datetime | None
    rating_until: datetime | None
    rating_ends: date | None
    results_on: date | None
    places: int
    reviews: int
    topics: frozenset[str]
    weights: tuple[int, ...]
    tiers: tuple[int, ...]
    quotas: tuple[Quota, ...]
    streets: frozenset[str]


Fault = tuple[str, dict[str, Any]]


def faults_of(plan: Plan) -> list[Fault]:
    """What a later stage would refuse, as names with the figures to tell: sending, rating, proposing, sealing."""
    return [*_made_of(plan), *_dates(plan), *_quotas(plan)]


def _made_of(plan: Plan) -> Iterator[Fault]:
    if not plan.topics:
        yield "no_topics", {}
    if sum(plan.weights) != WHOLE:
        yield "weights", {"there": sum(plan.weights)}
    if plan.tiers and sum(plan.tiers) != plan.places:
        yield "tiers", {"tiers": sum(plan.tiers), "places": plan.places}
    if plan.reviews < LEAST_REVIEWS:
        yield "one_review", {}


def _dates(plan: Plan) -> Iterator[Fault]:
    last = max(plan.closes_at, plan.entry_until or plan.closes_at)
    if plan.announced_at and plan.announced_at >= plan.closes_at:
        yield "announced_late", {}
    if plan.rating_from and plan.rating_from < plan.opens_at:
        yield "rating_early", {}
    if plan.rating_until and plan.rating_until <= last:
        yield "rating_short", {}
    if plan.results_on and plan.rating_ends and plan.results_on < plan.rating_ends:
        yield "results_early", {}


def _quotas(plan: Plan) -> Iterator[Fault]:
    known = {"topic": plan.topics, "street": plan.streets}
    for quota in plan.quotas:
        if quota.name not in known[quota.kind]:
            yield f"unknown_{quota.kind}", {"name": quota.name}
    for kind in known:
        of_kind = [quota for quota in plan.quotas if quota.kind == kind]
        wanted = sum(quota.least for quota in of_kind)
        if wanted > plan.places:
            yield "quotas_over", {"wanted": wanted, "places": plan.places}
    most = {quota.name: quota.most for quota in plan.quotas if quota.kind == "topic" and quota.most is not None}
    if plan.topics and plan.topics <= most.keys() and sum(most.values()) < plan.places:
        yield "quotas_under", {"there": sum(most.values()), "places": plan.places}
