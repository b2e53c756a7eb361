"""A manager edits the calendar of a year on one page; what a row need not say, or says of another year, is refused."""

import pytest
from django.urls import reverse

from ideas.models import CalendarDay, CalendarYear
from ideas.services.workdays import seed_year
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db
ADD, LIST = reverse("admin:ideas_calendaryear_add"), reverse("admin:ideas_calendaryear_changelist")


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def year():
    seed_year(year=2026)
    return CalendarYear.objects.get()


def page_of(year):
    return reverse("admin:ideas_calendaryear_change", args=[year.pk])


def typed(*days, number="2027"):
    """The page of a new year with these days: (day, whether it is worked, name)."""
    data = {"number": number, "source": "国办发明电〔2026〕9号", "days-TOTAL_FORMS": len(days), "days-INITIAL_FORMS": 0}
    for place, (day, is_workday, name) in enumerate(days):
        row = {"day": day, "is_workday": is_workday, "name": name}
        data |= {f"days-{place}-{field}": value for field, value in row.items()}
    return data


def test_a_manager_types_in_the_year_of_a_new_notice(desk):
    days = [("2027-02-08", False, "春节"), ("2027-02-14", True, "春节调休上班")]
    assert desk.post(ADD, typed(*days)).status_code == 302
    rows = CalendarDay.objects.filter(year__number=2027).values_list("day", "is_workday", "name")
    assert [(str(day), *more) for day, *more in rows] == days


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("2027-02-08", True, "春节"), "周一至周五本来就上班"),
        (("2027-02-14", False, "春节"), "周六、周日本来就休息"),
        (("2026-12-31", False, "元旦"), "这一天不在该年度内"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused_with_the_reason(desk, row, said):
    answer = desk.post(ADD, typed(row))
    assert (said in answer.content.decode(), CalendarYear.objects.exists()) == (True, False)


@pytest.mark.parametrize("number", ["", "26", "x"])
def test_days_of_no_year_are_refused_with_it(desk, number):
    answer = desk.post(ADD, typed(("2027-02-08", False, "春节"), number=number))
    assert (answer.status_code, CalendarYear.objects.exists()) == (200, False)


def test_a_day_is_told_once(desk):
    answer = desk.post(ADD, typed(("2027-02-08", False, "春节"), ("2027-02-08", False, "春节")))
    assert (answer.status_code, CalendarYear.objects.exists()) == (200, False)


def test_a_manager_takes_a_day_out_and_names_another(desk, year):
    data = filled(desk, page_of(year))
    first = CalendarDay.objects.first()
    place = next(name.removesuffix("-id") for name, value in data.items() if name.endswith("-id") and value == first.pk)
    assert desk.post(page_of(year), {**data, f"{place}-DELETE": "on", "source": "本局通知"}).status_code == 302
    assert (CalendarYear.objects.get().source, year.days.count()) == ("本局通知", 24)
    assert not CalendarDay.objects.filter(pk=first.pk).exists()


def test_the_number_of_a_year_that_has_days_stays(desk, year):
    answer = desk.post(page_of(year), {**filled(desk, page_of(year)), "number": "2027"})
    assert (answer.status_code, CalendarYear.objects.get().number) == (302, 2026)


def test_the_list_says_of_each_year_how_many_days_differ(desk, year):
    page = desk.get(LIST).content.decode()
    assert all(words in page for words in ("工作日历", "放假天数", "调休上班天数", "chinesecalendar 1."))
    assert '<td class="field-days_off">19</td><td class="field-make_up_days">6</td>' in page


def test_a_manager_deletes_a_year_with_its_days(desk, year):
    desk.post(reverse("admin:ideas_calendaryear_delete", args=[year.pk]), {"post": "yes"})
    assert (CalendarYear.objects.exists(), CalendarDay.objects.exists()) == (False, False)


def test_moderators_do_not_edit_the_calendar(client, moderator, year):
    client.force_login(moderator)
    assert [client.get(address).status_code for address in (LIST, ADD, page_of(year))] == [403, 403, 403]
