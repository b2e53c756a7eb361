"""Verifying a telephone number by an SMS code before an idea is taken 后台实名; only where the office asks for it."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Medium
from ideas.errors import Refusal
from ideas.models import Campaign, Draft, Message
from ideas.models.drafts import PhoneCode
from ideas.models.sealed import keyring
from ideas.queries.access import form_hashes
from ideas.rules.privacy import takes_sms
from ideas.rules.telephones import line_of
from ideas.rules.throttle import sender_of
from ideas.services.drafts import DraftGone
from ideas.services.throttle import consume
from ideas.services.transactions import in_one_transaction

CODE_LIFE = timedelta(minutes=10)
TRIES = 5  # of one code
CODES_DAY = 5  # to one number
PURPOSE = "phone-code"


@in_one_transaction
def send_phone_code(*, key: UUID, campaign: Campaign, at: datetime, address: str = "") -> None:
    """Send six digits to the number of a checked draft, if it takes SMS; an earlier code stops."""
    draft, answers = _locked(key, campaign, at)
    phone = line_of(answers["phone"])
    if not takes_sms(phone, conf.sms_countries()):
        raise Refusal(_("We send no SMS to this number. Please give a mobile number."))
    most = conf.limit_messages_sender_hour()
    if address and not consume("told-sender", sender_of(address), most=most, per=timedelta(hours=1), at=at):
        raise Refusal(_("Many messages were asked for from your network. Please try again in an hour, or call us."))
    if not consume("phone-code", phone, most=CODES_DAY, per=timedelta(days=1), at=at):
        raise Refusal(_("Several codes were sent to this number today. Please try again tomorrow, or call us."))
    code = f"{secrets.randbelow(10**6):06d}"
    sent = PhoneCode(phone, _digest(draft, phone, code), until=at + CODE_LIFE)
    draft.content = replace(draft.content, phone_code=sent)
    draft.save(update_fields=["payload"])
    language = answers["language"]
    with translation.override(language):
        name = campaign.text("title")[0]
    Message.objects.create(
        template="verify",
        medium=Medium.SMS,
        language=language,
        payload={
            "address": phone,
            "variables": {"campaign": name, "code": code, "language": language},
        },
        queued_at=at,
        next_try_at=at,
    )


@in_one_transaction
def confirm_phone(*, key: UUID, campaign: Campaign, code: str, at: datetime) -> bool:
    """Whether these are the digits that were sent; five wrong ones, and a new code is needed."""
    draft, answers = _locked(key, campaign, at)
    sent = draft.content.phone_code
    phone = line_of(answers["phone"])
    if not sent or sent.phone != phone or sent.tries >= TRIES or sent.until <= at:
        return False
    right = keyring().matches(sent.digest, _plain(draft, phone, code), PURPOSE)
    if right:
        draft.content = replace(draft.content, verified=phone, phone_code=None)
    else:
        draft.content = replace(draft.content, phone_code=replace(sent, tries=sent.tries + 1))
    draft.save(update_fields=["payload"])
    return right


def _locked(key: UUID, campaign: Campaign, at: datetime) -> tuple[Draft, dict[str, Any]]:
    """An unsent draft and its checked answers."""
    unsent = Draft.objects.select_for_update().filter(campaign=campaign, expires_at__gt=at, idea=None)
    draft = unsent.filter(form_hash__in=form_hashes(key)).first()
    answers = draft.content.answers if draft else None
    if draft is None or answers is None:
        raise DraftGone(_("We no longer have this form. Please fill it in again."))
    return draft, answers


def _plain(draft: Draft, phone: str, code: str) -> bytes:
    return f"{draft.form_hash}:{phone}:{code}".encode()


def _digest(draft: Draft, phone: str, code: str) -> str:
    return keyring().digest(_plain(draft, phone, code), PURPOSE)
