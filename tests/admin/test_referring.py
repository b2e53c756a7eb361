"""The rules by which a unit is suggested, as a manager edits them."""

import pytest
from django.urls import reverse

from ideas.models import Area, ReferralRule, Topic
from tests import factories
from tests.admin.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def unit(db):
    return factories.make_unit("交警大队")


def add(desk, unit, **given):
    data = {"topic": "", "street": "", "words": "", "unit": unit.pk, "position": 100, **given}
    return desk.post(reverse("admin:ideas_referralrule_add"), data)


def test_a_manager_adds_a_rule_of_topic_street_and_words(desk, campaign, unit):
    add(desk, unit, topic="道路", street="集美街道", words="路灯，照明", campaign=campaign.pk)
    assert str(ReferralRule.objects.get()) == "道路 · 集美街道 · 路灯、照明 → 交警大队"


@pytest.mark.parametrize("given", [{}, {"words": "，、 "}])
def test_a_rule_that_says_nothing_is_refused_in_words(desk, campaign, unit, given):
    answer = add(desk, unit, **given)
    assert ("否则规则对任何建议都不适用" in answer.content.decode(), ReferralRule.objects.exists()) == (True, False)


@pytest.mark.parametrize("given", [{"topic": "没有的类别"}, {"street": "没有的街道"}])
def test_topics_and_streets_are_chosen_among_those_that_there_are(desk, campaign, unit, given):
    assert (add(desk, unit, **given).status_code, ReferralRule.objects.exists()) == (200, False)


def test_a_rule_outlives_its_topic_and_street(desk, campaign, unit):
    rule = ReferralRule.objects.create(topic="道路", street="集美街道", unit=unit)
    Topic.objects.all().delete()
    Area.objects.all().delete()
    page = reverse("admin:ideas_referralrule_change", args=[rule.pk])
    assert desk.post(page, {**filled(desk, page), "position": 5}).status_code == 302
    assert ReferralRule.objects.values_list("topic", "street", "position").get() == ("道路", "集美街道", 5)


def test_a_moderator_reads_the_rules_and_changes_none(client, moderator, unit):
    rule = ReferralRule.objects.create(topic="道路", unit=unit)
    client.force_login(moderator)
    page = reverse("admin:ideas_referralrule_change", args=[rule.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"topic": "", "words": "路", "unit": unit.pk, "position": 1}).status_code == 403
