"""The empty form: rendered once for all who begin, with a key, a token and a moment of each reader's own."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ideas.forms import spam
from ideas.models import Campaign
from tests import clock, factories

pytestmark = pytest.mark.django_db
OWN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|form_key|page|opened)" value="([^"]*)"')


@pytest.fixture(autouse=True)
def kept(settings):
    settings.IDEAS_PAGE_SECONDS = 60  # the clock stands still in most tests
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def address(campaign):
    return reverse("submit", args=[campaign.slug])


def page(address, **cookies):
    client = Client(enforce_csrf_checks=True)
    client.cookies.load(cookies)
    return client, client.get(address).content.decode()


def own(text):
    """What only this reader has; the token stands in every form of the page, the same each time."""
    return dict(OWN.findall(text))


def common(text):
    return OWN.sub(r"\1", text)


def test_two_who_begin_share_nothing_but_the_page(address, during):
    (_one, first), (_two, second) = page(address), page(address)
    assert common(first) == common(second)
    assert own(first).keys() == {"csrfmiddlewaretoken", "form_key", "page", "opened"}
    assert all(own(first)[name] != own(second)[name] for name in ("csrfmiddlewaretoken", "form_key", "page"))


def test_it_is_the_page_that_is_rendered_for_who_was_here_before(address, during):
    _client, shared = page(address)
    _client, alone = page(address, **{settings.DRAFT_COOKIE_NAME: "0123abcd"})
    assert common(shared).replace('data-sent=""', "") == common(alone).replace('data-sent="0123abcd"', "")


def test_both_send_their_idea(campaign, address, during):
    page(address)
    for number in range(2):
        client, text = page(address)
        check = client.post(address, {**factories.form_data(title=f"加装第{number}盏路灯"), **own(text)})
        assert check.status_code == 302
        text = client.get(check["Location"]).content.decode()
        assert client.post(check["Location"], own(text)).status_code == 302
    assert campaign.ideas.count() == 2


def test_who_begins_costs_one_query(address, during, django_assert_num_queries):
    page(address)
    with django_assert_num_queries(1):
        page(address)


def test_the_moment_of_opening_is_each_readers_own(address):
    for minutes in (0, 0.5):
        with clock.at(clock.DURING + timedelta(minutes=minutes)):
            _client, text = page(address)
            assert abs(spam._opened(own(text)["opened"]) - clock.DURING.timestamp() - 60 * minutes) < 1


def test_language_and_letters_have_pages_of_their_own_in_whatever_order(address, during):
    chosen = [("", ""), ("en", ""), ("", "on"), ("en", "max"), ("", "max"), ("en", "on")]
    seen = {}
    for language, letters in [*chosen, *reversed(chosen)]:
        named = ((settings.LANGUAGE_COOKIE_NAME, language), (settings.ELDER_COOKIE_NAME, letters))
        cookies = {name: value for name, value in named if value}
        seen.setdefault((language, letters), set()).add(common(page(address, **cookies)[1]))
    assert [len(pages) for pages in seen.values()] == [1] * 6
    assert len({pages.pop() for pages in seen.values()}) == 6


def test_each_campaign_has_a_form_of_its_own(campaign, address, during):
    other = factories.make_campaign(title="另一个征集")
    there = reverse("submit", args=[other.slug])
    shown = [(title in page(where)[1]) for where in (address, there) for title in (campaign.title, other.title)]
    assert shown == [True, False, False, True]


def test_what_stands_in_the_address_of_one_is_on_no_page_of_another(address, during):
    """The buttons for language and letters lead back to the address at which a page was opened."""
    assert "from=wechat" in page(f"{address}?from=wechat")[1]
    assert "from=wechat" not in page(address)[1]


def test_that_one_browser_keeps_no_choice_is_told_to_nobody_else(address, during):
    """The page that comes back from the button for the largest letters, and the one of a browser that kept them."""
    _client, without = page(f"{address}?chosen=max")
    _client, kept = page(address, **{settings.ELDER_COOKIE_NAME: "max"})
    assert ["您的浏览器不保存本网站的Cookie" in text for text in (without, kept)] == [True, False]


def test_made_up_cookies_fill_nothing(address, during, django_assert_num_queries):
    page(address)
    with django_assert_num_queries(20):  # the campaign, each time: the form itself is the first one
        for number in range(20):
            page(address, **{settings.LANGUAGE_COOKIE_NAME: f"x{number}", settings.ELDER_COOKIE_NAME: f"y{number}"})


def test_a_submission_asks_for_its_lists_once_and_for_its_draft_as_often_as_it_must(
    campaign, address, during, django_assert_max_num_queries
):
    client, text = page(address)
    with django_assert_max_num_queries(9):  # the campaign, what lies here unsent, the draft in its transaction
        check = client.post(address, {**factories.form_data(), **own(text)}).url
    with django_assert_max_num_queries(5):  # the campaign, the draft, how common words are, ideas alike, photos
        text = client.get(check).content.decode()
    with django_assert_max_num_queries(22):
        client.post(check, {**own(text), **dict(re.findall(r'name="(seen)" value="([^"]*)"', text))})


def test_a_topic_that_goes_between_checking_and_sending_is_named_at_once(campaign, address, during):
    client, text = page(address)
    check = client.post(address, {**factories.form_data(), **own(text)}).url
    text = client.get(check).content.decode()
    gone = campaign.topics.get(slug=factories.form_data()["topic"])
    gone.delete()
    answer = client.post(check, {**own(text), **dict(re.findall(r'name="(seen)" value="([^"]*)"', text))}, follow=True)
    assert f"“{gone.name}”" in answer.content.decode()


def test_after_the_deadline_nobody_gets_the_kept_form(address):
    with clock.at(clock.CLOSES - clock.BLINK):
        assert 'id="idea-form"' in page(address)[1]
    with clock.at(clock.CLOSES):
        client, text = page(address)
        assert ('id="idea-form"' in text, client.get(address).status_code) == (False, 410)


def test_what_the_office_changes_shows_after_its_time(address):
    with clock.at(clock.DURING):
        page(address)
        Campaign.objects.update(title="新的名称")
        assert "新的名称" not in page(address)[1]
    with clock.at(clock.DURING + timedelta(seconds=61)):
        assert "新的名称" in page(address)[1]


def test_who_has_a_form_here_gets_it_named_and_others_do_not(campaign, address, during):
    client, text = page(address)
    client.post(address, {**factories.form_data(), **own(text), "save": ""})
    assert own(text)["form_key"] in client.get(address).content.decode()
    assert own(text)["form_key"] not in page(address)[1]
