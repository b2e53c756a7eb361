from datetime import date

import pytest
from django.urls import reverse

from ideas.models import Campaign
from ideas.queries.tracking import story_of
from ideas.services import answers
from ideas.services.proposal import propose_shortlist
from ideas.services.referrals import acknowledge, recall
from ideas.services.sealing import seal_shortlist
from ideas.services.tracking import erase_person
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def later():
    with clock.at(clock.LATER):
        yield


@pytest.fixture(scope="module")
def told(people):
    return factories.released_campaign(people.moderator, (people.manager, people.second)).pk


@pytest.fixture
def released(told, db):
    return Campaign.objects.get(pk=told)


def winners(client, campaign):
    return client.get(reverse("winners", args=[campaign.slug]))


def winner(client, idea):
    return client.get(reverse("winner", args=[idea.campaign.slug, idea.receipt]))


def test_everybody_reads_the_winners_with_their_published_text(client, released):
    body = winners(client, released).content.decode()
    listed = list(released.ideas.filter(shortlist_entry__isnull=False).order_by("shortlist_entry__rank"))
    places = [body.index(idea.published_title) for idea in listed]
    assert (places == sorted(places), "公开稿正文。" in body, len(places)) == (True, True, 3)


def test_no_original_text_of_a_winner_is_published(client, released):
    idea = released.ideas.filter(shortlist_entry__isnull=False).first()
    body = winners(client, released).content.decode() + winner(client, idea).content.decode()
    assert (idea.problem in body, idea.proposal in body) == (False, False)


def test_ideas_that_did_not_win_are_nowhere(client, released):
    loser = released.ideas.filter(shortlist_entry=None).first()
    assert winner(client, loser).status_code == 404
    assert loser.receipt not in winners(client, released).content.decode()


@pytest.mark.parametrize(
    ("naming", "consent", "shown"),
    [("real", True, "林小满"), ("net_name", True, "海边的风"), ("anonymous", True, ""), ("real", False, "")],
)
def test_a_winner_is_named_as_consented(client, released, naming, consent, shown):
    idea = released.ideas.filter(shortlist_entry__isnull=False).first()
    resident = factories.resident_of(idea)
    resident.naming, resident.publish_consented_at = naming, clock.DURING if consent else None
    resident.save()
    body = winner(client, idea).content.decode()
    assert [name for name in ("林小满", "海边的风") if name in body] == ([shown] if shown else [])


def test_no_contact_of_anybody_is_published(client, released):
    body = winners(client, released).content.decode()
    assert not any(secret in body for secret in ("12012345678", "resident@example.com", "120****"))


def test_before_release_nothing_tells_that_a_list_exists(client, moderator, managers):
    campaign = factories.rated_campaign(moderator)
    address = reverse("campaign", args=[campaign.slug])
    before = client.get(address).content
    shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
    for manager in managers:
        shortlist = seal_shortlist(
            shortlist=shortlist, manager=manager, at=clock.RATING_UNTIL, expected_version=shortlist.version
        )
    listed = campaign.ideas.filter(shortlist_entry__isnull=False).first()
    assert [winners(client, campaign).status_code, winner(client, listed).status_code] == [404, 404]
    assert client.get(address).content == before


def test_an_unpublished_idea_and_an_unknown_one_get_the_same_404(client, released):
    loser = released.ideas.filter(shortlist_entry=None).first()
    unknown = client.get(reverse("winner", args=[released.slug, "JM26-22222222"]))
    known = winner(client, loser)
    assert known.status_code == 404
    assert known.content.replace(loser.receipt.encode(), b"") == unknown.content.replace(b"JM26-22222222", b"")


@pytest.mark.slow
def test_the_page_takes_the_same_queries_for_three_and_for_ten(client, moderator, managers, django_assert_num_queries):
    for places in (3, 10):
        campaign = factories.rated_campaign(moderator, ideas=places, places=places)
        campaign.ideas.update(published_title="题目", published_text="正文")
        factories.release(campaign, managers)
        with django_assert_num_queries(5):
            winners(client, campaign)


def test_a_winner_whose_person_was_erased_is_not_named(client, released):
    idea = released.ideas.filter(shortlist_entry__isnull=False).first()
    idea.resident.naming, idea.resident.publish_consented_at = "real", clock.LATER
    idea.resident.save()
    erase_person(idea=idea, at=clock.LATER, expected_version=story_of(idea, clock.LATER).version)
    pages = winners(client, released), winner(client, idea)
    assert [(page.status_code, "林小满" in page.content.decode()) for page in pages] == [(200, False)] * 2


def test_a_winners_page_says_what_became_of_it(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winner = campaign.ideas.filter(status="awarded").earliest("id")
    unit = factories.make_unit("城管局")
    where = reverse("winner", args=[campaign.slug, winner.receipt])
    assert "办理情况" not in client.get(where).content.decode()
    referral = factories.referred([winner], unit, moderator, at=clock.LATER)
    words = {"adoption": "adopted", "public": "六月底前装好路灯。", "finish_on": date(2026, 6, 30)}
    about = {"referral": referral, "at": clock.LATER}
    answers.save_draft(**about, officer=factories.officer_of(unit), kind="plan", words=words, seen="")
    answers.hand_in(**about, officer=factories.officer_of(unit))
    answers.approve(**about, head=factories.head_of(unit))
    before = client.get(where).content.decode()
    assert ("已交城管局办理" in before, "六月底前装好路灯。" in before) == (True, False)
    answers.release_answer(**about, staff=moderator, public=words["public"])
    after = client.get(where).content.decode()
    assert ("六月底前装好路灯。" in after, "2026-06-30" in after) == (True, True)


def titles(answer):
    return [card.idea.published_title for card in answer.context["cards"]]


def test_the_list_is_narrowed_by_links_with_their_numbers(client, released):
    first, *_, third = released.ideas.filter(status="awarded").order_by("shortlist_entry__rank")
    night = released.topics.get(slug="night")
    released.ideas.filter(pk=third.pk).update(topic=night)
    page = winners(client, released)
    assert [(row.value, row.number) for row, _url in page.context["choices"][0][1]] == [("road", 2), ("night", 1)]
    (_road, (_night, url)) = page.context["choices"][0][1]
    narrowed = client.get(url)
    assert titles(narrowed) == [third.published_title]
    body = narrowed.content.decode()
    assert ("3条优秀金点子中的1条" in body, first.published_title in body) == (True, False)
    back = next(url for row, url in narrowed.context["choices"][0][1] if row.is_chosen)
    assert (back, len(titles(client.get(back)))) == (reverse("winners", args=[released.slug]), 3)


@pytest.mark.parametrize("query", [{"topic": "x"}, {"street": "外区"}, {"state": "done"}, {"topic": "night"}])
def test_a_choice_that_is_not_there_leads_to_the_whole_list(client, released, query):
    answer = client.get(reverse("winners", args=[released.slug]), query)
    assert (answer.status_code, answer["Location"]) == (302, reverse("winners", args=[released.slug]))


def test_the_list_tells_what_became_of_each(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    first, second, third = campaign.ideas.filter(status="awarded").order_by("shortlist_entry__rank")
    unit = factories.make_unit()
    done, given = (factories.referred([idea], unit, moderator, at=clock.LATER) for idea in (first, second))
    factories.reported(done, clock.LATER)
    factories.closed(done, moderator, clock.LATER)
    found = {card.idea: card.follow_up for card in winners(client, campaign).context["cards"]}
    assert found == {first: "done", second: "given", third: None}
    acknowledge(referral=given, officer=factories.officer_of(unit), at=clock.LATER)
    narrowed = client.get(reverse("winners", args=[campaign.slug]), {"state": "under_way"})
    assert titles(narrowed) == [second.published_title]
    recall(referral=given, staff=moderator, at=clock.LATER, reason="另行安排。")
    assert winners(client, campaign).context["cards"][1].follow_up is None
    assert "3条中已有1条办结" in client.get("/").content.decode()


def test_what_is_not_adopted_is_answered_and_not_done(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    idea = campaign.ideas.filter(status="awarded").earliest("id")
    referral = factories.referred([idea], factories.make_unit(one_person=True), moderator, at=clock.LATER)
    words = {"adoption": "not_adopted", "public": "不属本区管理。", "internal": "", "finish_on": None}
    about = {"referral": referral, "at": clock.LATER, "officer": factories.officer_of(referral.unit)}
    answers.save_draft(**about, kind="plan", words=words)
    answers.hand_in(**about)
    factories.released(referral, moderator, clock.LATER)
    assert {card.follow_up for card in winners(client, campaign).context["cards"]} == {"answered", None}


def test_from_a_winner_one_goes_on_to_its_neighbours(client, released):
    first, second, third = released.ideas.filter(status="awarded").order_by("shortlist_entry__rank")
    beside = winner(client, second).context["beside_it"]
    assert (beside.before.idea, beside.after.idea) == (first, third)
    assert [card.idea for card in beside.alike] == [first, third]
    ends = [winner(client, idea).context["beside_it"] for idea in (first, third)]
    assert [(one.before, one.after) for one in ends] == [
        (None, ends[0].after),
        (ends[1].before, None),
    ]
