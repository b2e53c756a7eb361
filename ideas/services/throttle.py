"""Letting something happen so often in a time, exactly, however many ask at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import F, Max, Q

from ideas.models import RateLimitCounter
from ideas.models.sealed import keyring
from ideas.rules.throttle import sender_of

# One statement, so that the database decides between parallel ones, and nobody's transaction is broken off.
COUNT = """
INSERT INTO {table} (scope, key, count, ends_at) VALUES {rows}
ON CONFLICT (scope, key) DO UPDATE SET
    count = CASE WHEN {table}.ends_at > %s THEN {table}.count + 1 ELSE 1 END,
    ends_at = CASE WHEN {table}.ends_at > %s THEN {table}.ends_at ELSE excluded.ends_at END
WHERE {table}.ends_at <= %s OR {table}.count < %s
"""
NO_LIMIT = 2**31 - 1
Counter = tuple[str, str, timedelta]  # scope, key, length of the window


def consume(scope: str, key: str, *, most: int, per: timedelta, at: datetime) -> bool:
    """Count one more and say whether it was within `most`. The window opens with the first one and lasts for `per`.

    Never more than `most` are let through in a window, however parallel. `key` may be personal, only its keyed hash is
    kept.
    """
    return _count([(scope, key, per)], most=most, at=at) > 0 and most > 0


def consume_all(counters: Iterable[Counter], *, at: datetime) -> None:
    """Count one more of each; none of them has a limit here."""
    _count(counters, most=NO_LIMIT, at=at)


def _count(counters: Iterable[Counter], *, most: int, at: datetime) -> int:
    """How many were within `most`. In the order of their hashes: two who count the same never wait crosswise."""
    moment = connection.ops.adapt_datetimefield_value
    rows = {(scope, _digest(scope, key)): moment(at + per) for scope, key, per in counters}
    if not rows:
        return 0
    values = [value for (scope, digest), ends_at in sorted(rows.items()) for value in (scope, digest, ends_at)]
    table = connection.ops.quote_name(RateLimitCounter._meta.db_table)
    with connection.cursor() as cursor:
        sql = COUNT.format(table=table, rows=", ".join(["(%s, %s, 1, %s)"] * len(rows)))
        cursor.execute(sql, [*values, moment(at), moment(at), moment(at), most])
        return int(cursor.rowcount)


def counted(keys: Iterable[tuple[str, str]], *, at: datetime) -> dict[str, int]:
    """The highest count that one of these keys (scope, key) has reached in its window, by scope; none, no entry."""
    asked = [Q(scope=scope, key=_digest(scope, key)) for scope, key in keys]
    if not asked:
        return {}
    rows = RateLimitCounter.objects.filter(reduce(or_, asked), ends_at__gt=at)
    return dict(rows.values_list("scope").annotate(most=Max("count")))


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
