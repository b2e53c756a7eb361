"""The board of units as the office sees it: each number leads to a list of exactly so many."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.choices import AnswerKind, Role
from ideas.services import answers, referrals
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING
PLAN = {"adoption": "not_adopted", "public": "按规划暂不实施。", "internal": "", "finish_on": None}


@pytest.fixture(autouse=True)
def during():
    with clock.at(AT):
        yield


@pytest.fixture
def units(campaign, moderator):
    """Two units, one of which is late with one of three and has answered another."""
    slow, quick = factories.make_unit("交警大队"), factories.make_unit("城管局", one_person=True)
    for unit, days in ((slow, 9), (slow, 0), (quick, 0), (quick, 3)):
        row = factories.referred([factories.make_idea(campaign)], unit, moderator, at=AT - timedelta(days=days))
    officer = factories.officer_of(quick)
    answers.save_draft(referral=row, officer=officer, at=AT, kind=AnswerKind.PLAN, words=PLAN)
    answers.hand_in(referral=row, officer=officer, at=AT)
    other = factories.referred([factories.make_idea(campaign)], quick, moderator, at=AT)
    referrals.recall(referral=other, staff=moderator, at=AT, reason="发错单位。")
    return slow, quick


@pytest.fixture
def office(client, moderator):
    client.force_login(moderator)
    return client


def board_of(client, **query):
    return client.get(reverse("admin:ideas_referral_board"), query).content.decode()


def numbers(page):
    """[(number, address)] of every number that leads somewhere."""
    found = re.findall(r'<a href="([^"]*\?count=[^"]*)"[^>]*>(\d+)</a>', page)
    return [(int(number), html.unescape(url)) for url, number in found]


def test_each_number_leads_to_a_list_of_as_many(office, units):
    found = numbers(board_of(office))
    assert len(found) > 12
    for number, url in found:
        assert (url, office.get(url).context["cl"].result_count) == (url, number)


def test_each_number_of_a_campaign_leads_to_that_campaigns(office, units, campaign, moderator):
    factories.referred([factories.make_idea(factories.make_campaign())], units[0], moderator)
    found = numbers(board_of(office, campaign=campaign.pk))
    for number, url in found:
        assert (url, office.get(url).context["cl"].result_count) == (url, number)
    assert max(number for number, _url in found) == 4


def test_the_unit_with_most_overdue_stands_first_and_says_so_in_words(office, units):
    page = board_of(office)
    rows = re.findall(r'<th scope="row" lang="zh-hans">(.*?)</th>', page)
    assert (rows, "超期 1" in page) == (["交警大队", "城管局"], True)


def test_a_year_without_calendar_is_named(office, units, moderator):
    with clock.at(AT + timedelta(days=3)):
        office.force_login(moderator)
        assert "2026的工作日历尚未填写" in board_of(office)


def test_before_anything_is_referred_it_says_so(office):
    assert "还没有交办单" in board_of(office)


@pytest.mark.parametrize("asked", ["99999", "x", "1e9"])
def test_a_campaign_that_is_not_there_is_not_found(office, units, asked):
    assert office.get(reverse("admin:ideas_referral_board"), {"campaign": asked}).status_code == 404


def test_an_officer_does_not_see_it(client, units):
    client.force_login(factories.make_user(Role.OFFICER))
    assert client.get(reverse("admin:ideas_referral_board")).status_code in (302, 403)


def test_many_units_stand_on_several_pages(office, campaign, moderator):
    for _ in range(51):
        factories.referred([factories.make_idea(campaign)], factories.make_unit(), moderator)
    assert [board_of(office, page=page).count('<th scope="row" lang') for page in (1, 2)] == [50, 1]


@pytest.mark.parametrize("asked", ["nonsense", "open' or 1=1"])
def test_a_number_that_nobody_counts_is_no_list(office, units, asked):
    assert office.get(reverse("admin:ideas_referral_changelist"), {"count": asked}).status_code == 302
