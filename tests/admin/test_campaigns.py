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


def test_a_manager_proposes_the_list(desk, manager, moderator):
    campaign = factories.rated_campaign(moderator)
    with clock.at(clock.RATING_UNTIL):
        desk.force_login(manager)
        answer = press(desk, campaign, "propose")
    assert answer.resolver_match.url_name == "ideas_shortlist_change"
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


def test_a_manager_decides_whether_ideas_are_shown_and_how_soon_residents_hear(desk, campaign):
    saved(desk, campaign, show_ideas="on", answer_days="5")
    campaign.refresh_from_db()
    assert (campaign.show_ideas, campaign.answer_days) == (True, 5)


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


def test_the_address_of_a_button_leads_back_to_the_campaign(desk, campaign):
    address = reverse("admin:ideas_campaign_propose", args=[campaign.pk])
    assert desk.get(address).url == reverse("admin:ideas_campaign_change", args=[campaign.pk])


def saved(desk, campaign, **change):
    """Post the campaign's own form back with some changes."""
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    page = desk.get(address).context
    data = {}
    for form in [page["adminform"].form, *(f for formset in page["inline_admin_formsets"] for f in formset.formset)]:
        for field in form:
            value = field.value()
            widget = field.field.widget
            if hasattr(widget, "decompress"):
                parts = widget.decompress(value)
                formats = ("%Y-%m-%d", "%H:%M:%S")
                data |= {f"{field.html_name}_{n}": p.strftime(formats[n]) if p else "" for n, p in enumerate(parts)}
            elif value not in (None, False):
                data[field.html_name] = value
    for formset in page["inline_admin_formsets"]:
        data |= {f.html_name: f.value() for f in formset.formset.management_form}
    return desk.post(address, {**data, **change})


def test_a_complete_campaign_stays_announced(desk, campaign):
    assert saved(desk, campaign).status_code == 302
    campaign.refresh_from_db()
    assert campaign.announced_at == clock.ANNOUNCED


def test_a_campaign_whose_weights_are_not_100_is_not_announced(desk, campaign):
    saved(desk, campaign, **{"criteria-0-weight": 90})
    campaign.refresh_from_db()
    assert campaign.announced_at is None


def test_a_campaign_without_topics_is_not_announced(desk, campaign):
    campaign.topics.all().delete()
    saved(desk, campaign)
    campaign.refresh_from_db()
    assert campaign.announced_at is None


def test_what_receipts_and_links_are_made_of_is_fixed_once_ideas_came_in(desk, campaign):
    factories.make_idea(campaign)
    saved(desk, campaign, slug="other", prefix="ZZ")
    before = (campaign.slug, campaign.prefix)
    campaign.refresh_from_db()
    assert (campaign.slug, campaign.prefix) == before


def test_the_rubric_is_fixed_once_somebody_rated(desk, moderator):
    campaign = factories.rated_campaign(moderator)
    saved(desk, campaign, **{"criteria-0-weight": 1})
    assert campaign.criteria.first().weight == 35


def test_the_reviews_per_idea_are_fixed_once_somebody_rated(desk, moderator):
    campaign = factories.rated_campaign(moderator)
    saved(desk, campaign, reviews_per_idea=campaign.reviews_per_idea + 1)
    before = campaign.reviews_per_idea
    campaign.refresh_from_db()
    assert campaign.reviews_per_idea == before
