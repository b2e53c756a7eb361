"""The only reader of IDEAS_* settings: typed functions, read when asked, so that tests may override them."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.translation import get_language

Desks = Literal["public", "staff", "both"]


@dataclass(frozen=True)
class Office:
    """What the foot of every page says about the office, in the reader's language; empty lines are left out."""

    district: str  # as it stands before the portal's name, with a space in English
    organiser: str
    phone: str
    hours: str
    address: str
    icp: str
    police_record: str
    site_code: str


def office() -> Office:
    english = get_language() == "en"
    return Office(
        district=(english and settings.IDEAS_DISTRICT_EN and f"{settings.IDEAS_DISTRICT_EN} ")
        or settings.IDEAS_DISTRICT,
        organiser=(english and settings.IDEAS_ORGANISER_EN) or settings.IDEAS_ORGANISER,
        phone=settings.IDEAS_PHONE,
        hours=(english and settings.IDEAS_PHONE_HOURS_EN) or settings.IDEAS_PHONE_HOURS,
        address=(english and settings.IDEAS_ADDRESS_EN) or settings.IDEAS_ADDRESS,
        icp=settings.IDEAS_ICP,
        police_record=settings.IDEAS_POLICE_RECORD,
        site_code=settings.IDEAS_SITE_CODE,
    )


def keys() -> dict[str, bytes]:
    """The master keys by name; the first is for writing, all are for reading (IDEAS_KEYS="k2:…,k1:…")."""
    found: dict[str, bytes] = {}
    for entry in settings.IDEAS_KEYS:
        name, _, text = entry.partition(":")
        try:
            key = base64.urlsafe_b64decode(text)
        except (binascii.Error, ValueError) as error:
            raise ImproperlyConfigured(f"IDEAS_KEYS: the key {name!r} is not base64.") from error
        if not name or len(key) != 32:
            raise ImproperlyConfigured(f"IDEAS_KEYS: {name!r} must be name:base64 of 32 random bytes.")
        if name in found:
            raise ImproperlyConfigured(f"IDEAS_KEYS: {name!r} stands there twice.")
        found[name] = key
    if not found:
        raise ImproperlyConfigured("IDEAS_KEYS is empty; .env.example says how a key is made.")
    return found


def retired_keys() -> dict[str, datetime]:
    """Until when each retired key wrote (IDEAS_KEYS_RETIRED="k1:2026-12-01T08:00+08:00")."""
    found: dict[str, datetime] = {}
    for entry in settings.IDEAS_KEYS_RETIRED:
        name, _, text = entry.partition(":")
        try:
            found[name] = datetime.fromisoformat(text)
        except ValueError as error:
            raise ImproperlyConfigured(f"IDEAS_KEYS_RETIRED: {entry!r} must be name:moment.") from error
        if found[name].tzinfo is None:
            raise ImproperlyConfigured(f"IDEAS_KEYS_RETIRED: the moment of {name!r} needs an offset like +08:00.")
    return found


def heads_file() -> Path:
    """Where the worker notes the last stamp of each day."""
    return Path(settings.IDEAS_HEADS_FILE)


def desks() -> Desks:
    """Which addresses this process answers: the public ones, the staff's, or both."""
    value = settings.IDEAS_DESKS
    if value not in ("public", "staff", "both"):
        raise ImproperlyConfigured("IDEAS_DESKS must be public, staff or both.")
    return value


def is_demo() -> bool:
    return settings.IDEAS_DEMO


def language_switch() -> bool:
    return settings.IDEAS_LANGUAGE_SWITCH


@dataclass(frozen=True)
class Licence:
    """Of open data: `name` is its short name where it has one, such as CC-BY-4.0; `address` is where it can be read."""

    name: str
    title: str
    address: str


def data_licence() -> Licence | None:
    """Under which open data are given out (IDEAS_DATA_LICENCE="CC-BY-4.0 https://…", the address last)."""
    line = settings.IDEAS_DATA_LICENCE.split()
    address = line.pop() if line and line[-1].startswith("https://") else ""
    title = " ".join(line)
    name = title if len(line) == 1 and title.isascii() else ""
    return Licence(name or "other", title or address, address) if title or address else None


def site_url() -> str:
    """The portal's public address without a slash at the end; links in messages start with it."""
    return settings.IDEAS_SITE_URL.rstrip("/")


def gateway(medium: str) -> Any | None:
    """A fresh gateway for "email" or "sms", or None where the office has none."""
    path = {"email": settings.IDEAS_EMAIL_GATEWAY, "sms": settings.IDEAS_SMS_GATEWAY}[medium]
    return import_string(path)() if path else None


def sms_file() -> Path:
    return Path(settings.IDEAS_SMS_FILE)


def photos_per_idea() -> int:
    return settings.IDEAS_PHOTOS


def photo_bytes() -> int:
    """The largest file that is taken as a photo."""
    return settings.IDEAS_PHOTO_MEGABYTES * 1024 * 1024


def photo_pixels() -> int:
    """The most pixels a photo may have; what telephones call 24 megapixels are 24.5 million."""
    return settings.IDEAS_PHOTO_MEGAPIXELS * 1_000_000


def area_code() -> str:
    """The office's own area code ("0592"), by which local telephone numbers are completed; "" asks for it."""
    return settings.IDEAS_AREA_CODE


def limit_photos_hour() -> int:
    """How many photos may be uploaded from one network address in an hour."""
    return settings.IDEAS_LIMIT_PHOTOS_HOUR


def sms_countries() -> tuple[str, ...]:
    """The country codes to which SMS are sent, with their plus; none: no SMS at all."""
    return tuple(f"+{code.lstrip('+')}" for code in settings.IDEAS_SMS_COUNTRIES)


def limit_messages_contact_day() -> int:
    """So many messages of one kind that anybody can cause go to one contact in a day."""
    return settings.IDEAS_LIMIT_MESSAGES_CONTACT_DAY


def limit_messages_sender_hour() -> int:
    """So many receipts and codes are sent for one network address in an hour."""
    return settings.IDEAS_LIMIT_MESSAGES_SENDER_HOUR


def draft_bytes() -> int:
    """What one sender may keep unsent for a week, as texts; beyond it for an hour."""
    return settings.IDEAS_DRAFTS_MEGABYTES * 1024 * 1024


def draft_photo_bytes() -> int:
    """What one sender may keep unsent as photos."""
    return settings.IDEAS_DRAFT_PHOTOS_MEGABYTES * 1024 * 1024


def suspect_address_hour() -> int:
    """More ideas than this from one network address in an hour look suspicious."""
    return settings.IDEAS_SUSPECT_ADDRESS_HOUR


def suspect_contact_day() -> int:
    """More ideas than this from one contact in a day look suspicious."""
    return settings.IDEAS_SUSPECT_CONTACT_DAY


def limit_contact_day() -> int:
    """So many ideas are taken from one contact in a day; 0: any number."""
    return settings.IDEAS_LIMIT_CONTACT_DAY


def suspect_seconds() -> int:
    """A form that comes back sooner looks suspicious."""
    return settings.IDEAS_SUSPECT_SECONDS


def verify_phone() -> bool:
    """Whether a telephone number must be verified by an SMS code before an idea is taken (后台实名)."""
    return settings.IDEAS_VERIFY_PHONE


def outbox_warn_seconds() -> int:
    """How long a message may wait before /readyz calls the outbox stuck."""
    return settings.IDEAS_OUTBOX_WARN_SECONDS


def worker_warn_seconds() -> int:
    """How long the worker may give no sign of life before /readyz says so."""
    return settings.IDEAS_WORKER_WARN_SECONDS


def given_up_warn() -> int:
    """With more messages than this that were given up and not dealt with, /readyz says so."""
    return settings.IDEAS_GIVEN_UP_WARN


def send_seconds() -> int:
    """How long a gateway may take to hand one message over."""
    return settings.IDEAS_SEND_SECONDS


def keep_given_up_days() -> int:
    """How many days a message that was given up is kept, sealed, to be sent again."""
    return settings.IDEAS_KEEP_GIVEN_UP_DAYS


def limit_code_hour() -> int:
    """Wrong query codes for one receipt number from one address in an hour."""
    return settings.IDEAS_LIMIT_CODE_HOUR


def limit_code_day() -> int:
    """Wrong query codes for one receipt number from one address in a day."""
    return settings.IDEAS_LIMIT_CODE_DAY


def alarm_code_day() -> int:
    """More wrong query codes than this for one receipt number in a day, from anywhere, are told in the log."""
    return settings.IDEAS_ALARM_CODE_DAY


def limit_new_code_day() -> int:
    """Requests of a new query code for one receipt number from one address in a day."""
    return settings.IDEAS_LIMIT_NEW_CODE_DAY


def limit_new_code_hour() -> int:
    """Requests of a new query code from one address in an hour."""
    return settings.IDEAS_LIMIT_NEW_CODE_HOUR


def limit_objections_hour() -> int:
    """Objections from one address in an hour."""
    return settings.IDEAS_LIMIT_OBJECTIONS_HOUR


def release_hold_seconds() -> int:
    """How long a confirmed release is held before the winners appear; until then it can be stopped."""
    return settings.IDEAS_RELEASE_HOLD_SECONDS


def page_seconds() -> int:
    """How long a page that is the same for everybody is given out before it is rendered anew; 0: never twice."""
    return settings.IDEAS_PAGE_SECONDS


def undo_seconds() -> int:
    """How long a decision can be undone; its messages wait so long."""
    return settings.IDEAS_UNDO_SECONDS


def claim_seconds() -> int:
    """How long an idea that a moderator has open is given to no other one."""
    return settings.IDEAS_CLAIM_SECONDS


def restricted_remind_days() -> int:
    """After how many days a restricted idea that nobody has handed over is brought to its keepers' minds; and again
    after as many. 0: never."""
    return settings.IDEAS_RESTRICTED_REMIND_DAYS


def escalation() -> list[str]:
    """After how many working days an overdue referral is told to whom, as rules.supervision reads it."""
    return settings.IDEAS_ESCALATION


def leaders() -> list[str]:
    """Whom the last step of supervision tells: addresses of e-mail, or mobile numbers with their country code."""
    return settings.IDEAS_LEADERS


def contact_alert() -> int:
    """More contacts than this given to one person in a day (shown, looked for, exported) are told to managers and
    auditors."""
    return settings.IDEAS_CONTACT_ALERT
