"""Referrals of restricted ideas: who of a unit can be named for one, and since when one waits until somebody is."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from ideas.models import Idea, Referral, ReferralIdea, Unit, User
from ideas.queries.referrals import officers_of
from ideas.rules.referrals import NAMING, WAITS_FOR_NAMES


def is_restricted(referral: Referral) -> bool:
    return Referral.objects.restricted().filter(pk=referral.pk).exists()


def people_of(unit: Unit) -> QuerySet[User]:
    """The officers and heads of a unit, who can be named one by one."""
    return officers_of(unit).order_by("name", "pk")


def waits_since(referral: Referral) -> datetime | None:
    """Since when nobody of the unit can act on the referral of a restricted idea; None once somebody is named, and
    where no idea is restricted."""
    return unnamed_since(referral) if is_restricted(referral) else None


def unnamed_since(referral: Referral) -> datetime | None:
    """The same of one that is, or was until now, a restricted idea's."""
    last = referral.events.filter(act__in=NAMING | WAITS_FOR_NAMES).order_by("number").last()
    return last.at if last and last.act in WAITS_FOR_NAMES else None


def referrals_of(ideas: Iterable[Idea]) -> list[Referral]:
    """All that these ideas ever belonged to, in the order of locks."""
    keys = ReferralIdea.objects.filter(idea__in=[idea.pk for idea in ideas]).values("referral")
    return list(Referral.objects.filter(pk__in=keys).order_by("pk"))


def restricted_referrals_of(ideas: Iterable[Idea]) -> set[int]:
    """The keys of those that are for named people only now."""
    keys = [referral.pk for referral in referrals_of(ideas)]
    return set(Referral.objects.restricted().filter(pk__in=keys).values_list("pk", flat=True))
