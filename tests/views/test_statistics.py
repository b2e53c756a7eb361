"""The page of figures: what stands on it, in both languages, and that it says when it is of."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests import clock, factories
from tests.queries.test_statistics import accepted, ideas

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


def page(client, campaign, at=clock.DURING, query=""):
    with clock.at(at):
        return client.get(reverse("statistics", args=[campaign.slug]) + query)


def test_before_the_announcement_there_is_no_page(client, campaign):
    assert page(client, campaign, clock.ANNOUNCED - clock.BLINK).status_code == 404
    assert "5" in page(client, campaign, clock.ANNOUNCED).content.decode()


def test_a_campaign_leads_to_its_figures(client, campaign, during):
    address = reverse("statistics", args=[campaign.slug])
    assert f'href="{address}"' in client.get(reverse("campaign", args=[campaign.slug])).content.decode()


def test_the_picture_has_its_table_beside_and_the_page_its_moment(client, campaign):
    ideas(campaign, 9, clock.DURING)
    ideas(campaign, 2, clock.DURING + clock.DAY, start=50)
    ideas(campaign, 30, clock.DURING + clock.DAY * 2, start=100)
    text = page(client, campaign, clock.DURING + clock.DAY * 3).content.decode()
    assert ("截至" in text, 'role="img"' in text, text.count('class="hidden-count"')) == (True, True, 2)
    days = re.search(r"<details open>.*?</details>", text, re.DOTALL)[0]
    assert re.findall(r'<td class="number">([^<]+)</td>', days) == ["–", "–", "30"]


def test_in_english_too(client, campaign, moderator):
    accepted(ideas(campaign, 8), moderator)
    text = page(client, campaign, query="?lang=en").content.decode()
    assert ("As of" in text, "Roads" in text, "道路" in text) == (True, True, False)


def test_nothing_of_the_figures_depends_on_who_asks(client, campaign, manager):
    ideas(campaign, 8)
    own = page(client, campaign).content
    client.force_login(manager)
    assert page(client, campaign).content == own


def test_an_empty_campaign_has_a_page(client):
    campaign = factories.make_campaign()
    assert page(client, campaign).status_code == 200
