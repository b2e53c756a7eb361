"""Taking an idea in: receipt number, query code, the person behind it, the first event and the first message."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from ideas.choices import UNKNOWN_AREA, Action, Source
from ideas.errors import Refusal
from ideas.models import Area, Campaign, Idea, IdeaEvent, Message, Resident, Topic, User
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.models.sealed import keyring
from ideas.queries.access import CODE_PURPOSE
from ideas.rules import receipts
from ideas.rules.privacy import NOTICE_VERSION
from ideas.rules.telephones import line_of
from ideas.services.duplicates import index_ideas
from ideas.services.messages import new_messages, within_limits
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import next_event


@dataclass(frozen=True)
class Sent:
    """An idea that is in, and the query code that only its sender is told."""

    idea: Idea
    code: str


@dataclass(frozen=True)
class Entry:
    """How the office took an idea in that did not come over the web: by whom (None: the command line), when, and the
    day that stands on the slip."""

    by: User | None
    at: datetime
    slip_on: date | None


class ChoiceGone(Refusal):
    """What was chosen from the office's lists is not on them any more; `fields` says of what."""

    def __init__(self, fields: Sequence[str], labels: Mapping[str, str]) -> None:
        names = {"topic": gettext("topic"), "area": gettext("community")}
        words = "、".join(f"{names[field]} {labels.get(field, '')}".strip() for field in fields)
        super().__init__(gettext("Not offered any more: %(words)s. Please choose again.") % {"words": words})
        self.fields = tuple(fields)


def chosen(campaign: Campaign, answers: Mapping[str, Any]) -> tuple[Topic, Area | None]:
    """The rows that were chosen; refused with ChoiceGone, never replaced by another or by none."""
    topic = campaign.topics.filter(slug=answers["topic"]).first()
    area = Area.objects.filter(code=answers["area"]).first()
    is_area_gone = area is None and answers["area"] not in ("", UNKNOWN_AREA)
    if topic is None or is_area_gone:
        gone = [name for name, is_gone in (("topic", topic is None), ("area", is_area_gone)) if is_gone]
        raise ChoiceGone(gone, answers.get("labels", {}))
    return topic, area


@dataclass(frozen=True)
class Prepared:
    """An idea with its first event and the person behind it, made and not yet saved."""

    idea: Idea
    event: IdeaEvent
    resident: Resident
    code: str
    told_at: datetime


def prepare_idea(
    *,
    campaign: Campaign,
    answers: Mapping[str, Any],
    at: datetime,
    source: Source = Source.WEB,
    form_hash: UUID | None = None,
    suspicions: Sequence[str] = (),
    entry: Entry | None = None,
) -> Prepared:
    """All that can be done for an idea before the transaction in which it comes in: on SQLite nobody else writes as
    long as that lasts. Takes what receive_idea() does."""
    code = receipts.new_code(secrets.choice)
    topic, area = chosen(campaign, answers)
    idea, event = new_idea(
        campaign, answers, at, receipt=_free_receipt(campaign, at), code=code, topic=topic, area=area,
        source=source, entry=entry,
    )  # fmt: skip
    idea.form_hash, idea.suspicions, idea.suspicion_count = form_hash, list(suspicions), len(suspicions)
    return Prepared(idea, event, new_resident(idea, answers, at), code, entry.at if entry else at)


@in_one_transaction
def take_in(prepared: Prepared, *, address: str | None = None) -> Sent:
    """Save a prepared idea and queue its receipt. `address` is from where somebody sent it in person: then its receipts
    are within limits."""
    idea, event, resident = prepared.idea, prepared.event, prepared.resident
    idea.save(force_insert=True)
    event.idea = resident.idea = idea
    event.save(force_insert=True)
    index_ideas([idea], are_new=True)
    resident.save(force_insert=True)
    variables = {"code": receipts.show_code(prepared.code)}
    told = new_messages(resident, template="receipt", at=prepared.told_at, variables=variables)
    Message.objects.bulk_create(told if address is None else within_limits(told, at=prepared.told_at, address=address))
    return Sent(idea, prepared.code)


@in_one_transaction
def receive_idea(*, campaign: Campaign, answers: Mapping[str, Any], at: datetime, **more: Any) -> Sent:
    """Register an idea from checked answers (the field names of forms.ideas.IdeaForm) and queue its receipt.

    `at` is the moment that counts for order. What the office types in (`entry`) is told of when it was typed.
    `more` is as prepare_idea() takes it.
    """
    return take_in(prepare_idea(campaign=campaign, answers=answers, at=at, **more))


def new_idea(
    campaign: Campaign,
    answers: Mapping[str, Any],
    at: datetime,
    *,
    receipt: str,
    code: str,
    topic: Topic,
    area: Area | None,
    source: Source,
    entry: Entry | None = None,
) -> tuple[Idea, IdeaEvent]:
    """The unsaved idea and its first event, which bears the moment that counts for order."""
    idea = Idea(
        campaign=campaign,
        receipt=receipt,
        code_hash=hash_code(code, secrets.token_hex(8)),
        source=source,
        received_at=at,
        topic=topic,
        area=area,
        **{name: answers[name] for name in ORIGINAL_TEXTS},
    )
    if entry:
        idea.slip_on, idea.entered_by, idea.entered_at = entry.slip_on, entry.by, entry.at
    return idea, next_event(idea, action=Action.SUBMIT, at=at, actor=entry.by if entry else None)


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
        phone_verified_at=at if answers.get("phone_verified") else None,
        consent_version=NOTICE_VERSION,
        consented_at=at,
        publish_consented_at=at if answers.get("publish_consent") else None,
    )


def contact_hashes(contact: Mapping[str, str]) -> tuple[str, str]:
    """The keyed hashes by which a telephone number and an e-mail address are found; "" for none."""
    ring, phone, email = keyring(), line_of(contact["phone"]), contact["email"].casefold()
    return ring.digest(phone.encode(), "phone") if phone else "", ring.digest(email.encode(), "email") if email else ""


def hash_code(code: str, salt: str) -> str:
    """What is kept of a query code: `salt$keyed hash`."""
    return f"{salt}${keyring().digest(f'{salt}:{code}'.encode(), CODE_PURPOSE)}"


def _free_receipt(campaign: Campaign, at: datetime) -> str:
    """A receipt number that nobody has; two requests drawing the same one at once would need 31^7 times luck."""
    year = timezone.localdate(at).year
    while True:
        receipt = receipts.new_receipt(campaign.prefix, year, secrets.choice)
        if not Idea.objects.filter(receipt=receipt).exists():
            return receipt
