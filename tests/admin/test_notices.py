"""How long a list is on notice is set on the campaign's page: new campaigns have five days, those of before none."""

import pytest
from django.urls import reverse

from ideas.choices import OfficeAct
from ideas.models import Campaign, NoticeTerm, OfficeEvent
from ideas.queries.invariants import violations
from ideas.queries.notices import days_of
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db
DAYS = "notice_term-0-days"


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    with clock.at(clock.ANNOUNCED):
        yield client


def added(desk, **change):
    address = reverse("admin:ideas_campaign_add")
    words = dict.fromkeys(
        ("who", "content", "how", "method", "awards", "results_use", "originality", "privacy"), "正文。"
    )
    dates = {"opens_at_0": "2026-03-10", "opens_at_1": "00:00", "closes_at_0": "2026-04-10", "closes_at_1": "00:00"}
    named = {"title": "新活动", "organiser": "主办单位", "summary": "介绍。", "slug": "new", "prefix": "JM"}
    answer = desk.post(address, {**filled(desk, address), **words, **dates, **named, **change})
    assert answer.status_code == 302
    return Campaign.objects.get(slug="new")


@pytest.mark.parametrize(("given", "days"), [({}, 5), ({DAYS: "7"}, 7), ({DAYS: "0"}, 0)])
def test_a_new_campaign_has_a_notice_unless_somebody_says_otherwise(desk, given, days):
    assert days_of(added(desk, **given)) == days
    assert list(violations()) == []


def test_a_campaign_of_before_gets_none_by_being_saved(desk):
    campaign = factories.make_campaign(announced_at=None)
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    data = filled(desk, address)
    assert (data[DAYS], desk.post(address, data).status_code) == (0, 302)
    assert (days_of(campaign), list(violations())) == (0, [])


def test_a_notice_that_is_changed_after_the_announcement_is_noted_with_its_reason(desk):
    campaign = factories.make_campaign()
    NoticeTerm.objects.create(campaign=campaign, days=5)
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    data = {**filled(desk, address), DAYS: "7", "reason": "延长公示。"}
    asked = desk.post(address, data)
    assert "公示工作日数" in asked.content.decode()
    previewed = asked.context["adminform"].form.data["previewed"]
    assert desk.post(address, {**data, "previewed": previewed}).status_code == 302
    [changes] = OfficeEvent.objects.filter(act=OfficeAct.CAMPAIGN_CHANGED).values_list("detail__changes", flat=True)
    saved = Campaign.objects.get(pk=campaign.pk)
    assert (days_of(saved), list(changes.values())) == (7, [["5", "7"]])
