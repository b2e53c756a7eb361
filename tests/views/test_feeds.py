"""Feeds: winners from their release, milestones from theirs, each leading to the page that everybody reads."""

import re
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from ideas.choices import MilestoneState
from ideas.models import Campaign, CampaignDays, Idea, Milestone
from tests import clock, factories

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
SITE = "https://ideas.example.gov.cn"


@pytest.fixture(autouse=True)
def site(settings):
    settings.IDEAS_SITE_URL = SITE


def entries(client, campaign, name="feed", at=clock.LATER, query=""):
    with clock.at(at):
        answer = client.get(reverse(name, args=[campaign.slug]) + query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = ElementTree.fromstring(answer.content)
    assert feed.find("a:id", ATOM).text == SITE + reverse(name, args=[campaign.slug])
    found = feed.findall("a:entry", ATOM)
    return [(row.find("a:title", ATOM).text, row.find("a:link", ATOM).get("href")) for row in found]


def test_winners_come_with_their_release(client, moderator, managers):
    campaign = factories.rated_campaign(moderator)
    for idea in campaign.ideas.all():
        factories.publish(idea, moderator)
    shortlist = factories.seal(campaign, managers)
    assert entries(client, campaign, at=clock.RATING_UNTIL) == []
    factories.release_list(shortlist, managers)
    ideas = [row.idea for row in shortlist.entries.order_by("rank")]
    pages = [SITE + reverse("winner", args=[campaign.slug, idea.receipt]) for idea in ideas]
    assert entries(client, campaign) == [(idea.published_title, page) for idea, page in zip(ideas, pages, strict=True)]


@pytest.fixture
def planned(moderator):
    """A shown idea whose unit plans something, released by the office; the campaign shows what units do."""
    campaign = factories.make_campaign(show_ideas=True)
    CampaignDays.objects.create(campaign=campaign, show_way=True)
    [idea] = factories.published(campaign, moderator)
    unit = factories.make_unit()
    referral = factories.referred([idea], unit, moderator)
    given = {"referral": referral, "unit": unit, "planned_on": clock.CLOSES.date()}
    Milestone.objects.create(**given, words="还没放行")
    state = {"state": MilestoneState.RELEASED, "released_at": clock.DURING}
    return Milestone.objects.create(**given, words="装好路灯", **state)


def test_milestones_come_as_a_plan_and_when_they_are_done(client, planned):
    campaign, idea = planned.referral.campaign, planned.referral.ideas.get()
    page = SITE + reverse("idea", args=[campaign.slug, idea.receipt])
    assert entries(client, campaign, "feed-milestones") == [("计划：装好路灯", page)]
    given = {"done_on": clock.RATING.date(), "done_words": "装了三盏。", "done_released_at": clock.RATING}
    Milestone.objects.filter(pk=planned.pk).update(state=MilestoneState.DONE, **given)
    assert entries(client, campaign, "feed-milestones", query="?lang=en") == [("Done: 装好路灯", page)]


def test_milestones_stand_only_where_everybody_reads_of_them(client, planned):
    campaign = planned.referral.campaign
    CampaignDays.objects.update(show_way=False)
    assert entries(client, campaign, "feed-milestones") == []
    CampaignDays.objects.update(show_way=True)
    Campaign.objects.update(show_ideas=False)
    assert entries(client, campaign, "feed-milestones") == []


def test_no_text_is_html_to_a_reader_of_feeds(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    Idea.objects.update(published_text="甲 <b>乙</b>\n丙")
    with clock.at(clock.LATER):
        feed = ElementTree.fromstring(client.get(reverse("feed", args=[campaign.slug])).content)
    assert feed.find("a:entry/a:summary", ATOM).text == "<p>甲 &lt;b&gt;乙&lt;/b&gt;<br>丙</p>"


def test_pages_of_a_campaign_name_its_feeds(client, campaign, during):
    text = client.get(reverse("campaign", args=[campaign.slug])).content.decode()
    feeds = re.findall(r'type="application/atom\+xml"[^>]*?href="([^"]+)"', text)
    assert feeds == [reverse(name, args=[campaign.slug]) for name in ("feed", "feed-milestones")]
    assert "atom+xml" not in client.get("/").content.decode()


def test_a_campaign_that_is_not_announced_has_none(client, campaign):
    with clock.at(clock.ANNOUNCED - clock.BLINK):
        asked = [client.get(reverse(name, args=[campaign.slug])) for name in ("feed", "feed-milestones")]
    assert [answer.status_code for answer in asked] == [404, 404]


def test_the_number_of_queries_does_not_grow(client, planned, moderator, django_assert_num_queries):
    for _more in range(2):
        with django_assert_num_queries(4):
            entries(client, planned.referral.campaign, "feed-milestones")
        Milestone.objects.create(
            referral=planned.referral, unit=planned.unit, planned_on=planned.planned_on, words="再装一盏",
            state=MilestoneState.RELEASED, released_at=clock.DURING,
        )  # fmt: skip
