"""The outbox: queueing in the sender's transaction, draining by the worker."""

import logging
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Language, Medium, MessageState, MessageTemplate, OfficeAct
from ideas.errors import GatewayError, Refusal
from ideas.gateways import Rendered
from ideas.gateways.limited import within
from ideas.models import Idea, IdeaEvent, Message, Resident, User
from ideas.queries.access import require, require_may_see
from ideas.rules.privacy import takes_sms
from ideas.rules.telephones import line_of
from ideas.rules.throttle import sender_of
from ideas.services.office import log_act
from ideas.services.throttle import consume
from ideas.services.transactions import in_one_transaction

CAUSED = ("withdrawn",)  # by a resident alone, about an idea that anybody may have sent
log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than one gateway may take, many times over
# Twelve tries over seven hours; then it is given up, kept for some days, and can be sent again in the admin.
BACK_OFF = [timedelta(minutes=m) for m in (1, 2, 4, 8, 15, 30, 60, 60, 60, 90, 90)]


def new_messages(
    resident: Resident,
    *,
    template: str,
    at: datetime,
    variables: Mapping[str, Any] | None = None,
    event: IdeaEvent | None = None,
) -> list[Message]:
    """The unsaved messages that tell a resident something: one per address given and medium that the office has.

    Those that tell of a decision (`event`) wait until it cannot be undone any more.
    """
    idea = resident.idea
    due = at + timedelta(seconds=conf.undo_seconds()) if event else at
    with translation.override(resident.language):
        told = {
            "campaign": idea.campaign.text("title")[0],
            "receipt": idea.receipt,
            "link": f"{conf.site_url()}/track/",
            "phone": conf.office().phone,
            "language": resident.language,
            **{name: str(value) for name, value in (variables or {}).items()},
        }
    rows = messages_to(resident.contact, template=template, language=resident.language, at=at, variables=told)
    for row in rows:
        row.idea, row.event, row.next_try_at = idea, event, due
    return rows


def messages_to(
    contact: Mapping[str, str], *, template: str, language: str, at: datetime, variables: Mapping[str, str]
) -> list[Message]:
    """The unsaved messages, of no idea, to a contact ("phone", "email"): one per address and medium of the office."""
    phone = contact.get("phone", "")
    addresses = {
        Medium.EMAIL: contact.get("email"),
        Medium.SMS: line_of(phone) if takes_sms(phone, conf.sms_countries()) else "",
    }
    return [
        Message(
            template=template,
            medium=medium,
            language=language,
            payload={"address": address, "variables": dict(variables)},
            queued_at=at,
            next_try_at=at,
        )
        for medium, address in addresses.items()
        if address and conf.gateway(medium) is not None
    ]


def mail_staff(mails: Iterable[tuple[str, Mapping[str, str]]], *, template: MessageTemplate, at: datetime) -> int:
    """Queue (address, variables) mails about the office's own work, in Chinese and of no idea; no address, no mail.

    Where the office sends no e-mail nothing is queued. Returns how many were.
    """
    if conf.gateway(Medium.EMAIL) is None:
        return 0
    rows = [(Medium.EMAIL, address, variables) for address, variables in mails if address]
    return queue_for_staff(rows, template=template, at=at)


def queue_for_staff(
    rows: Iterable[tuple[str, str, Mapping[str, str]]], *, template: MessageTemplate, at: datetime
) -> int:
    """Queue (medium, address, variables) messages about the office's own work; returns how many."""
    queued = Message.objects.bulk_create(
        Message(
            template=template,
            medium=medium,
            language=Language.CHINESE,
            payload={"address": address, "variables": dict(variables)},
            queued_at=at,
            next_try_at=at,
        )
        for medium, address, variables in rows
    )
    return len(queued)


def tell_resident(
    *,
    idea: Idea,
    template: str,
    at: datetime,
    variables: Mapping[str, Any] | None = None,
    event: IdeaEvent | None = None,
) -> None:
    """Queue what a resident is to be told; call it inside the transaction of the fact itself."""
    resident = Resident.objects.select_related("idea__campaign").filter(idea=idea).first()
    if resident:  # an erased resident is told nothing
        rows = new_messages(resident, template=template, at=at, variables=variables, event=event)
        Message.objects.bulk_create(within_limits(rows, at=at) if template in CAUSED else rows)


def within_limits(rows: list[Message], *, at: datetime, address: str = "") -> list[Message]:
    """Messages that anybody can cause, who need not be whom they go to; those beyond what a contact gets in a day end
    here, emptied, and say why.

    `address` is where the act came from; receipts and codes are bounded for it as well. What is not sent stands on the
    page all the same, so nobody is refused anything.
    """
    most = conf.limit_messages_sender_hour()
    too_many = bool(rows and address) and not consume(
        "told-sender", sender_of(address), most=most, per=timedelta(hours=1), at=at
    )
    for row in rows:
        if too_many or not _may_get(row, at):
            row.state, row.error, row.payload = MessageState.DEAD, "limit", {}
    return rows


def _may_get(row: Message, at: datetime) -> bool:
    most, to = conf.limit_messages_contact_day(), row.payload["address"].casefold()
    return consume(f"told-{row.template}", to, most=most, per=timedelta(days=1), at=at)


def take_back(event: IdeaEvent) -> bool:
    """Take the messages of a decision out of the outbox; False, and nothing is taken, if one has left or is leaving."""
    rows = list(Message.objects.select_for_update().filter(event=event).defer("payload"))
    if any(row.tries for row in rows):
        return False
    Message.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return True


def render(message: Message) -> Rendered:
    """The message's words in its language; an SMS has no subject."""
    variables = message.payload["variables"]
    base = f"messages/{message.template}"
    with translation.override(message.language):
        if message.medium == Medium.SMS:
            return Rendered(subject="", body=render_to_string(f"{base}.sms.txt", variables).strip())
        subject = " ".join(render_to_string(f"{base}.subject.txt", variables).split())
        return Rendered(subject=subject, body=render_to_string(f"{base}.body.txt", variables).strip() + "\n")


@in_one_transaction
def claim(*, at: datetime, medium: Medium | None = None, most: int = 10) -> list[Message]:
    """Take due messages for this worker until the lease ends; two workers never get the same row.

    What they say is not opened yet: one that cannot be opened stops no other.
    """
    skip = connection.features.has_select_for_update_skip_locked
    due = Message.objects.due(at).filter(**({"medium": medium} if medium else {})).defer("payload")
    taken = list(due.select_for_update(skip_locked=skip).order_by("next_try_at", "id")[:most])
    token = uuid.uuid4()
    for message in taken:
        message.tries += 1
        message.claim, message.claimed_until = token, at + LEASE
    Message.objects.bulk_update(taken, ["tries", "claim", "claimed_until"])
    return taken


def deliver(message: Message, *, at: datetime) -> None:
    """Hand a claimed message to its gateway and note what came of it. At least once; repeats carry the same key.

    One whose lease is over (we were suspended) or that somebody else has settled is left alone.
    """
    try:
        own = _own(message).filter(claimed_until__gt=at).first()
        if own:
            _send(own)
            _settle(message, state=MessageState.SENT, sent_at=at, error="", payload={})
    except GatewayError as error:
        _note_failure(message, str(error), permanent=error.permanent, at=at)
    except (OperationalError, InterfaceError):  # of our own: the lease will end
        raise
    except Exception as error:  # a gateway of the office's own may raise anything; the worker must go on
        log.error("message %s: %s", message.key, type(error).__name__)
        _note_failure(message, type(error).__name__, permanent=False, at=at)


def _send(message: Message) -> None:
    gateway = conf.gateway(message.medium)
    if gateway is None:
        raise GatewayError("no gateway is configured")
    given = {
        "template": message.template,
        "variables": message.payload["variables"],
        "rendered": render(message),
        "address": message.payload["address"],
        "key": str(message.key),
    }
    within(conf.send_seconds(), lambda: gateway.send(**given), medium=message.medium)


def _own(message: Message) -> QuerySet[Message]:
    """The row, as long as it is this worker's: whoever was suspended writes over nothing that others settled."""
    return Message.objects.filter(pk=message.pk, claim=message.claim, state=MessageState.QUEUED)


def _settle(message: Message, **fields: Any) -> None:
    if not _own(message).update(claim=None, claimed_until=None, **fields):
        log.warning("message %s: somebody else has settled it", message.key)


def _note_failure(message: Message, error: str, *, permanent: bool, at: datetime) -> None:
    """Never the payload: its resident may have had the personal data erased while the gateway was tried."""
    if permanent or message.tries > len(BACK_OFF):
        kept_until = at + timedelta(days=conf.keep_given_up_days())
        _settle(message, state=MessageState.DEAD, error=error[:200], kept_until=kept_until)
    else:
        _settle(message, error=error[:200], next_try_at=at + BACK_OFF[message.tries - 1])


@in_one_transaction
def send_again(*, message: Message, actor: User, at: datetime) -> None:
    """Put a message that was given up into the outbox once more, with all its tries and under its old key; logged."""
    require(actor, "ideas.screen_idea")
    row = _given_up(message, actor)
    if row.template == MessageTemplate.VERIFY:
        raise Refusal(_("This code is no longer valid; the resident asks for a new one on the form."))
    Message.objects.filter(pk=row.pk).update(state=MessageState.QUEUED, tries=0, next_try_at=at, kept_until=None)
    _log(OfficeAct.MESSAGE_AGAIN, row, actor=actor, at=at)


@in_one_transaction
def close_given_up(*, message: Message, actor: User, at: datetime) -> None:
    """Nothing more is to be sent (the office called instead): what the message said is forgotten; logged."""
    require(actor, "ideas.screen_idea")
    row = _given_up(message, actor)
    Message.objects.filter(pk=row.pk).update(payload={}, kept_until=None)
    _log(OfficeAct.MESSAGE_CLOSED, row, actor=actor, at=at)


def _log(act: OfficeAct, row: Message, *, actor: User, at: datetime) -> None:
    idea, told = row.idea, {"template": row.template, "medium": row.medium}
    log_act(act=act, at=at, actor=actor, campaign=idea.campaign if idea else None, idea=idea, detail=told)


def _given_up(message: Message, actor: User) -> Message:
    row = Message.objects.select_for_update().defer("payload").get(pk=message.pk)
    if row.idea is not None:
        require_may_see(actor, row.idea)
    if row.state != MessageState.DEAD or row.kept_until is None:
        raise Refusal(_("Only a message that was given up and is still kept can be sent again or closed."))
    return row


def forget_given_up(*, at: datetime) -> int:
    """Empty the messages that were given up so long ago that nobody will send them any more."""
    return Message.objects.filter(kept_until__lte=at).update(payload={}, kept_until=None)


def drop_messages(idea: Idea, *, why: str) -> None:
    """Nothing more is told to this idea's person, and nothing of what was to be told is left."""
    rows = Message.objects.filter(idea=idea)
    rows.filter(state=MessageState.QUEUED).update(state=MessageState.DEAD, error=why)
    rows.filter(state=MessageState.DEAD).update(payload={}, claim=None, claimed_until=None, kept_until=None)
