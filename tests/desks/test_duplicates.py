from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.models import DuplicateLink, Idea
from ideas.queries.mergers import versions
from ideas.services import screening
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


def seen(ideas):
    return {"seen": versions(Idea.objects.filter(pk__in=[idea.pk for idea in ideas]))}


def test_ideas_alike_stand_as_one_issue_the_earliest_first(desk, campaign, alike):
    assert groups(desk, campaign) == [[idea.pk for idea in alike]]


def test_the_ticked_ones_are_merged_into_the_first(desk, campaign, alike):
    desk.post(page(campaign), {"act": "merge", "leader": alike[0].pk, "idea": [alike[1].pk, alike[2].pk]} | seen(alike))
    leaders = Idea.objects.filter(pk__in=[alike[1].pk, alike[2].pk]).values_list("merged_into", flat=True)
    assert (list(leaders), groups(desk, campaign)) == ([alike[0].pk] * 2, [])


def test_a_pair_that_is_not_the_same_is_not_shown_again(desk, campaign, alike):
    desk.post(page(campaign), {"act": "different", "leader": alike[0].pk, "idea": [alike[1].pk]} | seen(alike))
    assert DuplicateLink.objects.filter(verdict="different").count() == 1


def test_nothing_ticked_changes_nothing(desk, campaign, alike):
    desk.post(page(campaign), {"act": "merge", "leader": alike[0].pk} | seen(alike))
    assert not Idea.objects.exclude(merged_into=None).exists()


def test_the_form_carries_what_the_page_showed(desk, campaign, alike):
    assert f'name="seen" value="{versions(alike)}"' in desk.get(page(campaign)).content.decode()


@pytest.mark.parametrize("act", ["merge", "different"])
@pytest.mark.parametrize("changed", [0, 1])
def test_what_somebody_else_has_changed_since_is_left_out(desk, campaign, alike, moderator, act, changed):
    """The second, or the first and with it all."""
    shown = seen(alike)
    screening.note_idea(idea=alike[changed], moderator=moderator, at=clock.DURING, note="x")
    chosen = {"act": act, "leader": alike[0].pk, "idea": [alike[1].pk, alike[2].pk]}
    answer = desk.post(page(campaign), chosen | shown, follow=True)
    merged = set(Idea.objects.exclude(merged_into=None).values_list("pk", flat=True))
    judged = set(DuplicateLink.objects.filter(verdict="different").values_list("other", flat=True))
    assert merged | judged == ({alike[2].pk} if changed else set())
    assert "请重新查看" in answer.content.decode()


def test_merging_the_ticked_ones_is_undone_as_a_whole(desk, campaign, alike):
    chosen = {"act": "merge", "leader": alike[0].pk, "idea": [alike[1].pk, alike[2].pk]}
    undoable = desk.post(page(campaign), chosen | seen(alike), follow=True).context["undoable"]
    assert undoable["count"] == 2
    desk.post(reverse("admin:ideas_idea_acted", args=[undoable["key"]]))
    assert set(Idea.objects.values_list("merged_into", "status")) == {(None, "received")}


def test_telling_apart_alone_offers_no_undo(desk, campaign, alike):
    chosen = {"act": "different", "leader": alike[0].pk, "idea": [alike[1].pk]}
    assert desk.post(page(campaign), chosen | seen(alike), follow=True).context["undoable"] is None


@pytest.fixture
def many(campaign):
    """Thirty-eight ideas of one issue: seven parts, of which the last one stands on its second page."""
    leader, *others = (
        factories.make_idea(campaign, at=clock.DURING + number * clock.BLINK) for number in range(2 + 6 * 6)
    )
    DuplicateLink.objects.all().delete()
    DuplicateLink.objects.bulk_create(DuplicateLink(idea=leader, other=other, score=0.9) for other in others)
    return leader, others


def test_what_stands_on_the_second_page_is_acted_on_there(desk, campaign, many):
    leader, [*others, last] = many
    [first] = desk.get(page(campaign)).context["clusters"]
    assert (first.part.size, first.ideas) == (38, [leader, *others[:6]])
    second = f"{page(campaign)}?group={leader.pk}&page=2"
    assert [cluster.ideas for cluster in desk.get(second).context["clusters"]] == [[leader, last]]
    chosen = {"act": "merge", "leader": leader.pk, "idea": [last.pk]}
    answer = desk.post(second, chosen | seen([leader, last]))
    assert (answer.status_code, answer.url, Idea.objects.get(pk=last.pk).merged_into) == (302, second, leader)
    assert desk.get(second).context["page"].number == 1  # there is no second one any more


@pytest.mark.parametrize("number", ["9999", "0", "-1", "x"])
def test_a_page_that_is_not_there_is_the_nearest_one(desk, campaign, many, number):
    leader, _others = many
    shown = desk.get(page(campaign), {"group": leader.pk, "page": number}).context["page"]
    assert (shown.number, shown.paginator.num_pages) == (1 if number == "x" else 2, 2)


def test_a_part_of_a_merged_group_is_taken_out_as_the_whole_was_shown(desk, campaign, many, moderator):
    leader, [*others, last] = many
    Idea.objects.filter(pk__in=[idea.pk for idea in (*others, last)]).update(status="merged", merged_into=leader)
    second = f"{page(campaign)}?merged=1&group={leader.pk}&page=2"
    assert f'href="?merged=1&amp;group={leader.pk}&amp;page=1"' in desk.get(second).content.decode()
    [group] = desk.get(second).context["groups"]
    assert (group.merged, group.versions) == ([last], versions(Idea.objects.filter(campaign=campaign)))
    given = {"leader": leader.pk, "part": 7, "seen": group.versions, "idea": [last.pk], "act": "out"}
    refused = desk.post(second, given | {"reason": ""})
    assert refused.context["page"].number == 2
    assert desk.post(second, given | {"reason": "路段不同。"}).status_code == 302
    assert Idea.objects.get(pk=last.pk).merged_into is None


@pytest.mark.parametrize("query", ["", "?merged=1"])
def test_the_groups_cost_as_many_queries_for_many_ideas(desk, campaign, many, query, django_assert_num_queries):
    leader, others = many
    Idea.objects.filter(pk__in=[idea.pk for idea in others[:7]]).update(status="merged", merged_into=leader)
    with django_assert_num_queries(8) as few:
        desk.get(page(campaign) + query)
    DuplicateLink.objects.filter(other__in=others[20:]).delete()
    with django_assert_num_queries(len(few)):
        desk.get(page(campaign) + query)
