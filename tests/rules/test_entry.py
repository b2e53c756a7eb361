from datetime import datetime, timedelta

import pytest

from ideas.rules.entry import BLINK, Late, counted_moment
from tests.clock import CLOSES, DURING, OPENS, SHANGHAI

UNTIL = CLOSES + timedelta(days=5)


def counted(day, *, at=DURING, until=UNTIL):
    return counted_moment(
        day_begins=datetime(*day, tzinfo=SHANGHAI), entered_at=at, opens_at=OPENS, closes_at=CLOSES, entry_until=until
    )


def test_a_slip_of_an_earlier_day_counts_at_the_end_of_that_day():
    assert counted((2026, 3, 18)) == datetime(2026, 3, 19, tzinfo=SHANGHAI) - BLINK


def test_a_slip_of_today_counts_when_it_is_typed_in():
    assert counted((2026, 3, 20)) == DURING


def test_a_slip_dated_in_time_and_typed_in_after_closing_counts_before_closing():
    assert counted((2026, 4, 9), at=CLOSES + timedelta(days=1)) == CLOSES - BLINK


@pytest.mark.parametrize(
    ("day", "at", "until", "reason"),
    [
        ((2026, 3, 21), DURING, UNTIL, Late.FUTURE),
        ((2026, 3, 9), DURING, UNTIL, Late.EARLY),
        ((2026, 4, 10), CLOSES + timedelta(days=1), UNTIL, Late.AFTER),
        ((2026, 4, 9), UNTIL, UNTIL, Late.OVER),
        ((2026, 4, 9), CLOSES, None, Late.OVER),
        ((2026, 3, 9), OPENS - BLINK, UNTIL, Late.NOT_OPEN),
    ],
)
def test_what_is_late_is_refused_with_its_reason(day, at, until, reason):
    assert counted(day, at=at, until=until) == reason
