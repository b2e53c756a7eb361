from datetime import date

import pytest

from ideas.models import CalendarDay, CalendarYear
from ideas.queries.workdays import calendar_of
from ideas.rules.workdays import Calendar, due_day, unknown_years

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def years():
    """2023, 2025 and 2026 are known; 2025 has no days of its own."""
    known = {number: CalendarYear.objects.create(number=number, source="通知") for number in (2023, 2025, 2026)}
    for number, day, is_workday in (
        (2023, date(2023, 5, 1), False),
        (2026, date(2026, 1, 2), False),
        (2026, date(2026, 1, 4), True),
    ):
        CalendarDay.objects.create(year=known[number], day=day, is_workday=is_workday, name="元旦")


def test_a_calendar_holds_its_years_and_one_on_either_side(django_assert_num_queries):
    with django_assert_num_queries(1):
        calendar = calendar_of(date(2024, 12, 30), date(2025, 12, 31))
    days = {date(2023, 5, 1): False, date(2026, 1, 2): False, date(2026, 1, 4): True}
    assert calendar == Calendar(days, frozenset({2023, 2025, 2026}))


def test_a_year_without_a_row_is_unknown_and_one_without_days_is_not():
    calendar = calendar_of(date(2024, 1, 1), date(2025, 1, 1))
    assert unknown_years(date(2024, 1, 1), date(2025, 12, 31), calendar) == [2024]


def test_a_count_begun_on_the_last_day_of_a_year_goes_by_the_next_ones_days():
    last = date(2025, 12, 31)
    assert due_day(last, 2, calendar_of(last, last)) == date(2026, 1, 4) < date(2026, 1, 5)
