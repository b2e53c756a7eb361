import pytest
from django.urls import reverse

from ideas.models import Shortlist
from ideas.services.shortlist import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING_UNTIL):
        yield


@pytest.fixture
def shortlist(moderator, manager):
    campaign = factories.rated_campaign(moderator)
    return propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


def fresh(shortlist):
    return Shortlist.objects.get(pk=shortlist.pk)


def press(client, shortlist, act, version=None):
    address = reverse("admin:ideas_shortlist_press", args=[shortlist.pk, act])
    return client.post(address, {"version": version or fresh(shortlist).version}, follow=True).content.decode()


def exchange(client, shortlist, out, put_in, reason):
    address = reverse("admin:ideas_shortlist_exchange", args=[shortlist.pk])
    data = {"version": fresh(shortlist).version, "out": out.receipt, "put_in": put_in.receipt, "reason": reason}
    return client.post(address, data)


def page(client, shortlist):
    return client.get(reverse("admin:ideas_shortlist_change", args=[shortlist.pk])).content.decode()


def test_the_page_shows_the_list_and_who_is_next(desk, shortlist):
    body = page(desk, shortlist)
    assert all(idea.receipt in body for idea in shortlist.campaign.ideas.all())


def test_it_shows_no_proposer(desk, shortlist):
    body = page(desk, shortlist)
    assert [word in body for word in ("林小满", "林**", "海边的风", "120****")] == [False] * 4


def test_an_exchange_is_shown_with_its_reason(desk, shortlist):
    ideas = list(shortlist.campaign.ideas.by_receipt())
    exchange(desk, shortlist, ideas[0], ideas[4], "第3次会议纪要")
    assert "第3次会议纪要" in page(desk, shortlist)


def test_an_exchange_without_reason_keeps_what_was_typed(desk, shortlist):
    ideas = list(shortlist.campaign.ideas.by_receipt())
    answer = exchange(desk, shortlist, ideas[0], ideas[4], "")
    assert (answer.status_code, f'value="{ideas[4].receipt}"' in answer.content.decode()) == (422, True)
    assert shortlist.picks.filter(idea=ideas[0]).exists()


def test_signing_releasing_and_publishing(client, managers, shortlist):
    client.force_login(managers[0])
    press(client, shortlist, "seal")
    press(client, shortlist, "seal")
    assert not fresh(shortlist).is_sealed
    client.force_login(managers[1])
    press(client, shortlist, "seal")
    assert fresh(shortlist).is_sealed
    assert "尚无公开稿" in press(client, shortlist, "release")
    press(client, shortlist, "texts")
    press(client, shortlist, "release")
    assert fresh(shortlist).released_by == managers[1]
    with clock.at(clock.LATER):
        assert client.get(f"/campaigns/{shortlist.campaign.slug}/winners/").status_code == 200


def test_the_one_who_signed_finds_no_button(desk, shortlist):
    press(desk, shortlist, "seal")
    assert "/press/seal/" not in page(desk, shortlist)


def test_an_auditor_sees_the_list_and_presses_nothing(client, auditor, shortlist):
    client.force_login(auditor)
    assert 'class="act' not in page(client, shortlist)
    press(client, shortlist, "seal")
    assert fresh(shortlist).first_seal_by is None


def test_the_preview_is_the_page_as_it_would_be(desk, shortlist):
    press(desk, shortlist, "texts")
    body = desk.get(reverse("admin:ideas_shortlist_preview", args=[shortlist.pk])).content.decode()
    assert all(pick.idea.title in body for pick in shortlist.picks.select_related("idea"))


def test_an_unknown_button_is_404(desk, shortlist):
    assert desk.post(reverse("admin:ideas_shortlist_press", args=[shortlist.pk, "nonsense"])).status_code == 404


def test_queries_do_not_grow_with_the_places(desk, moderator, managers, django_assert_num_queries):
    for places in (2, 8):
        campaign = factories.rated_campaign(moderator, ideas=places, places=places)
        shortlist = propose_shortlist(campaign=campaign, manager=managers[0], at=clock.RATING_UNTIL)
        with django_assert_num_queries(12):
            page(desk, shortlist)
