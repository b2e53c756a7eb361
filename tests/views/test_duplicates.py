import pytest
from django.test import Client
from django.urls import reverse

from ideas.models import Draft
from tests import factories

pytestmark = pytest.mark.django_db
LAMP = {"title": "岑东小学侧门加装路灯", "problem": "岑东小学侧门晚上没有路灯，孩子放学看不清台阶。",
        "proposal": "在侧门两边加两盏太阳能路灯。"}  # fmt: skip


@pytest.fixture(autouse=True)
def now(during):
    return during


@pytest.fixture
def showing(db):
    return factories.make_campaign(show_ideas=True)


@pytest.fixture
def lamp(showing, moderator):
    return factories.published(showing, moderator, **LAMP)[0]


def ask(client, campaign, answers=LAMP):
    return client.post(reverse("similar", args=[campaign.slug]), answers)


def test_a_fragment_names_the_ideas_alike_and_links_to_them(client, lamp, showing):
    body = ask(client, showing).content.decode()
    address = reverse("idea", args=[showing.slug, lamp.receipt])
    assert ("<html" in body, f'href="{address}" target="_blank"' in body, "评审中" in body) == (False, True, True)
    assert lamp.proposal not in body


@pytest.mark.slow
def test_a_winner_is_linked_where_the_winners_stand(client, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winner = campaign.ideas.filter(shortlist_entry__rank=1).get()
    body = ask(client, campaign, {"title": winner.title}).content.decode()
    assert reverse("winner", args=[campaign.slug, winner.receipt]) in body


@pytest.mark.parametrize(
    "answers", [{}, {"title": "路灯"}, {"title": "鼋鼍龟鳖鼋鼍龟鳖"}], ids=["none", "short", "unheard"]
)
def test_nothing_alike_is_an_empty_answer(client, lamp, showing, answers):
    answer = ask(client, showing, answers)
    assert (answer.status_code, answer.content) == (200, b"")


def test_nothing_is_kept_of_what_was_typed(client, lamp, showing):
    answer = ask(client, showing)
    assert (Draft.objects.count(), answer.cookies, "no-store" in answer["Cache-Control"]) == (0, {}, True)


def test_markup_in_a_published_text_is_shown_as_text(client, showing, moderator):
    factories.published(showing, moderator, **{**LAMP, "title": "<script>alert(1)</script>路灯"})
    assert "<script" not in ask(client, showing).content.decode()


def test_it_needs_the_forms_token(lamp, showing):
    assert ask(Client(enforce_csrf_checks=True), showing).status_code == 403


def test_it_is_asked_by_post_only(client, showing):
    assert client.get(reverse("similar", args=[showing.slug])).status_code == 405


def test_a_campaign_that_is_not_announced_does_not_answer(client, lamp):
    hidden = factories.make_campaign(announced_at=None)
    assert ask(client, hidden).status_code == 404
