import pytest
from django.urls import reverse

from ideas.services.campaigns import refresh_figures
from tests import clock, factories

pytestmark = pytest.mark.django_db


def page(client, campaign):
    return client.get(reverse("campaign", args=[campaign.slug]))


def test_the_home_page_lists_current_and_past_campaigns(client, moderator, managers, during):
    past, current = factories.released_campaign(moderator, managers), factories.make_campaign()
    with clock.at(clock.RATING_UNTIL):
        body = client.get("/").content.decode()
    body = body.split("<h1>")[1]
    assert body.index(current.title) < body.index("往期活动") < body.index(past.title)


def test_a_campaign_that_is_not_announced_is_nowhere(client, during):
    hidden = factories.make_campaign(announced_at=None)
    assert page(client, hidden).status_code == 404
    assert hidden.title not in client.get("/").content.decode()


def test_the_announcement_shows_every_text_that_a_manager_wrote(client, during):
    texts = {name: f"公告-{name}" for name in
             ("who", "content", "how", "method", "awards", "results_use", "originality", "privacy")}  # fmt: skip
    campaign = factories.make_campaign(**texts)
    body = page(client, campaign).content.decode()
    assert [text for text in texts.values() if text not in body] == []
    assert all(word in body for word in ("道路", "可行性", "35 %", "2026-04-09 24:00"))


@pytest.mark.parametrize(
    ("at", "can_submit"), [(clock.OPENS - clock.BLINK, False), (clock.DURING, True), (clock.CLOSES, False)]
)
def test_submit_is_offered_only_while_collecting(client, campaign, at, can_submit):
    with clock.at(at):
        body = page(client, campaign).content.decode()
    assert (reverse("submit", args=[campaign.slug]) in body) == can_submit


def test_figures_carry_their_moment_and_do_not_tell_how_many_are_chosen(client, moderator, during):
    campaign = factories.rated_campaign(moderator)
    refresh_figures(campaign=campaign, at=clock.DURING)
    assert campaign.figures == {"at": clock.DURING.isoformat(), "received": 5, "valid": 5}
    assert "2026-03-20 12:00" in page(client, campaign).content.decode()


def test_english_readers_get_english_texts_and_marked_chinese_ones(client, campaign, during):
    client.cookies["language"] = "en"
    body = page(client, campaign).content.decode()
    assert campaign.title_en in body
    assert f'<span lang="zh-Hans">{campaign.summary}</span>' in body


def test_the_page_takes_few_queries_whatever_the_number_of_ideas(client, campaign, during, django_assert_num_queries):
    for count in (1, 10):
        for _ in range(count):
            factories.make_idea(campaign)
        with django_assert_num_queries(3):
            page(client, campaign)
