import pytest
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Assignment, Conflict
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING):
        yield


@pytest.fixture
def rated(moderator):
    return factories.rated_campaign(moderator)


def address(name, *args):
    return reverse(f"admin:ideas_campaign_{name}", args=args)


@pytest.mark.parametrize(("role", "status"), [(Role.MANAGER, 200), (Role.AUDITOR, 200), (Role.MODERATOR, 403)])
def test_the_standing_is_for_those_who_may_see_the_list(client, rated, role, status):
    client.force_login(factories.make_user(role))
    idea = rated.ideas.first()
    pages = (address("standing", rated.pk), address("why", rated.pk, idea.pk))
    assert [client.get(page).status_code for page in pages] == [status] * 2


def test_a_panellist_sees_neither_standing_nor_desk(client, rated):
    client.force_login(rated.panellists.first().user)
    assert {client.get(address(name, rated.pk)).status_code for name in ("standing", "panel")} == {302}


def test_the_standing_lists_the_ideas_in_their_order(client, manager, rated):
    client.force_login(manager)
    rows = client.get(address("standing", rated.pk)).context["rows"]
    assert [idea.pk for _, idea in rows] == list(rated.ideas.by_receipt().values_list("id", flat=True))


def test_the_standing_costs_as_many_queries_for_many_ideas(client, manager, moderator, django_assert_num_queries):
    client.force_login(manager)
    for ideas in (3, 9):
        campaign = factories.rated_campaign(moderator, ideas)
        with django_assert_num_queries(10):
            client.get(address("standing", campaign.pk))


def test_the_sheet_names_no_panellist(client, manager, rated):
    client.force_login(manager)
    body = client.get(address("why", rated.pk, rated.ideas.first().pk)).content.decode()
    assert [str(member) for member in rated.panellists.all() if f">{member}<" in body] == []


def test_a_manager_assigns_notes_a_conflict_and_reminds(client, manager, campaign, moderator):
    client.force_login(manager)
    factories.accepted(campaign, moderator, 2)
    member = factories.make_panel(campaign, 3)[0]
    receipt = campaign.ideas.first().receipt
    given = {"act": "conflict", "panellist": member.pk, "receipts": receipt, "reason": "亲属"}
    for data in (given, {"act": "first"}, {"act": "remind"}):
        assert client.post(address("panel", campaign.pk), data).status_code == 302
    assert (Conflict.objects.count(), Assignment.objects.count()) == (1, 4)
    assert not member.assignments.filter(idea__receipt=receipt).exists()
