import gzip
import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from ideas.demo.campaigns import make_campaign
from ideas.services.campaigns import refresh_figures
from ideas.services.proposal import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


def page(client, campaign):
    return client.get(reverse("campaign", args=[campaign.slug]))


@pytest.mark.slow
def test_the_home_page_lists_current_and_past_campaigns(client, moderator, managers, during):
    past, current = factories.released_campaign(moderator, managers), factories.make_campaign()
    with clock.at(clock.RATING_UNTIL):
        body = client.get("/").content.decode()
    body = body.split("<main")[1]
    assert body.index(current.title) < body.index("优秀金点子") < body.index("往期活动")
    assert body.rindex(past.title) > body.index("往期活动")


def test_the_home_page_begins_with_the_campaign_that_takes_ideas(client, during):
    upcoming = factories.make_campaign(opens_at=clock.RATING_UNTIL, closes_at=clock.LATER)
    current = factories.make_campaign()
    page = client.get("/")
    assert (page.context["hero"][0], [row for row, _phase in page.context["current"]]) == (current, [upcoming])
    assert "还剩" in page.content.decode()


def test_the_announcement_says_where_the_campaign_stands_and_shows_each_topic_with_its_drawing(client, during):
    campaign = factories.make_campaign()
    campaign.topics.filter(slug="road").update(mark="road")
    body = page(client, campaign).content.decode()
    assert body.split('aria-current="step"')[1].split("</li>")[0].count("目前在此") == 1
    assert "征集" in body.split('aria-current="step"')[1].split("</strong>")[0]
    assert (body.count("marks.svg#road"), body.count("marks.svg#idea")) == (1, 1)


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
    ("rounds", "said", "unsaid"),
    [(1, "每条有效建议由3名评委独立评分", "评审分两轮"), (2, "初评每条有效建议由两名评委评分", "由3名评委")],
)
def test_the_announcement_says_once_by_how_many_an_idea_is_rated(client, during, rounds, said, unsaid):
    body = page(client, factories.make_campaign(rounds=rounds, reviews_per_idea=3)).content.decode()
    assert (said in body, unsaid in body) == (True, False)


def test_the_announcement_asks_for_a_comment_as_the_desk_does(client, during):
    body = page(client, factories.make_campaign(comment_below=4)).content.decode()
    assert "加权分低于4分的，须写评语。" in body


def test_what_the_portal_says_of_rating_by_itself_no_demo_text_says_again():
    demos = [make_campaign(kind, slug=kind, at=clock.DURING) for kind in ("safer", "liveable")]
    texts = [text for campaign in demos for text in (campaign.method, campaign.method_en)]
    assert [text for text in texts if re.search("低于|两轮|less than|two rounds", text)] == []


@pytest.mark.parametrize(
    ("at", "can_submit"), [(clock.OPENS - clock.BLINK, False), (clock.DURING, True), (clock.CLOSES, False)]
)
def test_submit_is_offered_only_while_collecting(client, campaign, at, can_submit):
    with clock.at(at):
        body = page(client, campaign).content.decode()
    assert (reverse("submit", args=[campaign.slug]) in body) == can_submit


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_page_takes_few_queries_whatever_the_number_of_ideas(client, campaign, during, django_assert_num_queries):
    for count in (1, 10):
        for _ in range(count):
            factories.make_idea(campaign)
        with django_assert_num_queries(3):
            page(client, campaign)


# --- The ideas of a campaign that shows them ------------------------------------------------------------------------


@pytest.fixture
def showing(db):
    return factories.make_campaign(show_ideas=True)


def listing(client, campaign, **query):
    return client.get(reverse("ideas", args=[campaign.slug]), query)


def one(client, campaign, receipt):
    return client.get(reverse("idea", args=[campaign.slug, receipt]))


def published_hourly(campaign, moderator, count, **overrides):
    """Published ideas received an hour apart, the first one earliest."""
    ideas = factories.published(campaign, moderator, count, **overrides)
    for hour, idea in enumerate(ideas):
        idea.received_at = clock.OPENS + timedelta(hours=hour)
        idea.save(update_fields=["received_at"])
    return ideas


def receipts_on(answer):
    return [idea.receipt for idea in answer.context["page"].ideas]


def test_published_ideas_are_read_newest_first(client, showing, moderator, during):
    first, second = published_hourly(showing, moderator, 2)
    body = listing(client, showing).content.decode()
    assert body.index(second.published_title) < body.index(first.published_title)


@pytest.mark.slow
def test_pages_of_twenty_hold_every_idea_once(client, showing, moderator, during):
    ideas = published_hourly(showing, moderator, 45)
    showing.ideas.filter(pk__in=[idea.pk for idea in ideas[20:30]]).update(received_at=clock.OPENS)  # of one moment
    pages, more = [], {}
    while not pages or more["after"]:
        answer = listing(client, showing, **more)
        pages.append(receipts_on(answer))
        more = {"after": answer.context["page"].next_after}
    assert [len(page) for page in pages] == [20, 20, 5]
    assert sorted(receipt for page in pages for receipt in page) == sorted(idea.receipt for idea in ideas)


@pytest.mark.slow
def test_twenty_ideas_are_one_page(client, showing, moderator, during):
    factories.published(showing, moderator, 20)
    assert "after=" not in listing(client, showing).content.decode()


@pytest.mark.slow
def test_a_topic_narrows_the_list_and_stays_on_the_next_page(client, showing, moderator, during):
    factories.published(showing, moderator, 21)
    night = factories.published(showing, moderator, topic="night")
    assert receipts_on(listing(client, showing, topic="night")) == [idea.receipt for idea in night]
    assert "?topic=road&amp;after=" in listing(client, showing, topic="road").content.decode()


@pytest.mark.parametrize("query", [{"topic": "nothing"}, {"after": "JM26-22222222"}], ids=["topic", "after"])
def test_a_link_that_leads_nowhere_leads_to_the_newest(client, showing, moderator, during, query):
    factories.published(showing, moderator)
    assert listing(client, showing, **query).url == reverse("ideas", args=[showing.slug])


def test_a_hidden_idea_and_an_unknown_one_are_the_same_everywhere(client, showing, moderator, during):
    factories.published(showing, moderator)
    [hidden] = factories.accepted(showing, moderator)
    assert listing(client, showing, after=hidden.receipt).url == listing(client, showing, after="JM26-22222222").url
    known, unknown = one(client, showing, hidden.receipt), one(client, showing, "JM26-22222222")
    assert known.status_code == 404
    assert known.content.replace(hidden.receipt.encode(), b"") == unknown.content.replace(b"JM26-22222222", b"")


def test_a_campaign_that_shows_none_and_an_unknown_one_are_the_same(client, campaign, moderator, during):
    [idea] = factories.published(campaign, moderator)
    for path in ("", f"{idea.receipt}/"):
        known = client.get(f"/campaigns/{campaign.slug}/ideas/{path}")
        unknown = client.get(f"/campaigns/nowhere/ideas/{path}")
        assert (known.status_code, unknown.status_code) == (404, 404)
        assert known.content.replace(campaign.slug.encode(), b"nowhere") == unknown.content


def test_neither_the_original_nor_the_person_is_on_the_pages(client, showing, moderator, during):
    [idea] = factories.published(showing, moderator)
    body = (listing(client, showing).content + one(client, showing, idea.receipt).content).decode()
    assert idea.published_text in body
    secrets = (idea.proposal, "林小满", "海边的风", "12012345678", "resident@example.com")
    assert [secret for secret in secrets if secret in body] == []


@pytest.mark.slow
def test_the_list_of_chosen_ideas_changes_no_byte_before_release(client, moderator, manager):
    campaign = factories.rated_campaign(moderator, show_ideas=True)
    ideas = list(campaign.ideas.all())
    for idea in ideas:
        factories.publish(idea, moderator)
    with clock.at(clock.RATING_UNTIL):
        pages = [lambda: listing(client, campaign), *(lambda i=i: one(client, campaign, i.receipt) for i in ideas)]
        before = [page().content for page in pages]
        propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
        assert [page().content for page in pages] == before


@pytest.mark.slow
def test_after_release_each_idea_says_what_became_of_it(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    campaign.show_ideas = True
    campaign.save()
    with clock.at(clock.LATER):
        statuses = [idea.public_status for idea in listing(client, campaign).context["page"].ideas]
        winner = campaign.ideas.filter(shortlist_entry__rank=1).get()
        body = one(client, campaign, winner.receipt).content.decode()
    assert (statuses.count("winner"), statuses.count("not_selected")) == (3, 2)
    assert reverse("winner", args=[campaign.slug, winner.receipt]) in body


@pytest.mark.slow
@pytest.mark.parametrize("shows", [True, False], ids=["shows", "hides"])
def test_the_campaign_and_the_winners_lead_to_the_ideas_where_they_are_shown(client, moderator, managers, shows):
    campaign = factories.released_campaign(moderator, managers)
    campaign.show_ideas = shows
    campaign.save()
    address = reverse("ideas", args=[campaign.slug])
    with clock.at(clock.LATER):
        bodies = [page(client, campaign), client.get(reverse("winners", args=[campaign.slug]))]
    assert [address in body.content.decode() for body in bodies] == [shows, shows]


def test_an_empty_list_says_what_will_stand_there(client, showing, during):
    assert listing(client, showing).status_code == 200
    assert 'class="notice"' in listing(client, showing).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 20])
def test_the_list_takes_three_queries_however_long_it_is(
    client, showing, moderator, during, count, django_assert_num_queries
):
    factories.published(showing, moderator, count)
    with django_assert_num_queries(3):
        listing(client, showing)


def test_one_idea_takes_three_queries(client, showing, moderator, during, django_assert_num_queries):
    [idea] = factories.published(showing, moderator)
    with django_assert_num_queries(3):
        one(client, showing, idea.receipt)


@pytest.mark.slow
def test_a_full_page_of_ideas_weighs_at_most_30_kb_with_its_sheet_and_sets_no_cookie(
    client, showing, moderator, during
):
    for number in range(20):
        words = "".join(chr(0x4E00 + (number * 997 + step * 61) % 20000) for step in range(400))  # hardly compressible
        factories.published(showing, moderator, title=words[:50], place=words[50:150], problem=words)
    answer = listing(client, showing)
    with open(finders.find("ideas/site.css"), "rb") as sheet:
        weight = len(gzip.compress(answer.content)) + len(gzip.compress(sheet.read()))
    assert (weight <= 30 * 1024, answer.cookies) == (True, {})
