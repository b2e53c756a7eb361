"""The calendar is filled from the package once a year, and what the office makes of it stays."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest

from ideas.models import CalendarDay, CalendarYear
from ideas.queries.workdays import calendar_of
from ideas.rules.workdays import is_workday
from ideas.services.workdays import seed_calendar, seed_year
from tests import clock
from tests.test_architecture import ROOT, modules

pytestmark = pytest.mark.django_db

LABOUR_DAY, MAKE_UP_DAY = date(2026, 5, 1), date(2026, 5, 9)


def days_of(number):
    return dict(CalendarDay.objects.filter(year__number=number).values_list("day", "is_workday"))


def test_a_year_is_filled_with_the_days_that_are_other_than_their_weekday_says():
    assert seed_year(year=2026) is True
    assert CalendarYear.objects.get().source.startswith("chinesecalendar 1.")
    holidays = {1: [1, 2], 2: [16, 17, 18, 19, 20, 23], 4: [6], 5: [1, 4, 5], 6: [19], 9: [25], 10: [1, 2, 5, 6, 7]}
    worked = {1: [4], 2: [14, 28], 5: [9], 9: [20], 10: [10]}
    assert days_of(2026) == {
        date(2026, month, day): works
        for months, works in ((holidays, False), (worked, True))
        for month, days in months.items()
        for day in days
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_days_bear_their_chinese_names_whoever_fills_them_in(language, settings):
    settings.LANGUAGE_CODE = language
    seed_year(year=2026)
    names = CalendarDay.objects.in_bulk([LABOUR_DAY, MAKE_UP_DAY], field_name="day")
    assert [row.name for row in names.values()] == ["劳动节", "劳动节调休上班"]


@pytest.mark.parametrize("year", sorted({day.year for day in chinese_calendar.holidays}))
def test_each_day_of_each_year_is_as_the_package_has_it(year):
    seed_year(year=year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    calendar = calendar_of(first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [is_workday(day, calendar) for day in days] == [chinese_calendar.is_workday(day) for day in days]
    for row in CalendarDay.objects.all():
        row.full_clean()


@pytest.mark.parametrize("year", [2003, 2099])
def test_a_year_that_the_package_does_not_know_is_left_alone(year):
    assert (seed_year(year=year), CalendarYear.objects.exists()) == (False, False)


def test_what_the_office_changed_added_and_took_out_stays():
    seed_year(year=2026)
    CalendarDay.objects.filter(day=LABOUR_DAY).delete()
    CalendarDay.objects.filter(day=MAKE_UP_DAY).update(name="补班")
    CalendarDay.objects.create(year=CalendarYear.objects.get(), day=date(2026, 7, 28), name="防台风停工")
    before = list(CalendarDay.objects.values())
    assert seed_year(year=2026) is False
    assert list(CalendarDay.objects.values()) == before


def test_a_year_that_the_office_typed_in_is_not_filled():
    CalendarYear.objects.create(number=2026, source="国办通知")
    assert (seed_year(year=2026), days_of(2026)) == (False, {})


def test_a_year_that_was_deleted_is_filled_anew():
    seed_year(year=2026)
    CalendarYear.objects.all().delete()
    assert (seed_year(year=2026), len(days_of(2026))) == (True, 25)


def test_the_notice_of_a_year_completes_the_december_before_it():
    """In 2018 the days around the New Year of 2019 were told when 2018 was nearly over."""
    year = CalendarYear.objects.create(number=2018, source="chinesecalendar 1.0")
    CalendarDay.objects.create(year=year, day=date(2018, 12, 31), name="元旦（本局）")
    seed_year(year=2019)
    assert list(CalendarDay.objects.filter(year=year).values_list("day", "is_workday", "name")) == [
        (date(2018, 12, 29), True, "元旦调休上班"),
        (date(2018, 12, 31), False, "元旦（本局）"),
    ]


@pytest.mark.parametrize(
    ("at", "years"),
    [
        (clock.DURING, [2025, 2026]),
        (datetime(2024, 12, 31, 23, 59, tzinfo=clock.SHANGHAI), [2023, 2024, 2025]),
        (datetime(2025, 1, 1, tzinfo=clock.SHANGHAI), [2024, 2025, 2026]),  # still 2024 in UTC
    ],
)
def test_the_years_around_today_are_filled_as_far_as_they_are_known(at, years):
    assert (seed_calendar(at=at), seed_calendar(at=at)) == (years, [])
    assert sorted(CalendarYear.objects.values_list("number", flat=True)) == years


def test_one_file_knows_the_package():
    knows = [path for path in modules() if "import chinese_calendar" in path.read_text(encoding="utf-8")]
    assert [str(path.relative_to(ROOT)) for path in knows] == ["ideas/services/workdays.py"]
