"""The score card on the home page: the newest one, whole, from its day on; who enters it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localdate

from ideas.choices import Role
from ideas.models import ScoreFigure
from ideas.queries.score_card import card_of, newest_card
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db
TODAY = localdate(clock.DURING)


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


def figure(**fields):
    words = {"name": "新装路灯", "value": "412", "unit": "盏", "comparison": "比上年多183盏", "source": "市政科"}
    return ScoreFigure.objects.create(**{**words, "on": TODAY, "year": 2025, **fields})


def home(client):
    return client.get("/").content.decode()


def test_the_home_page_shows_number_unit_comparison_source_and_day(client):
    assert "score-card" not in home(client)
    figure()
    told = ("2025年成绩单", "新装路灯", "412", "盏", "比上年多183盏", "市政科", TODAY.isoformat())
    assert [words for words in told if words not in home(client)] == []


def test_english_readers_read_english_where_it_is_written(client):
    figure(name_en="New street lamps", source_en="works office")
    client.cookies["language"] = "en"
    shown = home(client)
    assert [words for words in ("New street lamps", "works office", "2025 in figures") if words not in shown] == []
    assert "新装路灯" not in shown


def test_a_figure_is_shown_from_its_day_on(client):
    figure(on=date(2026, 3, 21))
    assert "412" not in home(client)
    with clock.at(clock.LATER):
        assert "412" in home(client)


def test_figures_of_a_campaign_that_is_not_announced_are_nobodys(client):
    hidden = factories.make_campaign(announced_at=None)
    figure(campaign=hidden, year=None)
    assert (newest_card(clock.DURING), card_of(hidden, clock.DURING)) == (None, None)


def test_the_newest_card_stands_there_whole_and_in_its_order(campaign):
    figure(on=date(2026, 3, 1))
    second = figure(campaign=campaign, year=None, position=2)
    first = figure(campaign=campaign, year=None, position=1, on=date(2025, 1, 1))
    assert newest_card(clock.DURING).figures == card_of(campaign, clock.DURING).figures == [first, second]


@pytest.mark.parametrize("year", [None, 2025])
def test_a_figure_is_of_a_campaign_or_of_a_year(campaign, year):
    row = ScoreFigure(campaign=None if year is None else campaign, year=year, name="n", value="1", source="s", on=TODAY)
    with pytest.raises(ValidationError):
        row.full_clean()


def test_a_manager_enters_and_changes_it(client, manager):
    client.force_login(manager)
    address = reverse("admin:ideas_scorefigure_add")
    given = {
        "year": 2025,
        "name": "新装路灯",
        "value": "412",
        "source": "市政科",
        "on": TODAY.isoformat(),
        "position": 0,
    }
    assert client.post(address, given).status_code == 302
    row = ScoreFigure.objects.get()
    change = reverse("admin:ideas_scorefigure_change", args=[row.pk])
    assert client.post(change, {**filled(client, change), "value": "413"}).status_code == 302
    assert "413" in home(client)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.AUDITOR, Role.KEEPER])
def test_nobody_else_does(client, role):
    client.force_login(factories.make_user(role))
    row = figure()
    pages = [reverse("admin:ideas_scorefigure_add"), reverse("admin:ideas_scorefigure_change", args=[row.pk])]
    assert [client.get(page).status_code for page in pages] == [403, 403]


def test_more_figures_cost_no_more_queries(client, django_assert_num_queries):
    figure()
    with django_assert_num_queries(3):
        home(client)
    for _more in range(3):
        figure()
    with django_assert_num_queries(3):
        home(client)
