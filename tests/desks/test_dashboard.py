"""The dashboard page and the first page, for each role."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.services.proposal import propose_shortlist
from ideas.services.referrals import acknowledge, ask_return
from ideas.services.sealing import seal_shortlist
from ideas.templatetags.charts import bar, day_columns, length_of_time
from tests import clock, factories

pytestmark = pytest.mark.django_db


def page_of(client, campaign, user, at=clock.DURING):
    client.force_login(user)
    with clock.at(at):
        return client.get(reverse("admin:ideas_campaign_dashboard", args=[campaign.pk])).content.decode()


def test_every_figure_has_its_moment(client, campaign, moderator):
    factories.accepted(campaign, moderator)
    page = page_of(client, campaign, moderator)
    assert page.count("2026-03-20 12:00") == page.count("<h2>") + 1  # each table's, and the funnel's


def test_no_picture_has_a_style_that_the_browser_would_refuse(client, campaign, moderator):
    factories.accepted(campaign, moderator)
    page = page_of(client, campaign, moderator)
    assert ("<rect" in page, "style=" in page) == (True, False)


def test_the_chosen_number_is_not_there_before_the_release(client, moderator, manager):
    campaign = factories.rated_campaign(moderator)
    propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    assert 'class="chosen"' not in page_of(client, campaign, manager, clock.RATING_UNTIL)


def test_an_empty_campaign_says_what_will_be_here(client, campaign, moderator):
    assert "<table" not in page_of(client, campaign, moderator)


def test_the_page_costs_at_most_fifteen_queries(client, campaign, moderator):
    factories.accepted(campaign, moderator, 3)
    client.force_login(moderator)
    cache.clear()
    with clock.at(clock.DURING), CaptureQueriesContext(connection) as queries:
        client.get(reverse("admin:ideas_campaign_dashboard", args=[campaign.pk]))
    assert len(queries) <= 15


def test_the_first_page_leads_to_what_waits(client, campaign, moderator):
    factories.make_idea(campaign)
    client.force_login(moderator)
    with clock.at(clock.DURING):
        page = client.get(reverse("admin:index")).content.decode()
    assert re.search(rf'href="{reverse("admin:ideas_idea_changelist")}"><strong>1</strong>', page)


def test_the_second_person_is_told_of_a_list_to_sign_and_the_first_is_not(client, moderator, managers):
    rated = factories.rated_campaign(moderator)
    shortlist = propose_shortlist(campaign=rated, manager=managers[0], at=clock.RATING_UNTIL)
    seal_shortlist(shortlist=shortlist, manager=managers[0], at=clock.RATING_UNTIL, expected_version=shortlist.version)
    told = []
    for manager in managers:
        client.force_login(manager)
        told.append(
            reverse("admin:ideas_shortlist_change", args=[shortlist.pk]) in client.get("/admin/").content.decode()
        )
    assert told == [False, True]


def test_the_first_page_leads_the_office_to_what_units_wait_for_and_are_late_with(client, campaign, moderator):
    units = [factories.make_unit() for _ in range(3)]
    _late, returned, done = (factories.referred([factories.make_idea(campaign)], unit, moderator) for unit in units)
    at = clock.DURING
    ask_return(referral=returned, officer=factories.officer_of(units[1]), at=at, reason="不属本单位。")
    acknowledge(referral=done, officer=factories.officer_of(units[2]), at=at)
    factories.reported(done, at)
    client.force_login(moderator)
    with clock.at(clock.DURING + timedelta(days=7)):
        page = client.get(reverse("admin:index"))
        waiting = {words: (number, url) for number, words, url in page.context["waiting"]}
        shown = {words: client.get(url).context["cl"].result_count for words, (_number, url) in waiting.items()
                 if "referral/" in url}  # fmt: skip
    assert {words: waiting[words][0] for words in shown} == {words: str(count) for words, count in shown.items()}
    assert list(shown.values()) == [1, 1, 1, 1]  # returned, to be released, done, overdue
    assert reverse("admin:ideas_referral_board") in page.content.decode()


def test_bars_begin_at_zero_and_are_as_long_as_their_share():
    assert re.findall(r'width="([\d.]+)"', bar(50, 200, 20)) == ["25.0", "10.0"]


def test_nothing_has_no_bar():
    assert re.findall(r'width="([\d.]+)"', bar(0, 10)) == ["0", "0"]


def test_the_highest_column_is_as_high_as_the_room(campaign):
    day = clock.DURING.date()
    drawing = day_columns([(day, 4), (day, 2)])
    assert re.findall(r'<rect [^>]*height="([\d.]+)"', drawing) == ["152.0", "76.0"]


@pytest.mark.parametrize(("hours", "words"), [(0.5, "30"), (5, "5.0"), (72, "3.0")])
def test_a_time_is_told_in_the_unit_that_fits(hours, words):
    assert words in length_of_time(timedelta(hours=hours))
