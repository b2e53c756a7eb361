"""The moments of the test campaign, and helpers that set the clock before, in and after its phases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

SHANGHAI = ZoneInfo("Asia/Shanghai")
ANNOUNCED = datetime(2026, 3, 1, 9, tzinfo=SHANGHAI)
OPENS = datetime(2026, 3, 10, tzinfo=SHANGHAI)
DURING = datetime(2026, 3, 20, 12, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 4, 10, tzinfo=SHANGHAI)
RATING_FROM = datetime(2026, 4, 12, tzinfo=SHANGHAI)
RATING = datetime(2026, 4, 15, 12, tzinfo=SHANGHAI)
RATING_UNTIL = datetime(2026, 4, 25, tzinfo=SHANGHAI)
LATER = datetime(2026, 5, 1, 12, tzinfo=SHANGHAI)
DAY = timedelta(days=1)
BLINK = timedelta(microseconds=1)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The clock stands still at a moment."""
    with time_machine.travel(moment, tick=False):
        yield
