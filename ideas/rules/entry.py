"""When an idea counts as received that the office types in: a slip bears a day and no hour."""

from datetime import datetime, timedelta
from enum import StrEnum

BLINK = timedelta(microseconds=1)
BACK_DATED = timedelta(days=1)  # typed in so much later than it counts: listed for the auditor


class Late(StrEnum):
    """Why an entry is not taken."""

    NOT_OPEN = "not_open"  # nothing is taken yet
    OVER = "over"  # the time for typing in is over
    FUTURE = "future"  # the slip is dated later than today
    EARLY = "early"  # the slip is dated before collecting began
    AFTER = "after"  # the slip is dated after collecting ended


def counted_moment(
    *,
    day_begins: datetime,
    entered_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
    entry_until: datetime | None,
) -> datetime | Late:
    """The moment that counts for order: the last one of the slip's day, but never after it was typed in, nor late.

    The end of the day, because nobody can prove an hour: whoever sent an idea over the web on that day came certainly
    not later. `day_begins` is the slip's midnight in local time.
    """
    day_ends = day_begins + timedelta(days=1)
    if entered_at < opens_at:
        return Late.NOT_OPEN
    if entered_at >= max(closes_at, entry_until or closes_at):
        return Late.OVER
    if day_begins > entered_at:
        return Late.FUTURE
    if day_ends <= opens_at:
        return Late.EARLY
    if day_begins >= closes_at:
        return Late.AFTER
    return min(day_ends - BLINK, closes_at - BLINK, entered_at)
