"""What search engines are told: every page that is everybody's, and none before its time."""

import re
from urllib.robotparser import RobotFileParser

import pytest
from django.urls import reverse

from ideas.models import Campaign
from ideas.services.restricted import restrict_idea
from ideas.views import sitemaps
from tests import clock, factories

pytestmark = pytest.mark.django_db
SITE = "https://ideas.example.gov.cn"


@pytest.fixture(autouse=True)
def site(settings):
    settings.IDEAS_SITE_URL = SITE


def addresses(client, at=clock.DURING, where="/sitemap.xml"):
    with clock.at(at):
        answer = client.get(where)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    return {loc.removeprefix(SITE) for loc in re.findall(r"<loc>([^<]+)</loc>", answer.content.decode())}


def of(campaign, *names):
    return {reverse(name, args=[campaign.slug]) for name in names}


OURS = {"/", "/privacy/", "/accessibility/"}


def test_a_campaign_stands_there_from_its_announcement(client, campaign):
    assert addresses(client, clock.ANNOUNCED - clock.BLINK) == OURS
    assert addresses(client, clock.ANNOUNCED) == OURS | of(campaign, "campaign", "poster", "statistics")
    assert addresses(client, clock.DURING) == OURS | of(campaign, "campaign", "slip", "poster", "statistics")


def test_ideas_stand_there_where_they_are_shown(client, campaign, moderator):
    shown, hidden = factories.published(campaign, moderator, 2)
    factories.accepted(campaign, moderator, 1)
    assert not any("/ideas/" in address for address in addresses(client))
    Campaign.objects.update(show_ideas=True)
    restrict_idea(idea=hidden, staff=moderator, at=clock.DURING, reason="线索")
    found = {address for address in addresses(client) if "/ideas/" in address}
    assert found == {*of(campaign, "ideas"), reverse("idea", args=[campaign.slug, shown.receipt])}


def test_winners_stand_there_once_they_are_released(client, moderator, managers):
    campaign = factories.rated_campaign(moderator, 4, publish_record=True)
    for idea in campaign.ideas.all():
        factories.publish(idea, moderator)
    shortlist = factories.seal(campaign, managers)
    assert addresses(client, clock.RATING_UNTIL) == OURS | of(campaign, "campaign", "poster", "statistics")
    factories.release_list(shortlist, managers)
    winners = {reverse("winner", args=[campaign.slug, row.idea.receipt]) for row in shortlist.entries.all()}
    pages = of(campaign, "campaign", "poster", "statistics", "winners", "record")
    assert addresses(client, clock.RATING_UNTIL) == OURS | pages | winners


def test_every_address_in_it_is_a_page(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    Campaign.objects.update(show_ideas=True, publish_record=True)
    found = addresses(client, clock.LATER)
    assert len(found) > len(OURS) + campaign.places + 5
    with clock.at(clock.LATER):
        assert {address: client.get(address).status_code for address in found} == dict.fromkeys(found, 200)


def test_each_address_names_the_one_in_english(client, campaign, settings):
    with clock.at(clock.DURING):
        text = client.get("/sitemap.xml").content.decode()
        assert f'hreflang="en" href="{SITE}/campaigns/{campaign.slug}/?lang=en"' in text
        settings.IDEAS_LANGUAGE_SWITCH = False
        assert "hreflang" not in client.get("/sitemap.xml").content.decode()


def test_many_ideas_stand_in_files_of_their_own(client, campaign, moderator, monkeypatch):
    Campaign.objects.update(show_ideas=True)
    factories.published(campaign, moderator, 5)
    whole = addresses(client)
    monkeypatch.setattr(sitemaps._Pages, "limit", 3)
    files = addresses(client)
    assert len([file for file in files if "sitemap-ideas" in file]) == 2
    parts = [addresses(client, where=re.sub(r"https?://[^/]+", "", file)) for file in files]
    assert set().union(*parts) == whole
    with clock.at(clock.DURING):
        assert {client.get(f"/sitemap-{name}").status_code for name in ("x.xml", "ideas.xml?p=9")} == {404}
        assert client.get("/sitemap-ideas.xml").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_ideas(client, campaign, moderator, django_assert_num_queries):
    Campaign.objects.update(show_ideas=True)
    for _more in range(2):
        factories.published(campaign, moderator, 2)
        with django_assert_num_queries(9), clock.at(clock.DURING):
            client.get("/sitemap.xml")


def test_search_engines_stay_away_from_desks_and_from_what_is_somebodys_own(client, campaign):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(answer.content.decode().splitlines())
    closed = (
        "/admin/",
        "/unit/1/",
        "/panel/",
        "/entry/",
        "/track/",
        "/track/amend/",
        "/login/",
        "/desk/",
        "/certificates/x/",
    )
    assert [path for path in closed if rules.can_fetch("*", path)] == []
    assert all(rules.can_fetch("*", path) for path in ("/", f"/campaigns/{campaign.slug}/", "/privacy/"))
    assert "Disallow: /campaigns/*/submit/" in answer.content.decode()
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]


def test_a_process_of_the_office_is_closed_to_them(client, settings):
    settings.IDEAS_DESKS = "staff"
    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
