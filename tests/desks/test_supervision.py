"""Supervision as unit and office see it: the steps that were taken, and the orders beside them."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.models import Referral, SupervisionOrder
from ideas.services.supervision import supervise
from tests import clock, factories

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 3, 24, 9, tzinfo=clock.SHANGHAI)
WORDS = "请于本周四前到现场，并书面说明。"


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    """To be acknowledged by the Monday, and it is Tuesday."""
    referral = factories.referred([factories.make_idea(campaign)], unit, moderator)
    supervise(at=TUESDAY)
    return referral


@pytest.fixture(autouse=True)
def tuesday():
    with clock.at(TUESDAY):
        yield


@pytest.fixture
def office(client, moderator):
    client.force_login(moderator)
    return client


def text_of(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def issue(client, referral, **data):
    given = {"seen": Referral.objects.get(pk=referral.pk).version, "words": WORDS, "due_on": "2026-03-26", **data}
    return client.post(reverse("admin:ideas_referral_act", args=[referral.pk, "supervise"]), given)


def test_the_offices_page_and_list_show_who_was_told(office, referral):
    page = text_of(office, "admin:ideas_referral_change", referral.pk)
    assert [word in page for word in ("已催办：到期", "已督办：承办人", "没有联系方式")] == [True] * 3
    assert "已督办：承办人" in text_of(office, "admin:ideas_referral_changelist")


def test_the_units_desk_shows_the_last_step(client, referral, unit):
    client.force_login(factories.officer_of(unit))
    for page in (text_of(client, "unit"), text_of(client, "unit-referral", referral.pk)):
        assert ("已督办：承办人" in page, "已催办：到期" in page) == (True, False)


def test_an_order_is_issued_at_the_page_shown_to_the_unit_and_printed(office, client, referral, unit):
    assert issue(office, referral).status_code == 302
    order = SupervisionOrder.objects.get()
    assert (order.words, order.due_on.isoformat()) == (WORDS, "2026-03-26")
    for name in ("admin:ideas_referral_change", "admin:ideas_referral_order"):
        page = text_of(office, name, referral.pk)
        assert [word in page for word in ("JM26-D001", WORDS, "2026-03-26")] == [True] * 3
    client.force_login(factories.officer_of(unit))
    for page in (text_of(client, "unit"), text_of(client, "unit-referral", referral.pk)):
        assert [word in page for word in ("JM26-D001", WORDS, "2026-03-26")] == [True] * 3


def test_an_order_that_is_refused_loses_no_word(office, referral):
    answer = issue(office, referral, due_on="2026-03-20")
    assert (answer.status_code, WORDS in answer.content.decode()) == (409, True)
    assert SupervisionOrder.objects.count() == 0


def test_there_is_nothing_to_print_before_an_order(office, referral):
    assert office.get(reverse("admin:ideas_referral_order", args=[referral.pk])).status_code == 404


def test_another_units_order_is_not_on_the_desk(office, client, referral, moderator):
    issue(office, referral)
    other = factories.make_unit()
    client.force_login(factories.officer_of(other))
    assert WORDS not in text_of(client, "unit")


def test_a_helping_unit_reads_no_order_on_its_desk(office, client, campaign, unit, moderator):
    helper = factories.make_unit()
    referral = factories.referred([factories.make_idea(campaign)], unit, moderator, helping=[helper])
    issue(office, referral)
    client.force_login(factories.officer_of(helper))
    assert WORDS not in text_of(client, "unit")


def test_the_cost_of_the_desks_does_not_grow(client, campaign, unit, moderator, referral):
    def cost(name, user):
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(name))
        return len(queries)

    pages = [("unit", factories.officer_of(unit)), ("admin:ideas_referral_changelist", moderator)]
    before = [cost(*page) for page in pages]
    for _ in range(9):
        factories.referred([factories.make_idea(campaign)], unit, moderator, at=clock.DURING)
    supervise(at=TUESDAY.replace(hour=10))
    assert ([cost(*page) for page in pages], before[0] <= 12) == (before, True)
