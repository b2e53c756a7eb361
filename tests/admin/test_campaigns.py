from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db.models import DateField
from django.urls import reverse

from ideas.choices import OfficeAct
from ideas.forms.fields import require_year
from ideas.models import Campaign, CampaignDays, OfficeEvent, Quota, Shortlist, Tier
from ideas.queries.referring import days_of
from ideas.rules.referrals import USUAL_DAYS, Days
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.RATING):
        yield


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


def propose(client, campaign):
    return client.post(reverse("admin:ideas_campaign_propose", args=[campaign.pk]), follow=True)


def test_a_refusal_is_shown_in_its_own_words(desk, campaign):
    answer = propose(desk, campaign)
    assert "评审尚未结束" in answer.content.decode()
    assert Shortlist.objects.count() == 0


def test_a_manager_proposes_the_list(desk, manager, moderator):
    campaign = factories.rated_campaign(moderator)
    with clock.at(clock.RATING_UNTIL):
        desk.force_login(manager)
        answer = propose(desk, campaign)
    assert answer.resolver_match.url_name == "ideas_shortlist_change"
    assert Shortlist.objects.get().entries.count() == 3


def test_a_moderator_does_not_propose_it(client, moderator):
    campaign = factories.rated_campaign(moderator)
    client.force_login(moderator)
    with clock.at(clock.RATING_UNTIL):
        propose(client, campaign)
    assert not Shortlist.objects.exists()


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


DAYS = ("announced_at", "opens_at", "closes_at", "entry_until", "rating_from", "rating_until", "results_on")


@pytest.mark.parametrize("name", DAYS)
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_of_no_calendar_is_refused_at_its_field(desk, campaign, name, day):
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    given = {"results_on": day} if name == "results_on" else {f"{name}_0": day, f"{name}_1": "00:00"}
    answer = desk.post(address, filled(desk, address) | given)
    assert (answer.status_code, answer.context["adminform"].form.errors[name]) == (200, ["请核对年份。"])
    assert f'value="{day}"' in answer.content.decode()


def test_every_day_of_the_staffs_site_is_asked_for_its_year(desk, rf, manager):
    request = rf.get("/")
    request.user, request.at = factories.make_user(is_superuser=True), clock.RATING
    asked = 0
    for model, desk_of in admin.site._registry.items():
        for field in model._meta.fields:
            if isinstance(field, DateField) and field.editable:
                asked += 1
                assert require_year in desk_of.formfield_for_dbfield(field, request).validators, field
    assert asked > len(DAYS)


def test_a_campaign_cannot_be_deleted_by_a_manager(desk, campaign):
    assert desk.post(reverse("admin:ideas_campaign_delete", args=[campaign.pk]), {"post": "yes"}).status_code == 403
    assert Campaign.objects.filter(pk=campaign.pk).exists()


def test_the_address_of_a_button_leads_back_to_the_campaign(desk, campaign):
    address = reverse("admin:ideas_campaign_propose", args=[campaign.pk])
    assert desk.get(address).url == reverse("admin:ideas_campaign_change", args=[campaign.pk])


def posted(desk, campaign, **change):
    """Post the campaign's own form back with some changes."""
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    data = filled(desk, address)
    return data, desk.post(address, {**data, **change})


def saved(desk, campaign, reason="更正。", **change):
    """The same with a reason, pressed again after the preview where one is shown."""
    data, answer = posted(desk, campaign, reason=reason, **change)
    if answer.status_code == 302:
        return answer
    preview = answer.context["adminform"].form.data.get("previewed", "")
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    return desk.post(address, {**data, **change, "reason": reason, "previewed": preview})


def test_a_complete_campaign_stays_announced(desk, campaign):
    assert saved(desk, campaign).status_code == 302
    campaign.refresh_from_db()
    assert campaign.announced_at == clock.ANNOUNCED


def announce(desk, campaign, **change):
    """Save a campaign that nobody knows yet with the moment of its announcement."""
    Campaign.objects.filter(pk=campaign.pk).update(announced_at=None)
    moment = {"announced_at_0": "2026-03-01", "announced_at_1": "09:00:00"}
    answer = posted(desk, campaign, **{**moment, **change})[1]
    campaign.refresh_from_db()
    return answer


FAULTY = {
    "weights": {"criteria-0-weight": 90},
    "one review": {"reviews_per_idea": 1},
    "rating before collecting": {"rating_from_0": "2026-03-09"},
    "rating over before collecting is": {"rating_from_0": "2026-03-15", "rating_until_0": "2026-04-09"},
    "rating over before the last slip": {"entry_until_0": "2026-04-26", "entry_until_1": "00:00:00"},
    "results before rating ends": {"results_on": "2026-04-20"},
    "announced after collecting": {"announced_at_0": "2026-04-10"},
}


@pytest.mark.parametrize("change", FAULTY.values(), ids=FAULTY)
def test_what_cannot_work_is_saved_but_not_announced(desk, campaign, change):
    assert announce(desk, campaign, **change).status_code == 302
    assert campaign.announced_at is None


@pytest.mark.parametrize(
    "rows",
    [
        lambda campaign: campaign.topics.all().delete(),
        lambda campaign: Tier.objects.create(campaign=campaign, name="一等奖", places=4),
        lambda campaign: Quota.objects.create(campaign=campaign, street="不存在街道", least=1),
        lambda campaign: Quota.objects.create(campaign=campaign, street="集美街道", least=4),
        lambda campaign: [
            Quota.objects.create(campaign=campaign, topic=topic, most=1) for topic in campaign.topics.all()
        ],
    ],
    ids=["no topics", "tiers", "unknown street", "quota over the places", "quotas that fill too few"],
)
def test_rows_that_cannot_work_keep_a_campaign_from_being_announced(desk, campaign, rows):
    rows(campaign)
    announce(desk, campaign)
    assert campaign.announced_at is None


def test_a_plan_with_tiers_quotas_and_rating_while_collecting_is_announced(desk, campaign):
    """The honest case: rating begins with the first accepted ideas, as in the demo."""
    Tier.objects.create(campaign=campaign, name="一等奖", places=1)
    Tier.objects.create(campaign=campaign, name="二等奖", places=2)
    Quota.objects.create(campaign=campaign, street="集美街道", least=1, most=3)
    Quota.objects.create(campaign=campaign, topic=campaign.topics.first(), least=1, most=2)
    announce(desk, campaign, rating_from_0="2026-03-20", results_on="2026-04-25")
    assert campaign.announced_at == clock.ANNOUNCED


@pytest.mark.parametrize("change", list(FAULTY.values())[:6], ids=list(FAULTY)[:6])
def test_an_announced_campaign_is_not_made_unworkable(desk, campaign, change):
    before = Campaign.objects.filter(pk=campaign.pk).values().get()
    answer = saved(desk, campaign, **change)
    assert (answer.status_code, Campaign.objects.filter(pk=campaign.pk).values().get()) == (200, before)


def test_a_campaign_that_was_announced_with_a_fault_can_still_be_mended(desk, campaign):
    Campaign.objects.update(reviews_per_idea=1)
    saved(desk, campaign, summary="更清楚的一句话。")
    campaign.refresh_from_db()
    assert (campaign.summary, campaign.announced_at) == ("更清楚的一句话。", clock.ANNOUNCED)


def test_a_change_under_way_is_previewed_before_it_is_saved(desk, campaign):
    factories.make_idea(campaign)
    answer = posted(desk, campaign, closes_at_0="2026-04-12", reason="延期。")[1]
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "由“2026-04-10 00:00”改为“2026-04-12 00:00”" in words
    assert "已收到1条建议，1条等待处理" in words
    campaign.refresh_from_db()
    assert campaign.closes_at == clock.CLOSES


@pytest.mark.parametrize("reason", [" ", "\u200b\u3164"])
def test_a_change_under_way_needs_a_reason(desk, campaign, reason):
    assert saved(desk, campaign, reason=reason, closes_at_0="2026-04-12").status_code == 200
    campaign.refresh_from_db()
    assert campaign.closes_at == clock.CLOSES


def test_a_change_under_way_stands_in_the_office_log_with_before_and_after(desk, campaign, manager):
    saved(desk, campaign, reason="延期两天。", closes_at_0="2026-04-11")
    event = OfficeEvent.objects.get(act=OfficeAct.CAMPAIGN_CHANGED)
    assert "reviewed" not in LogEntry.objects.latest("pk").change_message
    changes = {"closes_at": ["2026-04-10 00:00", "2026-04-11 00:00"]}
    assert (event.actor, event.purpose, event.detail) == (manager, "延期两天。", {"changes": changes})


def test_a_reason_that_looks_private_is_asked_about_before_the_change_is_saved(desk, campaign):
    reason, told = "张三13800138000要求", "电话号码 13800138000"
    _data, answer = posted(desk, campaign, reason=reason, closes_at_0="2026-04-11")
    assert f'name="sure" value="{told}"' in answer.content.decode()
    saved(desk, campaign, reason=reason, closes_at_0="2026-04-11")
    assert not OfficeEvent.objects.exists()
    saved(desk, campaign, reason=reason, sure=told, closes_at_0="2026-04-11")
    assert OfficeEvent.objects.get(act=OfficeAct.CAMPAIGN_CHANGED).purpose == reason


def test_a_renamed_topic_under_way_stands_in_the_log_too(desk, campaign):
    topic = campaign.topics.first()
    saved(desk, campaign, **{"topics-0-name": "街道"})
    changes = OfficeEvent.objects.get(act=OfficeAct.CAMPAIGN_CHANGED).detail["changes"]
    assert changes == {f"topics.{topic.pk}.name": ["道路", "街道"]}


@pytest.fixture
def namesakes(campaign):
    """Two of one name, a year apart."""
    earlier = {"opens_at": clock.OPENS - timedelta(days=365), "closes_at": clock.CLOSES - timedelta(days=365)}
    factories.make_campaign(title=campaign.title, title_en="Other", slug="first-time", **earlier)
    return [f"{campaign.title} (2026 · {campaign.slug})", f"{campaign.title} (2025 · first-time)"]


def test_campaigns_of_one_name_are_told_apart_in_every_choice(client, manager, namesakes):
    client.force_login(manager)
    lists = {name: reverse(f"admin:ideas_{name}_changelist") for name in ("campaign", "idea", "officeevent", "reply")}
    lists |= {"panellists": reverse("admin:ideas_panellist_add"), "first page": reverse("admin:index")}
    with clock.at(clock.DURING):
        pages = {name: client.get(address).content.decode() for name, address in lists.items()}
    assert {name: [label for label in namesakes if label not in page] for name, page in pages.items()} == {
        name: [] for name in pages
    }


def test_a_campaign_with_a_name_of_its_own_bears_nothing_else(desk, campaign, namesakes):
    assert str(Campaign.objects.get(pk=campaign.pk)) == namesakes[0]
    saved(desk, Campaign.objects.get(pk=campaign.pk), title="第二次征集")
    assert {str(row) for row in Campaign.objects.all()} == {"第二次征集", campaign.title}


def test_the_public_reads_the_name_alone(client, campaign, namesakes):
    with clock.at(clock.DURING):
        page = client.get(reverse("campaign", args=[campaign.slug])).content.decode()
    assert (campaign.title in page, campaign.slug + ")" in page) == (True, False)


def test_the_log_shows_a_change_in_words(client, auditor, desk, campaign):
    saved(desk, campaign, closes_at_0="2026-04-11")
    client.force_login(auditor)
    assert "由“2026-04-10 00:00”改为" in client.get(reverse("admin:ideas_officeevent_changelist")).content.decode()


def test_what_was_previewed_is_what_is_saved(desk, campaign):
    data, answer = posted(desk, campaign, closes_at_0="2026-04-11", reason="延期。")
    seen = answer.context["adminform"].form.data["previewed"]
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    desk.post(address, {**data, "closes_at_0": "2026-04-12", "reason": "延期。", "previewed": seen})
    campaign.refresh_from_db()
    assert campaign.closes_at == clock.CLOSES


def test_a_campaign_that_nobody_knows_yet_is_changed_without_a_reason(desk, campaign):
    Campaign.objects.update(announced_at=None)
    assert posted(desk, campaign, summary="换一句话。")[1].status_code == 302
    assert not OfficeEvent.objects.exists()


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


def days_given(desk, campaign, **days):
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    given = {f"referral_days-0-{name}": value for name, value in days.items()}
    return desk.post(address, {**filled(desk, address), **given})


def test_a_manager_gives_the_units_of_a_campaign_days_of_their_own(desk, campaign):
    assert days_given(desk, campaign).status_code == 302
    assert (CampaignDays.objects.exists(), days_of(campaign)) == (False, USUAL_DAYS)  # saved as it stood
    days_given(desk, campaign, acknowledge=2, answer=5, finish=20)
    assert days_of(campaign) == Days(2, 5, 20)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"answer": 8}, "后一步的期限不能短于前一步"),
        ({"acknowledge": 0}, "大于或等于"),
        ({"finish": 361}, "小于或等于"),
    ],
)
def test_days_that_cannot_be_are_refused_in_words(desk, campaign, days, words):
    answer = days_given(desk, campaign, **days)
    assert (answer.status_code, CampaignDays.objects.exists()) == (200, False)
    assert words in answer.content.decode()
