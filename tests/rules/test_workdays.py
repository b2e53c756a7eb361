"""Due days by the calendar of 2026: 春节 is off from 15 to 23 February, Saturdays 14 and 28 February are worked."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.rules.workdays import (
    Calendar,
    Pause,
    due_day,
    due_moment,
    due_with_pauses,
    is_workday,
    unknown_years,
    workday_before,
    workdays_between,
)
from tests import clock

DAY = timedelta(days=1)
OFF = [date(2026, 1, 1), date(2026, 1, 2), *(date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)), date(2026, 4, 6)]
WORKED = [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)]
CALENDAR = Calendar(dict.fromkeys(OFF, False) | dict.fromkeys(WORKED, True), frozenset({2026}))
NOTHING_KNOWN = Calendar({}, frozenset())
FRIDAY, SATURDAY, SUNDAY = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in (9, 10, 11, 12))
NEXT_FRIDAY, NEXT_MONDAY, NEXT_TUESDAY = date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 17)

days = st.dates(date(2025, 12, 1), date(2026, 5, 1))
numbers = st.integers(1, 40)
closed_pauses = st.builds(lambda day, length: Pause(day, day + DAY * length), days, st.integers(0, 30))
calendars = st.dictionaries(days, st.booleans(), max_size=60).map(lambda rows: Calendar(rows, frozenset({2026})))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (FRIDAY, True),
        (SATURDAY, False),
        (SUNDAY, False),
        (date(2026, 2, 13), True),  # a Friday
        (date(2026, 2, 14), True),  # a Saturday that is worked
        (date(2026, 2, 15), False),  # a Sunday as any
        (date(2026, 2, 16), False),  # a Monday off
        (date(2026, 2, 24), True),
    ],
)
def test_a_row_of_the_calendar_counts_before_the_weekday(day, works):
    assert is_workday(day, CALENDAR) is works


@pytest.mark.parametrize("start", [FRIDAY, SATURDAY, SUNDAY])
def test_the_first_working_day_after_the_beginning_is_day_one(start):
    assert [due_day(start, number, CALENDAR) for number in (1, 2, 5, 6)] == [MONDAY, TUESDAY, NEXT_FRIDAY, NEXT_MONDAY]


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        (date(2026, 2, 12), 1, date(2026, 2, 13)),
        (date(2026, 2, 12), 2, date(2026, 2, 14)),  # the Saturday before the festival is worked
        (date(2026, 2, 12), 3, date(2026, 2, 24)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 2, 18), 1, date(2026, 2, 24)),  # begun within the festival
        (date(2026, 2, 24), 4, date(2026, 2, 28)),  # the Saturday after it is worked, too
        (date(2026, 2, 24), 5, date(2026, 3, 2)),
        (date(2026, 4, 3), 1, date(2026, 4, 7)),
    ],
)
def test_holidays_do_not_count_and_the_weekends_worked_for_them_do(start, number, due):
    assert due_day(start, number, CALENDAR) == due


def test_a_time_goes_on_over_the_end_of_a_year():
    """30 and 31 December 2025 are a Tuesday and a Wednesday; 1 and 2 January are off, Sunday the 4th is worked."""
    last = date(2025, 12, 30)
    assert [due_day(last, number, CALENDAR) for number in (1, 2, 3)] == [
        date(2025, 12, 31),
        date(2026, 1, 4),
        date(2026, 1, 5),
    ]


@pytest.mark.parametrize("number", [0, -1])
def test_nothing_takes_less_than_one_working_day(number):
    with pytest.raises(ValueError, match="one working day at least"):
        due_day(MONDAY, number, CALENDAR)


@pytest.mark.parametrize(
    ("start", "end", "number"),
    [
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, SUNDAY, 0),
        (FRIDAY, MONDAY, 1),
        (SUNDAY, MONDAY, 1),
        (MONDAY, FRIDAY, 0),  # not late at all
        (date(2026, 2, 13), date(2026, 2, 24), 2),
    ],
)
def test_the_day_of_the_beginning_is_not_counted_and_the_last_one_is(start, end, number):
    assert workdays_between(start, end, CALENDAR) == number


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], WEDNESDAY),
        ([Pause(MONDAY, MONDAY)], WEDNESDAY),  # for some hours is for nothing
        ([Pause(MONDAY, TUESDAY)], NEXT_FRIDAY),
        ([Pause(FRIDAY, SUNDAY)], WEDNESDAY),  # on the day of the beginning, which does not count
        ([Pause(WEDNESDAY, THURSDAY)], NEXT_FRIDAY),  # on the last day
        ([Pause(WEDNESDAY, NEXT_FRIDAY)], NEXT_MONDAY),
        ([Pause(THURSDAY, NEXT_FRIDAY)], WEDNESDAY),  # too late
        ([Pause(MONDAY, TUESDAY), Pause(THURSDAY, NEXT_FRIDAY)], NEXT_TUESDAY),  # in the time that the first one gave
        ([Pause(MONDAY, TUESDAY), Pause(TUESDAY, WEDNESDAY)], NEXT_MONDAY),  # Tuesday once
        ([Pause(MONDAY, TUESDAY), Pause(MONDAY, TUESDAY)], NEXT_FRIDAY),
        ([Pause(TUESDAY, MONDAY)], WEDNESDAY),  # ended before it began: no day of it
        ([Pause(TUESDAY, None)], None),
        ([Pause(WEDNESDAY, None)], None),
        ([Pause(THURSDAY, None)], WEDNESDAY),  # was due already
        ([Pause(TUESDAY, WEDNESDAY), Pause(THURSDAY, None)], None),
        ([Pause(WEDNESDAY, WEDNESDAY), Pause(THURSDAY, None)], WEDNESDAY),
    ],
)
def test_the_clock_stands_on_the_days_of_a_pause(pauses, due):
    """Three working days that began on Friday."""
    assert due_with_pauses(FRIDAY, 3, pauses, CALENDAR) == due


@pytest.mark.parametrize(
    ("day", "before"),
    [(TUESDAY, MONDAY), (MONDAY, FRIDAY), (SUNDAY, FRIDAY), (date(2026, 2, 24), date(2026, 2, 14))],
)
def test_a_reminder_comes_on_the_working_day_before(day, before):
    assert workday_before(day, CALENDAR) == before


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), []),
        (date(2026, 12, 31), date(2027, 1, 1), [2027]),
        (date(2025, 12, 30), date(2026, 1, 4), [2025]),
        (date(2025, 12, 31), date(2026, 1, 4), []),  # nothing of 2025 is counted
        (date(2024, 6, 1), date(2028, 6, 1), [2024, 2025, 2027, 2028]),
        (date(2027, 6, 1), date(2027, 6, 1), []),
        (date(2027, 6, 2), date(2027, 6, 1), []),
    ],
)
def test_years_of_which_nothing_is_known_are_named(start, end, years):
    assert unknown_years(start, end, CALENDAR) == years


def test_in_an_unknown_year_monday_to_friday_is_assumed():
    assert due_day(date(2026, 9, 30), 1, NOTHING_KNOWN) == date(2026, 10, 1)
    assert unknown_years(date(2026, 9, 30), date(2026, 10, 1), NOTHING_KNOWN) == [2026]


def test_the_last_moment_of_the_day_is_in_time_and_midnight_is_late():
    end = due_moment(MONDAY, clock.SHANGHAI)
    assert end == datetime(2026, 3, 10, tzinfo=clock.SHANGHAI)
    assert (end - clock.BLINK).astimezone(clock.SHANGHAI) == datetime(
        2026, 3, 9, 23, 59, 59, 999999, tzinfo=clock.SHANGHAI
    )


def test_the_day_ends_where_the_office_is():
    assert due_moment(MONDAY, clock.SHANGHAI).astimezone(ZoneInfo("UTC")).hour == 16


@given(days, numbers, calendars)
def test_as_many_are_counted_as_were_added(start, number, calendar):
    assert workdays_between(start, due_day(start, number, calendar), calendar) == number


@given(days, numbers, st.lists(closed_pauses, max_size=3), calendars)
def test_what_is_due_is_due_on_a_working_day_outside_every_pause(start, number, pauses, calendar):
    due = due_with_pauses(start, number, pauses, calendar)
    assert is_workday(due, calendar)
    assert not any(pause.begins <= due <= pause.ends for pause in pauses if pause.begins < pause.ends)


@given(days, numbers, st.lists(closed_pauses, max_size=3), closed_pauses, calendars)
def test_a_pause_never_brings_a_due_day_forward(start, number, pauses, another, calendar):
    due = due_with_pauses(start, number, pauses, calendar)
    assert due >= due_day(start, number, calendar)
    assert due_with_pauses(start, number, [*pauses, another], calendar) >= due


@given(days, numbers, closed_pauses, calendars)
def test_a_pause_without_working_days_changes_nothing(start, number, pause, calendar):
    length = (pause.ends - pause.begins).days + 1
    quiet = Calendar({**calendar.days, **{pause.begins + DAY * n: False for n in range(length)}}, calendar.years)
    assert due_with_pauses(start, number, [pause], quiet) == due_day(start, number, quiet)


@given(days, numbers, st.integers(0, 100), st.integers(0, 30), calendars)
def test_a_pause_before_the_due_day_moves_it_by_its_own_working_days(start, number, offset, length, calendar):
    begins = start + DAY * (1 + offset % (due_day(start, number, calendar) - start).days)
    stood = workdays_between(begins - DAY, begins + DAY * length, calendar) if length else 0
    pause = Pause(begins, begins + DAY * length)
    assert due_with_pauses(start, number, [pause], calendar) == due_day(start, number + stood, calendar)


@given(days, numbers, st.lists(closed_pauses, max_size=3), days, calendars)
def test_while_the_clock_stands_nothing_is_due(start, number, pauses, since, calendar):
    due = due_with_pauses(start, number, pauses, calendar)
    answer = due_with_pauses(start, number, [*pauses, Pause(since, None)], calendar)
    assert answer == (None if since <= due else due)


@given(days, calendars)
def test_between_a_day_and_the_working_day_before_it_nobody_works(day, calendar):
    before = workday_before(day, calendar)
    assert is_workday(before, calendar)
    assert workdays_between(before, day - DAY, calendar) == 0
