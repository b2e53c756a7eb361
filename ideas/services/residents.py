"""What residents do: leave a draft, send it, and find it again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Phase, Source
from ideas.errors import Refusal
from ideas.models import Area, Campaign, Draft, Idea, Resident
from ideas.models.sealed import keyring
from ideas.queries.access import CODE_PURPOSE
from ideas.rules import receipts
from ideas.rules.privacy import NOTICE_VERSION
from ideas.services.messages import queue
from ideas.services.workflow import next_event

DRAFT_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Sent:
    """An idea that is in, and the query code that only its sender is told."""

    idea: Idea
    code: str


class CampaignClosed(Refusal):
    """The campaign takes no ideas at this moment."""


class DraftGone(Refusal):
    """There is no such draft (any more)."""


def save_draft(*, key: UUID, campaign: Campaign, answers: Mapping[str, Any], at: datetime) -> Draft:
    """Keep checked answers until they are sent; a draft that has become an idea is left as it is."""
    _require_open(campaign, at)
    with transaction.atomic():
        draft, created = Draft.objects.select_for_update().get_or_create(
            key=key,
            defaults={
                "campaign": campaign,
                "payload": {"answers": dict(answers)},
                "created_at": at,
                "expires_at": at + DRAFT_LIFE,
            },
        )
        if draft.campaign_id != campaign.pk:
            raise DraftGone(_("This form belongs to another campaign."))
        if not created and draft.idea_id is None:
            draft.payload, draft.expires_at = {"answers": dict(answers)}, at + DRAFT_LIFE
            draft.save(update_fields=["payload", "expires_at"])
    return draft


def send_draft(*, key: UUID, campaign: Campaign, at: datetime) -> Sent:
    """Make a draft an idea, once: every further call with the same key gives the same receipt and code.

    Idea, resident, first event, receipt message and the draft's end are one transaction.
    """
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(key=key, campaign=campaign, expires_at__gt=at).first()
        if draft is None:
            raise DraftGone(_("We no longer have this form. Please fill it in again."))
        if draft.idea is not None:
            return Sent(draft.idea, draft.payload["code"])
        _require_open(campaign, at)
        sent = receive_idea(campaign=campaign, answers=draft.payload["answers"], at=at, form_key=key)
        draft.idea, draft.payload, draft.expires_at = sent.idea, {"code": sent.code}, at + DRAFT_LIFE
        draft.save(update_fields=["idea", "payload", "expires_at"])
        return sent


def is_same(draft: Draft, answers: Mapping[str, Any]) -> bool:
    """Whether a draft has become an idea and these answers say nothing new: the same words, the same contact."""
    if draft.idea is None:
        return False
    resident = Resident.objects.filter(idea=draft.idea).first()
    words = {name: getattr(draft.idea, name) for name in ("title", "problem", "proposal", "place")}
    person = {**resident.contact, "naming": resident.naming} if resident else {}
    return bool(person) and all(answers[name] == value for name, value in {**words, **person}.items())


@transaction.atomic
def receive_idea(
    *,
    campaign: Campaign,
    answers: Mapping[str, Any],
    at: datetime,
    source: Source = Source.WEB,
    form_key: UUID | None = None,
) -> Sent:
    """Register an idea from checked answers (the field names of forms.ideas.IdeaForm) and queue its receipt."""
    code = receipts.new_code(secrets.choice)
    idea = Idea(
        campaign=campaign,
        receipt=_free_receipt(campaign, at),
        form_key=form_key,
        code_hash=hash_code(code, secrets.token_hex(8)),
        source=source,
        received_at=at,
        topic=campaign.topics.get(slug=answers["topic"]),
        area=Area.objects.filter(code=answers["area"]).first(),
        place=answers["place"],
        title=answers["title"],
        problem=answers["problem"],
        proposal=answers["proposal"],
    )
    event = next_event(idea, action=Action.SUBMIT, at=at)
    idea.save(force_insert=True)
    event.idea = idea
    event.save(force_insert=True)
    resident = new_resident(idea, answers, at)
    resident.save(force_insert=True)
    queue(resident, template="receipt", at=at, variables={"code": receipts.show_code(code)})
    return Sent(idea, code)


def new_resident(idea: Idea, answers: Mapping[str, Any], at: datetime) -> Resident:
    """The unsaved person behind an idea, contact sealed, with keyed hashes to find them by."""
    contact = {field: answers.get(field, "") for field in ("name", "phone", "email", "net_name")}
    phone_hash, email_hash = contact_hashes(contact)
    return Resident(
        idea=idea,
        contact=contact,
        phone_hash=phone_hash,
        email_hash=email_hash,
        language=answers["language"],
        naming=answers["naming"],
        is_of_age=True,
        consent_version=NOTICE_VERSION,
        consented_at=at,
        publish_consented_at=at if answers.get("publish_consent") else None,
    )


def contact_hashes(contact: Mapping[str, str]) -> tuple[str, str]:
    """The keyed hashes by which a telephone number and an e-mail address are found; "" for none."""
    ring, phone, email = keyring(), contact["phone"], contact["email"].casefold()
    return ring.digest(phone.encode(), "phone") if phone else "", ring.digest(email.encode(), "email") if email else ""


def hash_code(code: str, salt: str) -> str:
    """What is kept of a query code: `salt$keyed hash`."""
    return f"{salt}${keyring().digest(f'{salt}:{code}'.encode(), CODE_PURPOSE)}"


def drop_expired_drafts(*, at: datetime) -> int:
    """Delete drafts whose time is over, sent or not; gives how many."""
    return Draft.objects.expired(at).delete()[1].get("ideas.Draft", 0)


def _require_open(campaign: Campaign, at: datetime) -> None:
    if campaign.phase(at) != Phase.COLLECTING:
        raise CampaignClosed(_("This campaign is not taking ideas now."))


def _free_receipt(campaign: Campaign, at: datetime) -> str:
    """A receipt number that nobody has; two requests drawing the same one at once would need 31^7 times luck."""
    year = timezone.localdate(at).year
    while True:
        receipt = receipts.new_receipt(campaign.prefix, year, secrets.choice)
        if not Idea.objects.filter(receipt=receipt).exists():
            return receipt
