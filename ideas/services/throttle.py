"""Letting something happen so often in a time, exactly, however many ask at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from ideas.models import RateLimitCounter
from ideas.models.sealed import keyring
from ideas.rules.throttle import sender_of


def consume(scope: str, key: str, *, most: int, per: timedelta, at: datetime) -> bool:
    """Count one more and say whether it was within `most`. The window opens with the first one and lasts for `per`.

    Never more than `most` are let through in a window, however parallel: the database decides. `key` may be personal,
    only its keyed hash is kept.
    """
    digest = _digest(scope, key)
    for _attempt in range(3):
        rows = RateLimitCounter.objects.filter(scope=scope, key=digest)
        if rows.filter(ends_at__gt=at, count__lt=most).update(count=F("count") + 1):
            return True
        if rows.filter(ends_at__lte=at).update(count=1, ends_at=at + per):
            return most > 0
        if rows.filter(ends_at__gt=at, count__gte=most).exists():
            return False
        try:
            with transaction.atomic():
                RateLimitCounter.objects.create(scope=scope, key=digest, count=1, ends_at=at + per)
        except IntegrityError:
            continue  # somebody else opened the window just now, or began it anew
        return most > 0
    return False


def counted(scope: str, keys: Iterable[str], *, at: datetime) -> int:
    """The highest count that one of these keys has reached in its window."""
    rows = RateLimitCounter.objects.filter(scope=scope, key__in=[_digest(scope, key) for key in keys], ends_at__gt=at)
    return rows.aggregate(most=Max("count"))["most"] or 0


def refund(scope: str, key: str) -> None:
    """Uncount one that was taken and turned out not to count."""
    RateLimitCounter.objects.filter(scope=scope, key=_digest(scope, key), count__gt=0).update(count=F("count") - 1)


def reset(scope: str, key: str) -> None:
    """Begin anew."""
    RateLimitCounter.objects.filter(scope=scope, key=_digest(scope, key)).delete()


def sender_key(address: str) -> str:
    """What is kept of a sender where something must be found by it later."""
    return keyring().digest(sender_of(address).encode(), "sender")


def drop_ended(*, at: datetime) -> int:
    return RateLimitCounter.objects.filter(ends_at__lte=at).delete()[0]


def _digest(scope: str, key: str) -> str:
    return keyring().digest(key.encode(), f"throttle:{scope}")
