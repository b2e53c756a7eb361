"""The outbox: queueing in the sender's transaction, draining by the worker."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import translation

from ideas import conf
from ideas.choices import Medium, MessageState
from ideas.errors import GatewayError
from ideas.gateways import Rendered
from ideas.models import Idea, IdeaEvent, Message, Resident
from ideas.rules.privacy import takes_sms

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # longer than a whole batch takes when every gateway times out
# Twelve tries over seven hours; then a dead letter in the admin.
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
            "title": idea.title,
            "link": f"{conf.site_url()}/track/",
            "phone": conf.office().phone,
            "language": resident.language,
            **{name: str(value) for name, value in (variables or {}).items()},
        }
    phone = resident.contact.get("phone", "")
    addresses = {Medium.EMAIL: resident.contact.get("email"), Medium.SMS: phone if takes_sms(phone) else ""}
    return [
        Message(
            idea=idea,
            event=event,
            template=template,
            medium=medium,
            language=resident.language,
            payload={"address": address, "variables": told},
            queued_at=at,
            next_try_at=due,
        )
        for medium, address in addresses.items()
        if address and conf.gateway(medium) is not None
    ]


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
        Message.objects.bulk_create(rows)


def queue(resident: Resident, *, template: str, at: datetime, variables: Mapping[str, Any] | None = None) -> None:
    """Queue a message to a resident at hand."""
    Message.objects.bulk_create(new_messages(resident, template=template, at=at, variables=variables))


def take_back(event: IdeaEvent) -> bool:
    """Take the messages of a decision out of the outbox; False, and nothing is taken, if one has left or is leaving."""
    rows = list(Message.objects.select_for_update().filter(event=event))
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


@transaction.atomic
def claim(*, at: datetime, most: int = 10) -> list[Message]:
    """Take due messages for this worker until the lease ends; two workers never get the same row."""
    skip = connection.features.has_select_for_update_skip_locked
    due = Message.objects.due(at).select_for_update(skip_locked=skip).order_by("next_try_at", "id")
    taken = list(due[:most])
    for message in taken:
        message.tries += 1
        message.claimed_until = at + LEASE
    Message.objects.bulk_update(taken, ["tries", "claimed_until"])
    return taken


def deliver(message: Message, *, at: datetime) -> None:
    """Hand a claimed message to its gateway and note what came of it. At least once; repeats carry the same key."""
    try:
        gateway = conf.gateway(message.medium)
        if gateway is None:
            raise GatewayError("no gateway is configured")
        gateway.send(
            template=message.template,
            variables=message.payload["variables"],
            rendered=render(message),
            address=message.payload["address"],
            key=str(message.key),
        )
    except GatewayError as error:
        _note_failure(message, str(error), permanent=error.permanent, at=at)
    except Exception as error:  # a gateway of the office's own may raise anything; the worker must go on
        log.error("message %s: %s", message.key, type(error).__name__)
        _note_failure(message, type(error).__name__, permanent=False, at=at)
    else:
        message.state, message.sent_at, message.error, message.payload = MessageState.SENT, at, "", {}
        message.claimed_until = None
        message.save(update_fields=["state", "sent_at", "error", "payload", "claimed_until"])


def _note_failure(message: Message, error: str, *, permanent: bool, at: datetime) -> None:
    message.error, message.claimed_until = error[:200], None
    if permanent or message.tries > len(BACK_OFF):
        message.state, message.payload = MessageState.DEAD, {}
        message.save(update_fields=["state", "payload", "error", "claimed_until"])
        return
    message.next_try_at = at + BACK_OFF[message.tries - 1]
    # Never the payload: its resident may have had the personal data erased while the gateway was tried.
    queued = Message.objects.filter(pk=message.pk, state=MessageState.QUEUED)
    queued.update(error=message.error, claimed_until=None, next_try_at=message.next_try_at)
