"""Giving a unit a resident's contact: by the office, for one referral, a purpose and some days; each look is logged."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import OfficeAct
from ideas.errors import Lacking, NotPermitted, Refusal, lacking
from ideas.models import ContactRelease, Idea, Referral, Resident, User
from ideas.queries.access import require
from ideas.queries.contact_releases import in_force, open_releases
from ideas.rules.privacy import allows_units
from ideas.rules.referrals import LONGEST_RELEASE
from ideas.services.contacts import Contact, contact_of, log_contact, purpose_said
from ideas.services.office import log_act
from ideas.services.referrals import held
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas


@in_one_transaction
def release_contact(
    *,
    referral: Referral,
    idea: Idea,
    staff: User,
    at: datetime,
    purpose: str,
    until: date,
    words: str = "",
    agreed: bool = False,
    expected_version: int | None = None,
) -> ContactRelease:
    """Let the unit that leads a referral see the contact of one of its ideas until a day; `agreed` says that its
    resident was asked, where the notice that was consented to names no units."""
    require(staff, "ideas.refer_idea")
    require(staff, "ideas.show_contact")
    code, words = purpose_said(purpose, words)
    hold_ideas([idea.pk])
    referral = held(referral, expected_version)
    _require_releasable(referral, idea, until, at)
    is_covered = allows_units(Resident.objects.get(idea=idea).consent_version)
    if not is_covered and not agreed:
        why = _("The privacy notice of that time did not say that a unit may see a contact.")
        raise Lacking(why, {"agreed": _("Ask the resident first, and tick that they agree.")})
    referral.contact_releases.filter(idea=idea, ended_at=None).update(ended_at=at)  # over already, by its day
    release = ContactRelease.objects.create(
        referral=referral,
        idea=idea,
        unit=referral.unit,
        purpose=code,
        words=words,
        until=until,
        given_by=staff,
        given_at=at,
    )
    detail: dict[str, Any] = {"purpose": code.value, **_about(release), "until": until.isoformat()}
    if not is_covered:
        detail["agreed"] = True
    log_act(
        act=OfficeAct.RELEASE_CONTACT,
        at=at,
        actor=staff,
        campaign=referral.campaign,
        idea=idea,
        purpose=words,
        detail=detail,
    )
    return release


def _require_releasable(referral: Referral, idea: Idea, until: date, at: datetime) -> None:
    today = localdate(at)
    place = referral.places.standing().filter(idea=idea, closing=None)
    if not referral.is_open or not place.exists() or Idea.objects.restricted().filter(pk=idea.pk).exists():
        raise Refusal(_("This place of the referral is not open any more."))
    if referral.unit.by_letter:
        raise Refusal(_("This unit has no log-in; it sees nothing here."))
    if not today <= until <= today + LONGEST_RELEASE:
        raise lacking("until", _("Choose a day from today on, within %(days)s days.") % {"days": LONGEST_RELEASE.days})
    if open_releases(referral, at).filter(idea=idea).exists():
        raise Refusal(_("This contact is released already. Take it back first to change the day or the purpose."))
    if not Resident.objects.filter(idea=idea).exists():
        raise Refusal(_("The personal data of this idea were erased."))


@in_one_transaction
def take_contact_back(*, release: ContactRelease, staff: User, at: datetime) -> None:
    """It is not needed any more."""
    require(staff, "ideas.refer_idea")
    held(release.referral)
    if not ContactRelease.objects.filter(pk=release.pk, ended_at=None).update(ended_at=at):
        raise Refusal(_("It has ended already."))
    referral, detail = release.referral, _about(release)
    log_act(
        act=OfficeAct.CONTACT_BACK, at=at, actor=staff, campaign=referral.campaign, idea=release.idea, detail=detail
    )


@in_one_transaction
def see_contact(*, release: ContactRelease, officer: User, at: datetime) -> Contact:
    """The contact, for somebody of the unit; the log line is written first."""
    require(officer, "ideas.work_referral")
    if officer.unit_id != release.unit_id:
        raise NotPermitted(_("This referral is not your unit's."))
    hold_ideas([release.idea_id])  # an erasure under way ends first
    held(release.referral)
    row = in_force(at).select_related("idea__campaign", "referral__campaign", "unit").filter(pk=release.pk).first()
    if row is None:
        raise Refusal(_("The time for which the office released this contact is over."))
    said = purpose_said(row.purpose, row.words)
    log_contact(
        OfficeAct.SHOW_CONTACT, officer, at, said, campaign=row.idea.campaign, idea=row.idea, detail=_about(row)
    )
    return contact_of(Resident.objects.get(idea=row.idea))


def end_releases(ideas: Sequence[Idea], *, at: datetime) -> None:
    """The persons of these ideas are erased, or the ideas restricted: no unit sees a contact of theirs any more."""
    ContactRelease.objects.filter(idea__in=[idea.pk for idea in ideas], ended_at=None).update(ended_at=at)


def _about(release: ContactRelease) -> dict[str, str]:
    return {"unit": release.unit.name, "referral": release.referral.shown_number}
