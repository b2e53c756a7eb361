"""A page for everybody has an address in each language, says so in its head, and leaves the reader's choice alone."""

import re
from html import unescape

import pytest
from django.urls import reverse

from ideas.models import Campaign
from ideas.views.privacy import ASKED
from tests import clock, factories

pytestmark = pytest.mark.django_db
SITE = "https://ideas.example.gov.cn"


@pytest.fixture(autouse=True)
def site(settings):
    settings.IDEAS_SITE_URL = SITE


@pytest.fixture(params=[0, 1], ids=["rendered", "kept"])
def seconds(request, settings):
    settings.IDEAS_PAGE_SECONDS = request.param


def language_of(answer):
    return re.search(r'<html lang="([^"]+)"', answer.content.decode())[1], answer["Content-Language"]


def head(answer):
    """{rel or property: value} of all that a page says of itself; languages as alternate:…"""
    text = answer.content.decode()
    links = re.findall(r'<link rel="(canonical|alternate)"(?: hreflang="([^"]+)")? href="([^"]+)"', text)
    metas = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', text)
    found = {f"{rel}:{code}" if code else rel: unescape(address) for rel, code, address in links}
    return found | {name: unescape(value) for name, value in metas}


def test_an_address_shows_a_page_in_english_to_whoever_has_it(client, campaign, during, seconds):
    where = reverse("campaign", args=[campaign.slug])
    for query, language in (("", "zh-Hans"), ("?lang=en", "en"), ("", "zh-Hans"), ("?utm=1&lang=en", "en")):
        assert language_of(client.get(where + query))[0] == language
    assert client.cookies == {}


def test_it_goes_before_the_cookie_and_leaves_it(client, campaign, during, seconds):
    client.cookies["language"] = "en"
    assert [language_of(client.get(f"/{query}"))[1] for query in ("", "?lang=zh-hans", "")] == ["en", "zh-hans", "en"]
    assert client.cookies["language"].value == "en"


def test_what_is_no_language_asks_for_none(client, campaign, during, seconds):
    client.cookies["language"] = "en"
    assert {language_of(client.get(f"/?lang={code}"))[1] for code in ("", "xx", "EN", "fr")} == {"en"}


def test_where_the_office_offers_no_english_none_is_to_be_had(client, campaign, during, seconds, settings):
    settings.IDEAS_LANGUAGE_SWITCH = False
    answer = client.get("/?lang=en")
    assert language_of(answer) == ("zh-Hans", "zh-hans")
    assert [name for name in head(answer) if name.startswith(("alternate", "og:locale:"))] == []


def test_pages_of_somebody_and_of_staff_keep_to_the_choice(client, campaign, during, manager):
    client.force_login(manager)
    for where in (reverse("track"), reverse("submit", args=[campaign.slug]), reverse("desk"), "/nowhere/"):
        assert client.get(f"{where}?lang=en", follow=True)["Content-Language"] == "zh-hans"


def test_pressing_the_language_goes_before_the_address(client, campaign, during):
    pressed = {"next": "/?topic=road&lang=en", "language": "zh-hans"}
    assert client.post("/preferences/", pressed)["Location"].startswith("/?topic=road")
    assert ASKED not in client.post("/preferences/", pressed)["Location"]
    letters = client.post("/preferences/", {"next": "/?lang=en", "elder": "on"})
    assert letters["Location"].startswith("/?lang=en")


def test_a_page_says_where_it_is_in_each_language(client, campaign, during, seconds):
    where = SITE + reverse("campaign", args=[campaign.slug])
    chinese, english = (head(client.get(reverse("campaign", args=[campaign.slug]) + q)) for q in ("?x=1", "?lang=en"))
    pairs = {"alternate:zh-Hans": where, "alternate:en": f"{where}?lang=en", "alternate:x-default": where}
    for page, own, locale in ((chinese, where, "zh_CN"), (english, f"{where}?lang=en", "en_US")):
        assert pairs.items() <= page.items()
        assert (page["canonical"], page["og:url"], page["og:locale"]) == (own, own, locale)


def test_what_the_page_is_made_of_stays_in_its_address(client, campaign, during, seconds):
    Campaign.objects.update(show_ideas=True)
    where = reverse("ideas", args=[campaign.slug])
    page = head(client.get(f"{where}?utm=x&topic=road"))
    assert (page["canonical"], page["alternate:en"]) == (
        f"{SITE}{where}?topic=road",
        f"{SITE}{where}?topic=road&lang=en",
    )


def test_a_page_is_described_by_its_own_texts(client, campaign, during, moderator):
    Campaign.objects.update(show_ideas=True, summary='集美的 "金点子" <征集>', summary_en="Ideas & more")
    [idea] = factories.published(campaign, moderator)
    own = client.get(reverse("campaign", args=[campaign.slug]))
    english = head(client.get(reverse("campaign", args=[campaign.slug]) + "?lang=en"))
    shown = head(client.get(reverse("idea", args=[campaign.slug, idea.receipt])))
    campaign.refresh_from_db()
    assert (head(own)["og:title"], head(own)["description"]) == (campaign.title, campaign.summary)
    assert (english["og:title"], english["og:description"]) == (campaign.title_en, "Ideas & more")
    assert (shown["og:title"], shown["og:type"]) == (idea.published_title, "article")
    assert shown["description"] == " ".join(idea.published_text.split())
    assert b"<\xe5\xbe\x81" not in own.content


@pytest.mark.parametrize("where", ["/", "/privacy/", "/accessibility/"])
def test_pages_of_no_campaign_have_a_description_too(client, where):
    page = head(client.get(where))
    assert (len(page["description"]) > 20, len(page["og:title"]) > 1, page["og:type"]) == (True, True, "website")


def test_a_page_that_is_not_there_says_nothing_of_itself(client, campaign, during):
    with clock.at(clock.DURING):
        assert head(client.get(reverse("winners", args=[campaign.slug]))).keys() <= {"viewport", "color-scheme"}
