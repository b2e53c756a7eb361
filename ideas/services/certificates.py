"""Issuing certificates, noting who received one, withdrawing one; never before the release of the winners."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import OfficeAct
from ideas.errors import Lacking, Refusal, Stale
from ideas.models import Campaign, Certificate, Idea, User
from ideas.queries.access import require, require_may_see
from ideas.queries.certificates import honoured, without_certificate
from ideas.rules.certificates import new_code
from ideas.rules.visible import as_read, required
from ideas.services.office import log_act
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas

PERMISSION = "ideas.issue_certificate"


@in_one_transaction
def issue_certificates(*, campaign: Campaign, manager: User, at: datetime) -> int:
    """One for every winner and co-proposer who never had one; returns how many. Pressed twice, nothing is left."""
    require(manager, PERMISSION)
    row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if not row.is_released:
        raise Refusal(_("Certificates are issued once the winners are released."))
    hold_ideas(without_certificate(row).values_list("pk", flat=True))
    ideas = list(without_certificate(row))
    if not ideas:
        raise Refusal(_("Everybody who is honoured has a certificate already."))
    Certificate.objects.bulk_create([_new(idea, manager, at) for idea in ideas])
    log_act(act=OfficeAct.CERTIFICATES, at=at, actor=manager, campaign=row, detail={"rows": len(ideas)})
    return len(ideas)


def _new(idea: Idea, manager: User, at: datetime) -> Certificate:
    code = new_code(secrets.choice)
    winner = idea.merged_into_id or idea.pk
    return Certificate(code=code, idea=idea, winner_id=winner, issued_at=at, issued_by=manager)


@in_one_transaction
def note_handover(
    *,
    certificate: Certificate,
    manager: User,
    at: datetime,
    expected_version: int,
    handed_on: date,
    handed_by: str,
    to: str,
) -> Certificate:
    """Note who received it from whom on which day; noted again, it replaces what was noted before."""
    row = _held(certificate, manager, expected_version)
    if not row.is_standing:
        raise Refusal(_("This certificate is withdrawn."))
    missing = {
        name: _("Please fill this in.") for name, words in (("handed_by", handed_by), ("to", to)) if not as_read(words)
    }
    if not localdate(row.issued_at) <= handed_on <= localdate(at):
        missing["handed_on"] = _("Give a day from its issue until today.")
    if missing:
        raise Lacking(_("Not kept yet: something is missing."), missing)
    row.handed_on, row.noted_by = handed_on, manager
    row.handed_by, row.received = as_read(handed_by), {"to": as_read(to)}
    row.save()
    _log(OfficeAct.CERTIFICATE_GIVEN, row, manager, at, detail={"on": handed_on.isoformat()})
    return row


@in_one_transaction
def withdraw_certificate(
    *, certificate: Certificate, manager: User, at: datetime, expected_version: int, reason: str
) -> Certificate:
    """From now on its page says that it is withdrawn; the reason stays in the office."""
    row = _held(certificate, manager, expected_version)
    if not row.is_standing:
        raise Refusal(_("This certificate is withdrawn."))
    row.reason = required(reason, _("Say why the certificate is withdrawn; it is kept in the office's log."))
    row.withdrawn_at, row.withdrawn_by = at, manager
    row.save()
    _log(OfficeAct.CERTIFICATE_OFF, row, manager, at, purpose=row.reason)
    return row


@in_one_transaction
def issue_anew(*, certificate: Certificate, manager: User, at: datetime, expected_version: int) -> Certificate:
    """Another one in place of a withdrawn one, under a code of its own: the old paper stays withdrawn."""
    row = _held(certificate, manager, expected_version)
    idea = honoured(row.winner.campaign).filter(pk=row.idea_id).first()
    if row.is_standing or row.idea.certificates.standing().exists():
        raise Refusal(_("Whoever is honoured has a certificate that holds. Withdraw it first."))
    if idea is None:
        raise Refusal(_("This idea is not honoured any more, or the personal data were erased."))
    made = _new(idea, manager, at)
    made.save(force_insert=True)
    _log(OfficeAct.CERTIFICATES, made, manager, at, detail={"rows": 1})
    return made


def forget_receiver(idea: Idea) -> None:
    """The person is erased: who received the certificate was that person, or somebody of theirs."""
    Certificate.objects.filter(idea=idea).update(received={})


def _held(certificate: Certificate, manager: User, expected_version: int) -> Certificate:
    """The row as the page showed it, locked, one version on. The idea comes first: an erasure under way ends before."""
    require(manager, PERMISSION)
    hold_ideas([certificate.idea_id])
    row = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("idea", "winner__campaign")
        .get(pk=certificate.pk)
    )
    require_may_see(manager, row.idea)
    require_may_see(manager, row.winner)
    if row.version != expected_version:
        raise Stale(_("This certificate has changed since you opened it. Nothing was done; please look again."))
    row.version += 1
    return row


def _log(
    act: OfficeAct,
    row: Certificate,
    manager: User,
    at: datetime,
    *,
    purpose: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    campaign = row.winner.campaign
    log_act(act=act, at=at, actor=manager, campaign=campaign, idea=row.idea, purpose=purpose, detail=detail)
