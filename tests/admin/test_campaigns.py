import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from ideas.models import Assignment, Campaign, Shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING):
        yield


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


def press(client, campaign, act):
    return client.post(reverse(f"admin:ideas_campaign_{act}", args=[campaign.pk]), follow=True)


def test_a_manager_fills_the_panels_desks(desk, campaign, moderator):
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign)
    press(desk, campaign, "assign")
    assert Assignment.objects.count() == 4


def test_a_refusal_is_shown_in_its_own_words(desk, campaign):
    assert "人数不足" in press(desk, campaign, "assign").content.decode()
    assert Assignment.objects.count() == 0


def test_a_manager_proposes_the_list(desk, moderator):
    campaign = factories.rated_campaign(moderator)
    assert press(desk, campaign, "propose").resolver_match.url_name == "ideas_shortlist_change"
    assert Shortlist.objects.get().picks.count() == 3


def test_a_moderator_presses_neither(client, campaign, moderator):
    client.force_login(moderator)
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign)
    for act in ("assign", "propose"):
        press(client, campaign, act)
    assert (Assignment.objects.count(), Shortlist.objects.count()) == (0, 0)


def test_a_manager_edits_every_text_of_the_announcement(desk, campaign):
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    form = desk.get(address).context["adminform"].form
    names = {"who", "content", "how", "method", "awards", "results_use", "originality", "privacy", "title", "summary"}
    assert names | {f"{name}_en" for name in names} <= set(form.fields)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"closes_at": clock.OPENS}, "closes_at"),
        ({"rating_until": None}, "rating_until"),
        ({"rating_until": clock.RATING_FROM}, "rating_until"),
    ],
)
def test_dates_that_cannot_be_are_refused_at_their_field(campaign, change, field):
    for name, value in change.items():
        setattr(campaign, name, value)
    with pytest.raises(ValidationError) as refusal:
        campaign.clean()
    assert list(refusal.value.message_dict) == [field]


def test_a_campaign_cannot_be_deleted_by_a_manager(desk, campaign):
    assert desk.post(reverse("admin:ideas_campaign_delete", args=[campaign.pk]), {"post": "yes"}).status_code == 403
    assert Campaign.objects.filter(pk=campaign.pk).exists()
