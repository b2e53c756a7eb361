"""Restricted ideas as their keepers read them: which of them wait to be handed over, and since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ideas.choices import Action, OfficeAct
from ideas.models import Idea, IdeaEvent, OfficeEvent, User
from ideas.queries.access import AnyUser, screened_ideas


@dataclass(frozen=True)
class Waiting:
    """How many restricted ideas wait, and since when the longest; None while none does."""

    number: int
    since: datetime | None


def keepers() -> QuerySet[User]:
    """All active users to whom the right to see restricted ideas was given; system administrators only have it."""
    right = Permission.objects.filter(content_type__app_label="ideas", codename="see_restricted")
    given = Q(groups__permissions__in=right) | Q(user_permissions__in=right)
    return User.objects.filter(given, is_active=True).distinct().order_by("pk")


def restricted_ideas(user: AnyUser) -> Any:
    """All restricted ideas, for those who may see them; the ones that wait first, the longest waiting at the top.

    One waits (`is_waiting`) until a hand-over is noted that is later than its restriction (`restricted_at`,
    `restricted_by`, `why`; `handed_over_at`), or until the restriction is lifted.
    """
    if not user.has_perm("ideas.see_restricted"):
        return Idea.objects.none()
    rows = _with_their_wait(screened_ideas(user).restricted())
    return rows.order_by("-is_waiting", "restricted_at", "pk")


def _with_their_wait(rows: Any) -> Any:
    last = IdeaEvent.objects.filter(idea=OuterRef("pk"), action=Action.RESTRICT).order_by("-number")
    given = OfficeEvent.objects.filter(idea=OuterRef("pk"), act=OfficeAct.HAND_OVER).order_by("-at", "-id")
    rows = rows.annotate(
        restricted_at=Coalesce(Subquery(last.values("at")[:1]), F("received_at")),
        restricted_by=Subquery(last.values("actor__name")[:1]),
        why=Subquery(last.values("reason")[:1]),
        handed_over_at=Subquery(given.values("at")[:1]),
    )
    waits = Q(handed_over_at=None) | Q(handed_over_at__lt=F("restricted_at"))
    return rows.annotate(is_waiting=ExpressionWrapper(waits, BooleanField()))


def waiting(user: AnyUser) -> Waiting | None:
    """What waits for a keeper, in one query; None for everybody else, who does not learn that there is anything."""
    return all_waiting() if user.has_perm("ideas.see_restricted") else None


def all_waiting() -> Waiting:
    """The same for the portal itself, which reminds the keepers."""
    found = _with_their_wait(Idea.objects.restricted()).filter(is_waiting=True)
    counted = found.aggregate(number=Count("pk"), since=Min("restricted_at"))
    return Waiting(counted["number"], counted["since"])
