"""The facts of a sealing as the archive keeps them: everything from which the list follows, and who did what when."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from ideas.choices import Edition, Role
from ideas.models import (
    Assignment,
    Campaign,
    Mark,
    Panellist,
    Rating,
    Recusal,
    SealedRecord,
    Shortlist,
    Unsealing,
    User,
)
from ideas.queries.ratings import ranking_among
from ideas.queries.shortlist import groups_of, ids_of, quotas_of
from ideas.rules import members, record
from ideas.rules.record import decimal

Seal = tuple[User, datetime]
BATCH = 2000


def records_of(campaign: Campaign) -> QuerySet[SealedRecord]:
    return SealedRecord.objects.filter(campaign=campaign).order_by("number", "edition")


def latest_record(campaign: Campaign, edition: Edition) -> SealedRecord | None:
    return records_of(campaign).filter(edition=edition).last()


def facts_in(kept: SealedRecord) -> record.Facts:
    """The facts of a kept record; none where its text is damaged."""
    try:
        facts = members.read(kept.file)["record"]
    except members.Unreadable:
        return {}
    return facts if isinstance(facts, dict) else {}


def public_record(campaign: Campaign) -> SealedRecord | None:
    """What everybody may download: the last record's public edition, once released, where the campaign publishes it."""
    return latest_record(campaign, Edition.PUBLIC) if campaign.is_released and campaign.publish_record else None


def _moment(at: datetime | None) -> str | None:
    return localtime(at).isoformat(timespec="seconds") if at else None


class _Keys:
    """Short keys for persons in the order in which they are met, and the list of who they are."""

    def __init__(self, name: str) -> None:
        self.name, self.rows = name, dict[int, User]()

    def of(self, user: User | None) -> str | None:
        if user is None:
            return None
        self.rows.setdefault(user.pk, user)
        return f"{self.name}-{list(self.rows).index(user.pk) + 1}"


def _role(user: User) -> str:
    """The first of the user's roles; an administrator has none."""
    own = set(user.groups.values_list("name", flat=True))
    return next((role.value for role in Role if role.value in own), "administrator")


def facts_of(shortlist: Shortlist, *, number: int, seals: Sequence[Seal]) -> dict[str, Any]:
    """The archive edition of the list as it stands; its long lists are iterators, for rules.record.in_parts()."""
    campaign, staff = shortlist.campaign, _Keys("staff")
    receipts, ideas = list(shortlist.candidates), ids_of(shortlist, shortlist.candidates)
    receipt = dict(zip(ideas, receipts, strict=True))
    panel = list(campaign.panellists.order_by("id").select_related("user__unit"))
    reviewer = {panellist.pk: f"reviewer-{place}" for place, panellist in enumerate(panel, start=1)}
    criterion = {row.pk: f"criterion-{place}" for place, row in enumerate(campaign.criteria.all(), start=1)}
    ranking = ranking_among(campaign, ideas)
    groups = groups_of(campaign)
    facts: dict[str, Any] = {
        "format": record.FORMAT,
        "edition": Edition.ARCHIVE.value,
        "number": number,
        "campaign": {
            "slug": campaign.slug,
            "title": campaign.title,
            "organiser": campaign.organiser,
            "closes_at": _moment(campaign.closes_at),
        },
        "places": shortlist.places,
        "method": _method(campaign, shortlist),
        "rubric": _rubric(campaign, criterion),
        "panel": [_panellist(row, reviewer[row.pk]) for row in panel],
        "ideas": receipts,
        "groups": {receipt[idea]: groups[idea] for idea in ideas},
        "assignments": _assignments(campaign, receipt, reviewer),
        "recusals": _recusals(campaign, receipt, reviewer),
        "reviews": _reviews(campaign, receipt, reviewer, criterion),
        "scores": (
            {
                "idea": receipt[score.idea],
                "score": decimal(score.score),
                "mean": decimal(score.mean),
                "reviews": score.reviews,
            }
            for score in ranking
        ),
        "tiers": [{"name": tier.name, "places": tier.places} for tier in campaign.tiers.all()],
        "incompatible": [
            {"ideas": [row.first.receipt, row.second.receipt], "reason": row.reason, "by": staff.of(row.by)}
            for row in campaign.incompatible.select_related("first", "second", "by")
            if {row.first_id, row.second_id} <= receipt.keys()
        ],
    }
    facts["quotas"] = _quotas(campaign, shortlist)
    facts["proposal"] = {
        "at": _moment(shortlist.proposed_at),
        "by": staff.of(shortlist.proposed_by),
        "list": shortlist.proposed,
        "cut": decimal(shortlist.cut),
        "tied": shortlist.tied,
        "moves": shortlist.moves,
    }
    facts["exchanges"] = _exchanges(shortlist, staff)
    facts["list"] = list_of(shortlist)
    facts["seals"] = [{"by": staff.of(user), "at": _moment(at)} for user, at in seals]
    facts["unsealings"] = [_unsealing(row, staff) for row in campaign.unsealings.exclude(consented_by=None)]
    facts["staff"] = [
        {"key": staff.of(user), "name": user.name, "role": _role(user)} for user in list(staff.rows.values())
    ]
    return facts


def _method(campaign: Campaign, shortlist: Shortlist) -> dict[str, Any]:
    return {
        "name": shortlist.method,
        "decimals": record.ratings.DECIMALS,
        "ties": list(record.TIES),
        "tie_rule": campaign.tie_rule,
        "rounds": campaign.rounds,
        "reviews_per_idea": campaign.reviews_per_idea,
    }


def _rubric(campaign: Campaign, key: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "key": key[row.pk],
            "name": row.name,
            "weight": row.weight,
            "advice_only": row.is_advice,
            "optional": row.is_optional,
        }
        for row in campaign.criteria.all()
    ]


def _panellist(panellist: Panellist, key: str) -> dict[str, Any]:
    unit = panellist.user.unit
    return {
        "key": key,
        "name": panellist.user.name,
        "unit": unit.name if unit else "",
        "is_active": panellist.is_active,
    }


def _assignments(campaign: Campaign, receipt: dict[int, str], reviewer: dict[int, str]) -> dict[str, Any]:
    rows = Assignment.objects.filter(panellist__campaign=campaign).order_by("id")
    pairs = (
        [receipt[idea], reviewer[panellist]]
        for idea, panellist in rows.values_list("idea_id", "panellist_id").iterator(BATCH)
        if idea in receipt
    )
    runs = [
        {
            "kind": run.kind,
            "round": run.round,
            "seed": run.seed,
            "per_idea": run.per_idea,
            "algorithm": run.version,
            "made": run.made,
            "at": _moment(run.at),
        }
        for run in campaign.assignment_runs.all()
    ]
    return {"runs": runs, "pairs": pairs}


def _recusals(campaign: Campaign, receipt: dict[int, str], reviewer: dict[int, str]) -> list[dict[str, Any]]:
    rows = Recusal.objects.filter(assignment__panellist__campaign=campaign).select_related("assignment").order_by("id")
    return [
        {
            "idea": receipt[row.assignment.idea_id],
            "reviewer": reviewer[row.assignment.panellist_id],
            "reason": row.reason,
            "at": _moment(row.at),
        }
        for row in rows
        if row.assignment.idea_id in receipt
    ]


def _reviews(
    campaign: Campaign, receipt: dict[int, str], reviewer: dict[int, str], criterion: dict[int, str]
) -> Iterator[dict[str, Any]]:
    rows = Rating.objects.counting().filter(assignment__panellist__campaign=campaign).order_by("assignment_id")
    names = ("id", "assignment__idea_id", "assignment__panellist_id", "comment", "rated_at")
    some = rows.values_list("assignment_id", *names).iterator(BATCH)
    while batch := list(islice(some, BATCH)):
        points = _points(campaign, (batch[0][0], batch[-1][0]), criterion)
        for _assignment, pk, idea, panellist, comment, at in batch:
            if idea in receipt and pk in points:
                yield {
                    "idea": receipt[idea],
                    "reviewer": reviewer[panellist],
                    "marks": points[pk],
                    "comment": comment,
                    "at": _moment(at),
                }


def _points(campaign: Campaign, assignments: tuple[int, int], criterion: dict[int, str]) -> dict[int, dict[str, int]]:
    """The marks of each rating on the assignments from one to the other."""
    points: dict[int, dict[str, int]] = defaultdict(dict)
    first, last = assignments
    marks = Mark.objects.filter(rating__assignment__gte=first, rating__assignment__lte=last)
    marks = marks.filter(rating__assignment__panellist__campaign=campaign)
    for rating, row, value in marks.values_list("rating_id", "criterion_id", "points"):
        points[rating][criterion[row]] = value
    return points


def _quotas(campaign: Campaign, shortlist: Shortlist) -> list[dict[str, Any]]:
    listed = set(shortlist.entries.values_list("idea_id", flat=True))
    return [
        {
            "kind": quota.kind,
            "name": quota.name,
            "least": quota.least,
            "most": quota.most,
            "listed": len(quota.ideas & listed),
        }
        for quota in quotas_of(campaign)
    ]


def _exchanges(shortlist: Shortlist, staff: _Keys) -> list[dict[str, Any]]:
    return [
        {
            "out": row.removed.receipt,
            "put_in": row.added.receipt,
            "is_tier": row.is_tier,
            "category": row.category,
            "reason": row.reason,
            "minutes_number": row.minutes_number,
            "minutes_on": row.minutes_on.isoformat() if row.minutes_on else None,
            "proposed_by": staff.of(row.proposed_by),
            "proposed_at": _moment(row.proposed_at),
            "consented_by": staff.of(row.decided_by),
            "consented_at": _moment(row.decided_at),
        }
        for row in shortlist.exchanges.made().select_related("removed", "added", "proposed_by", "decided_by")
    ]


def list_of(shortlist: Shortlist) -> list[dict[str, Any]]:
    """The picks as the record writes them."""
    return [
        {
            "rank": entry.rank,
            "idea": entry.idea.receipt,
            "tier": entry.tier.name if entry.tier else None,
            "score": decimal(entry.score),
            "reviews": entry.reviews,
        }
        for entry in shortlist.entries.select_related("idea", "tier").order_by("rank")
    ]


def _unsealing(row: Unsealing, staff: _Keys) -> dict[str, Any]:
    return {
        "number": row.number,
        "reason": row.reason,
        "asked_by": staff.of(row.asked_by),
        "asked_at": _moment(row.asked_at),
        "consented_by": staff.of(row.consented_by),
        "consented_at": _moment(row.consented_at),
    }


def hidden_ideas(shortlist: Shortlist) -> list[str]:
    """Receipt numbers that the public edition must not show: restricted ideas, but for those that are winners."""
    restricted = shortlist.campaign.ideas.restricted().filter(shortlist_entry=None)
    return sorted(set(restricted.values_list("receipt", flat=True)).intersection(shortlist.candidates))
