"""The office's calendar as the rule's value."""

from datetime import date

from ideas.models import CalendarYear
from ideas.rules.workdays import Calendar, unknown_years


def calendar_of(first: date, last: date) -> Calendar:
    """What is known of the years from the first day's to the last day's, in one query, with a year on either side: a
    due day may fall into the next one, the working day before a day into the one before."""
    years = CalendarYear.objects.filter(number__range=(first.year - 1, last.year + 1)).order_by()
    rows = list(years.values_list("number", "days__day", "days__is_workday"))
    return Calendar(
        days={day: is_workday for _number, day, is_workday in rows if day},
        years=frozenset(number for number, _day, _is_workday in rows),
    )


def unknown_years_of(first: date, last: date) -> list[int]:
    """The years between two days whose calendar is not filled in, to be named beside a count."""
    return unknown_years(first, last, calendar_of(first, last))
