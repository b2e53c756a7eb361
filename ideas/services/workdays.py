"""Filling the calendar of working days from a package that follows the State Council's notices."""

from collections.abc import Iterator
from datetime import date, datetime
from importlib.metadata import version

import chinese_calendar
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext

from ideas.models import CalendarDay, CalendarYear
from ideas.rules.workdays import SATURDAY
from ideas.services.transactions import in_one_transaction

SOURCE = "chinesecalendar"  # the package's name where it is published
NEW_YEARS_DAY = chinese_calendar.Holiday.new_years_day.value
CHINESE = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


def seed_calendar(*, at: datetime) -> list[int]:
    """Fill in this year, the next one and the one before, whose matters may still run; returns those that were new."""
    this = localdate(at).year
    return [year for year in (this - 1, this, this + 1) if seed_year(year=year)]


@in_one_transaction
def seed_year(*, year: int) -> bool:
    """Fill in a year that the package knows and the calendar does not have; says whether it did.

    It is done once: whatever the office changes, adds or takes out stays so. Who deletes the year asks for it anew.
    A year that the package does not know is left alone: its holidays are not decided before its notice.
    """
    if all(day.year != year for day in chinese_calendar.holidays):
        return False
    source = f"{SOURCE} {version(SOURCE)}"
    row, is_new = CalendarYear.objects.get_or_create(number=year, defaults={"source": source})
    if is_new:
        CalendarDay.objects.bulk_create(_days_of(row))
        _add_to_year_before(year)
    return is_new


def _add_to_year_before(year: int) -> None:
    """The notice of a year also arranges the last days of the one before, if New Year's Day is to be long (2007, 2008,
    2019). Where that one is known already, it has been filled in without them."""
    for before in CalendarYear.objects.filter(number=year - 1):
        late = [row for row in _days_of(before) if _is_new_years(row.day)]
        CalendarDay.objects.bulk_create(late, ignore_conflicts=True)


def _is_new_years(day: date) -> bool:
    return day.month == 12 and NEW_YEARS_DAY in (
        chinese_calendar.holidays.get(day),
        chinese_calendar.workdays.get(day),
    )


def _days_of(row: CalendarYear) -> Iterator[CalendarDay]:
    """The package's days of a year that are other than their weekday says; it also has a holiday's weekends."""
    for days, is_workday in ((chinese_calendar.holidays, False), (chinese_calendar.workdays, True)):
        for day, holiday in days.items():
            if day.year == row.number and is_workday == (day.weekday() >= SATURDAY):
                yield CalendarDay(year=row, day=day, is_workday=is_workday, name=_name(holiday, is_workday))


def _name(holiday: str, is_workday: bool) -> str:
    """As notices say it: 国庆节, 国庆节调休上班."""
    name = CHINESE[holiday]
    with translation.override("zh-hans"):
        return gettext("make-up day for %(holiday)s") % {"holiday": name} if is_workday else name
