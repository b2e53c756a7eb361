"""Which contacts a unit may see now. No contact is read here."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from ideas.models import ContactRelease, Idea, Referral, ReferralIdea, Resident
from ideas.rules.privacy import NAMES_UNITS
from ideas.rules.referrals import OPEN


def in_force(at: datetime) -> QuerySet[ContactRelease]:
    """Those until today or later, of a place that is open, with the unit that has it since before; whose person is
    there and whose idea is not restricted."""
    place = ReferralIdea.objects.standing().filter(referral=OuterRef("referral"), idea=OuterRef("idea"), closing=None)
    person = Resident.objects.filter(idea=OuterRef("idea"))
    has_it = Q(referral__state__in=OPEN, referral__unit=F("unit"), referral__sent_at__lte=F("given_at"))
    rows = ContactRelease.objects.filter(has_it, ended_at=None, until__gte=localdate(at))
    return rows.filter(Exists(place), Exists(person), idea__in=Idea.objects.unrestricted())


def releases_of(referral: Referral) -> QuerySet[ContactRelease]:
    """All that were ever given of a referral, the newest first, for the office."""
    return referral.contact_releases.select_related("idea", "unit", "given_by").order_by("-id")


def asked_anew(ideas: Iterable[int]) -> list[str]:
    """The receipts of those of some ideas whose residents agreed to a notice that did not name units yet."""
    rows = Resident.objects.filter(idea__in=ideas, consent_version__lt=NAMES_UNITS).order_by("idea_id")
    return list(rows.values_list("idea__receipt", flat=True))


def open_releases(referral: Referral, at: datetime) -> QuerySet[ContactRelease]:
    return in_force(at).filter(referral=referral).select_related("idea").order_by("id")
