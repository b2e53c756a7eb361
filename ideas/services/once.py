"""Doing once what is posted twice: a double click, a reload. The database decides who was first."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from ideas.models import UsedKey
from ideas.models.sealed import keyring

LIFE = timedelta(days=2)


def key_of(*parts: object) -> str:
    """The keyed hash of what makes a form that form; the parts may be personal."""
    return keyring().digest(repr(parts).encode(), "once")


def claim_key(*, key: str, at: datetime) -> UsedKey | None:
    """Use a key; None for the first one, for every later one the row of the first.

    Within a transaction a second waits for the first to end and then sees its answer; outside of one it may see a row
    whose answer is None: the first is under way, or its end is not known because the process was stopped.
    """
    try:
        with transaction.atomic():
            UsedKey.objects.create(key=key, at=at)
    except IntegrityError:
        return UsedKey.objects.filter(key=key).first() or UsedKey(key=key, at=at)
    return None


def finish_key(*, key: str, answer: dict[str, Any]) -> None:
    """Keep what the act led to, for whoever posts the same form again."""
    UsedKey.objects.filter(key=key).update(answer=answer)


def free_key(*, key: str) -> None:
    """Nothing was done: the same form may be posted again."""
    UsedKey.objects.filter(key=key, answer__isnull=True).delete()


def answer_of(key: str) -> dict[str, Any] | None:
    """What the first post led to, None while it is under way."""
    return UsedKey.objects.filter(key=key).values_list("answer", flat=True).first()


def is_used(key: str) -> bool:
    return UsedKey.objects.filter(key=key).exists()


def drop_used_keys(*, at: datetime) -> int:
    return UsedKey.objects.filter(at__lte=at - LIFE).delete()[0]
