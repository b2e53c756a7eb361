from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.models import DuplicateLink, Idea
from ideas.services.duplicates import compare_new
from tests import clock, factories

pytestmark = pytest.mark.django_db
WORDS = {"problem": "乐天路中央公园路段晚上没有路灯，老人散步看不清台阶。", "proposal": "请在乐天路增设六盏路灯。"}


@pytest.fixture(autouse=True)
def now():
    with clock.at(clock.DURING + timedelta(hours=2)):
        yield


@pytest.fixture
def alike(campaign):
    """Three residents write of the same lamps, a fourth of something else."""
    ideas = [
        factories.make_idea(
            campaign, at=clock.DURING + timedelta(minutes=number), title="建议在乐天路增设路灯", **WORDS
        )
        for number in range(3)
    ]
    factories.make_idea(campaign, title="社区食堂菜牌字大一点", problem="菜牌字太小看不清。", proposal="字印大。")
    compare_new()
    return ideas


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator)
    return client


def page(campaign):
    return reverse("admin:ideas_idea_clusters", args=[campaign.slug])


def groups(desk, campaign):
    return [[idea.pk for idea in cluster.ideas] for cluster in desk.get(page(campaign)).context["clusters"]]


def test_ideas_alike_stand_as_one_issue_the_earliest_first(desk, campaign, alike):
    assert groups(desk, campaign) == [[idea.pk for idea in alike]]


def test_the_ticked_ones_are_merged_into_the_first(desk, campaign, alike):
    desk.post(page(campaign), {"act": "merge", "leader": alike[0].pk, "idea": [alike[1].pk, alike[2].pk]})
    leaders = Idea.objects.filter(pk__in=[alike[1].pk, alike[2].pk]).values_list("merged_into", flat=True)
    assert (list(leaders), groups(desk, campaign)) == ([alike[0].pk] * 2, [])


def test_a_pair_that_is_not_the_same_is_not_shown_again(desk, campaign, alike):
    desk.post(page(campaign), {"act": "different", "leader": alike[0].pk, "idea": [alike[1].pk]})
    assert DuplicateLink.objects.filter(verdict="different").count() == 1


def test_nothing_ticked_changes_nothing(desk, campaign, alike):
    desk.post(page(campaign), {"act": "merge", "leader": alike[0].pk})
    assert not Idea.objects.exclude(merged_into=None).exists()
