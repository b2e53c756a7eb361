"""Two people at one form of the admin: the later one is refused, keeps the words and sees the others."""

import json
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.urls import reverse

from ideas.admin.versions import Versioned
from ideas.choices import Role
from ideas.models import (
    Area,
    CalendarYear,
    Campaign,
    Panellist,
    ReferralRule,
    Reply,
    ScoreFigure,
    Topic,
    Unit,
    User,
    WordList,
)
from tests import clock, factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db
EDITED = sorted(
    (model for model, desk in admin.site._registry.items() if isinstance(desk, Versioned)), key=lambda m: m.__name__
)
ROWS = {
    Area: lambda: Area.objects.create(code="350211002002", name="浒井社区", street="杏林街道"),
    CalendarYear: lambda: CalendarYear.objects.create(number=2026, source="通知"),
    Campaign: lambda: factories.make_campaign(announced_at=None),
    Panellist: lambda: factories.make_panel(factories.make_campaign(), 1)[0],
    ReferralRule: lambda: ReferralRule.objects.create(words="路灯", unit=Unit.objects.create(name="市政处")),
    Reply: lambda: Reply.objects.create(kind="decline", name="太笼统", words="请写明。"),
    ScoreFigure: lambda: ScoreFigure.objects.create(
        year=2026, name="收到", value="340", source="本办统计", on=date(2026, 3, 1)
    ),
    Unit: lambda: Unit.objects.create(name="市政处"),
    User: lambda: factories.make_user(Role.MODERATOR),
    WordList: lambda: WordList.objects.create(name="广告", category="advertising", words="加微信"),
}


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING):
        yield


@pytest.fixture
def desk(client):
    user = factories.make_user(is_superuser=True)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    client.force_login(user)
    return client


def page_of(row):
    return reverse(f"admin:ideas_{row._meta.model_name}_change", args=[row.pk])


def test_every_desk_with_a_form_carries_a_version(rf):
    """Whoever registers another form meets this test."""
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True)
    forms = {model for model, desk in admin.site._registry.items() if desk.has_change_permission(request)}
    assert forms == set(EDITED) == set(ROWS)


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_a_stale_form_is_refused_and_shows_both_values(desk, rf, model):
    row = ROWS[model]()
    data, name = filled(desk, page_of(row)), _a_field(model, desk, rf, row)
    other, typed = _values(model, name)
    model.objects.filter(pk=row.pk).update(**{name: other})
    answer = desk.post(page_of(row), {**data, **typed})
    row.refresh_from_db()
    text = answer.content.decode()
    assert (answer.status_code, getattr(row, name)) == (200, other)
    assert "此页刚才已另行保存" in text
    assert "期间已保存为" in text
    assert all(value in text for value in typed.values())


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_a_fresh_form_is_saved(desk, model):
    row = ROWS[model]()
    assert desk.post(page_of(row), filled(desk, page_of(row))).status_code == 302


def _a_field(model, desk, rf, row):
    request = rf.get("/")
    request.user, request.at = User.objects.get(is_superuser=True), clock.DURING
    names = flatten_fieldsets(admin.site._registry[model].get_fieldsets(request, row))
    texts = [f.name for f in model._meta.fields if isinstance(f, models.CharField | models.TextField) and not f.choices]
    return next(
        (name for name in texts if name in names and name not in ("code", "username", "slug", "password")), "is_active"
    )


def _values(model, name):
    """What the other one saved, and what this one typed."""
    return (False, {}) if name == "is_active" else ("别人的", {name: "我的"})


def test_a_deadline_that_somebody_else_moved_is_not_set_back(desk, campaign):
    Campaign.objects.update(announced_at=None)
    data = filled(desk, page_of(campaign))
    Campaign.objects.update(closes_at=clock.LATER)
    answer = desk.post(page_of(campaign), {**data, "summary": "我写的一句话"})
    assert Campaign.objects.get().closes_at == clock.LATER
    assert "2026年5月1日 12:00" in answer.content.decode()
    assert "我写的一句话" in answer.content.decode()


def test_a_topic_that_somebody_else_renamed_is_named(desk, campaign):
    data = filled(desk, page_of(campaign))
    Topic.objects.filter(slug="road").update(name="街道")
    answer = desk.post(page_of(campaign), {**data, "topics-1-name": "晚上"})
    assert "“街道”" in answer.content.decode()
    assert "晚上" in answer.content.decode()
    assert not Topic.objects.filter(name="晚上").exists()


def test_a_topic_added_or_deleted_meanwhile_makes_the_form_stale(desk, campaign):
    data = filled(desk, page_of(campaign))
    Topic.objects.filter(slug="night").delete()
    assert desk.post(page_of(campaign), data).status_code == 200
    data = filled(desk, page_of(campaign))
    Topic.objects.create(campaign=campaign, slug="new", name="新")
    assert desk.post(page_of(campaign), data).status_code == 200


def test_after_a_refusal_the_form_can_be_saved_with_the_version_that_it_showed(desk):
    row = ROWS[Reply]()
    data = filled(desk, page_of(row))
    Reply.objects.update(words="别人的")
    again = desk.post(page_of(row), {**data, "words": "我的"})
    answer = desk.post(page_of(row), {**data, "words": "我的", "shown_version": again.context["shown_version"]})
    assert (answer.status_code, Reply.objects.get().words) == (302, "我的")


def test_figures_counted_by_the_worker_make_no_form_stale(desk):
    campaign = ROWS[Campaign]()
    data = filled(desk, page_of(campaign))
    Campaign.objects.update(figures={"received": 5})
    assert desk.post(page_of(campaign), data).status_code == 302


def test_a_form_without_its_version_is_refused(desk):
    row = ROWS[Reply]()
    data = {name: value for name, value in filled(desk, page_of(row)).items() if name != "shown_version"}
    assert desk.post(page_of(row), data).status_code == 200


ODD_KEYS = ["²", "９９", "9" * 40, "9" * 5000, "", "-1", "1.5", "\x00", "٣"]


@pytest.mark.parametrize("key", ["topics.%s.name", "topics.%s", "%s.1.name", "topics.1.%s", "%s", ".%s."])
def test_a_version_that_no_page_showed_is_refused_whatever_it_names(desk, campaign, key):
    data = filled(desk, page_of(campaign))
    shown = json.loads(data["shown_version"]) | {key % odd: "x" for odd in ODD_KEYS}
    answer = desk.post(page_of(campaign), {**data, "shown_version": json.dumps(shown)})
    assert answer.status_code == 200
    assert "此页刚才已另行保存" in answer.content.decode()


def test_what_is_no_version_at_all_is_refused(desk, campaign):
    data = filled(desk, page_of(campaign))
    for text in ("²", "[" * 200_000, "9" * 5000, '{"topics.1.name": []}'):
        assert desk.post(page_of(campaign), {**data, "shown_version": text}).status_code == 200


def test_a_forged_version_makes_the_page_tell_nothing_that_it_does_not_show(desk, campaign, during):
    idea = factories.make_idea(campaign, problem="只有审核员看得到的原文")
    elsewhere = Topic.objects.create(campaign=factories.make_campaign(slug="other"), slug="x", name="别处的主题")
    data = filled(desk, page_of(campaign))
    topic = Topic.objects.filter(campaign=campaign).first()
    keys = [f"ideas.{idea.pk}.problem", f"topics.{elsewhere.pk}.name", f"topics.{topic.pk}.id", f"topics.{topic.pk}.no"]
    shown = json.loads(data["shown_version"]) | dict.fromkeys(keys, "x")
    text = desk.post(page_of(campaign), {**data, "shown_version": json.dumps(shown)}).content.decode()
    assert "只有审核员看得到的原文" not in text
    assert "别处的主题" not in text
