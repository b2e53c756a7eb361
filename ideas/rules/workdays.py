"""Working days 工作日: Monday to Friday, but for public holidays 法定节假日 and weekends worked for them 调休上班.

A time of so many working days is counted in whole days and is over with the end of its due day, local time.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import NamedTuple

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """What is known of the days: those that are other than their weekday says (True: people work), and the years whose
    holidays are known at all. In any other year Monday to Friday is assumed; `unknown_years` names it."""

    days: Mapping[date, bool]
    years: frozenset[int]


class Pause(NamedTuple):
    """The clock stands from the one day to the other, both included, unless it ends on the day on which it began;
    without an end it still stands."""

    begins: date
    ends: date | None

    def covers(self, day: date) -> bool:
        if self.ends is None:
            return day >= self.begins
        return self.begins <= day <= self.ends and self.begins < self.ends


def is_workday(day: date, calendar: Calendar) -> bool:
    return calendar.days.get(day, day.weekday() < SATURDAY)


def _workdays_after(day: date, calendar: Calendar) -> Iterator[date]:
    while True:
        day += DAY
        if is_workday(day, calendar):
            yield day


def _last_of(counted: Iterator[date], days: int) -> date:
    if days < 1:
        raise ValueError(f"{days}: what takes time takes one working day at least")
    return next(islice(counted, days - 1, None))


def due_day(start: date, days: int, calendar: Calendar) -> date:
    """The last day of what takes so many working days and began on `start`. Fewer than one are a ValueError.

    The day of the beginning does not count, be it a working day or not: day one is the first working day after it, and
    the due day is always a working day. So with one working day, what began on a Friday, a Saturday or a Sunday is due
    on Monday.
    """
    return _last_of(_workdays_after(start, calendar), days)


def due_with_pauses(start: date, days: int, pauses: Collection[Pause], calendar: Calendar) -> date | None:
    """The due day where the clock stood now and then; None while it stands, since nothing is due then.

    No day of a pause counts, also not the one on which the clock was stopped and the one on which it went on, so that
    nobody loses hours: each working day of a pause moves the due day to the next one, a day of several pauses once. A
    pause of some hours within one day stops nothing. What was due before a pause begins stays due.
    """
    closed = [pause for pause in pauses if pause.ends is not None]
    running = (day for day in _workdays_after(start, calendar) if not any(pause.covers(day) for pause in closed))
    due = _last_of(running, days)
    return None if any(pause.ends is None and pause.begins <= due for pause in pauses) else due


def workdays_between(start: date, end: date, calendar: Calendar) -> int:
    """How many working days what began on the one day had taken by the other: those after `start`, with `end`; 0 where
    `end` is not later. From a due day it is how many working days late something is."""
    return sum(is_workday(start + DAY * number, calendar) for number in range(1, (end - start).days + 1))


def workdays_taken(start: date, end: date, pauses: Collection[Pause], calendar: Calendar) -> int:
    """The same without the days on which the clock stood, as `due_with_pauses` leaves them out."""
    days = (start + DAY * number for number in range(1, (end - start).days + 1))
    running = (day for day in days if not any(pause.covers(day) for pause in pauses))
    return sum(is_workday(day, calendar) for day in running)


def workday_before(day: date, calendar: Calendar) -> date:
    """The last working day before a day, for reminders."""
    day -= DAY
    while not is_workday(day, calendar):
        day -= DAY
    return day


def unknown_years(start: date, end: date, calendar: Calendar) -> list[int]:
    """The years in which a count from the one day to the other assumed Monday to Friday, to be named beside it."""
    return [year for year in range((start + DAY).year, end.year + 1) if start < end and year not in calendar.years]


def due_moment(day: date, tz: tzinfo) -> datetime:
    """The end of a due day in local time: the first moment that is late, all before it are in time."""
    return datetime.combine(day + DAY, time.min, tzinfo=tz)
