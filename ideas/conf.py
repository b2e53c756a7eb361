"""The only reader of IDEAS_* settings: typed functions, read when asked, so that tests may override them."""

import base64
import binascii
from dataclasses import dataclass
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

    organiser: str
    phone: str
    hours: str
    icp: str
    police_record: str
    site_code: str


def office() -> Office:
    english = get_language() == "en"
    return Office(
        organiser=(english and settings.IDEAS_ORGANISER_EN) or settings.IDEAS_ORGANISER,
        phone=settings.IDEAS_PHONE,
        hours=(english and settings.IDEAS_PHONE_HOURS_EN) or settings.IDEAS_PHONE_HOURS,
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
        found[name] = key
    if not found:
        raise ImproperlyConfigured("IDEAS_KEYS is empty; `manage.py demo` writes one, see .env.example.")
    return found


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


def site_url() -> str:
    """The portal's public address without a slash at the end; links in messages start with it."""
    return settings.IDEAS_SITE_URL.rstrip("/")


def gateway(medium: str) -> Any | None:
    """A fresh gateway for "email" or "sms", or None where the office has none."""
    path = {"email": settings.IDEAS_EMAIL_GATEWAY, "sms": settings.IDEAS_SMS_GATEWAY}[medium]
    return import_string(path)() if path else None


def sms_file() -> Path:
    return Path(settings.IDEAS_SMS_FILE)


def outbox_warn_seconds() -> int:
    """How long a message may wait before /readyz calls the outbox stuck."""
    return settings.IDEAS_OUTBOX_WARN_SECONDS
