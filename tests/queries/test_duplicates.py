import pytest

from ideas.choices import Role, Status, Verdict
from ideas.models import Area, Idea, User
from ideas.queries import duplicates
from ideas.queries.access import screened_ideas
from ideas.queries.duplicates import Shown, alike_in, clusters_of, similar_shown, similar_to, term_counts
from ideas.queries.mergers import groups_of, merged_in
from ideas.services.duplicates import compare_new, count_terms, judge_pair
from ideas.services.publishing import edit_published
from ideas.services.screening import accept_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
LAMP = {"title": "岑东小学侧门加装路灯", "problem": "岑东小学侧门晚上没有路灯，孩子放学看不清台阶。",
        "proposal": "在侧门两边加两盏太阳能路灯。"}  # fmt: skip
FRAUD = {
    "title": "给老人讲反诈",
    "problem": "老人常接到陌生电话要求转账，不知真假。",
    "proposal": "每月上门讲一次防骗知识。",
}
DOGS = {
    "title": "遛狗请牵绳",
    "problem": "湖边公园早上有人遛大狗不牵绳，跑步的人害怕。",
    "proposal": "设文明劝导员巡查。",
}


@pytest.fixture
def showing(db):
    return factories.make_campaign(show_ideas=True)


@pytest.fixture
def lamp(showing, moderator):
    """A shown idea about a lamp, among shown ideas about other matters."""
    for words in (FRAUD, DOGS):
        factories.published(showing, moderator, **words)
    return factories.published(showing, moderator, **LAMP)[0]


def alike(answers=LAMP, at=clock.DURING, **more):
    return similar_shown({"area": factories.AREA["code"], **answers}, at=at, **more)


def test_what_is_shown_of_an_idea_is_what_the_public_reads(lamp, showing):
    assert alike() == [
        Shown(
            receipt=lamp.receipt,
            title="公开：岑东小学侧门加装路灯",
            text="公开稿。岑东小学侧门晚上没有路灯，孩子放学看不清台阶。",
            area="集美街道岑东社区",
            place="公交站旁",
            topic=lamp.topic,
            campaign=showing,
            status="under_review",
        )
    ]


def test_nothing_of_the_original_or_the_person_is_in_it(lamp):
    said = repr(alike())
    assert [word for word in (lamp.proposal, "林小满", "海边的风", "resident@", "12012345678") if word in said] == []


def test_originals_are_not_compared(showing, moderator, lamp):
    """What is written in an original only cannot be found out by asking."""
    edit_published(idea=lamp, editor=moderator, at=clock.DURING, title="改善照明", text="傍晚以后增加照明。")
    assert alike({"title": "", "problem": LAMP["proposal"]}) == []


def test_what_everybody_may_not_read_is_not_found(campaign, moderator):
    factories.published(campaign, moderator, **LAMP)
    assert alike() == []


def test_at_most_three_and_the_most_alike_first(lamp, showing, moderator):
    for number in range(4):
        factories.published(showing, moderator, **{**LAMP, "title": f"侧门第{number}处路灯"})
    found = alike()
    assert (len(found), found[0].receipt, len(alike(most=2))) == (3, lamp.receipt, 2)


def test_another_community_is_another_matter(lamp):
    weak = {"title": "校门口装路灯", "problem": "侧门晚上没有路灯，老人看不清路。"}
    assert [shown.receipt for shown in alike(weak)] == [lamp.receipt]
    other = Area.objects.create(code="350211001003", name="浔江社区", street="集美街道")
    assert alike({**weak, "area": other.code}) == []


@pytest.mark.parametrize(
    "answers",
    [{}, {"title": "岑东小学路灯"}, {"title": " 岑东 小学 路灯 "}, {"title": None, "problem": "，。！" * 9}],
    ids=["empty", "short", "spaced", "signs"],
)
def test_too_little_text_finds_nothing(lamp, answers):
    assert similar_shown(answers, at=clock.DURING) == []


def test_short_text_does_not_ask_the_database(lamp, django_assert_num_queries):
    with django_assert_num_queries(0):
        similar_shown({"title": "路灯"}, at=clock.DURING)


def test_an_unknown_area_and_a_hostile_one_are_no_area(lamp):
    for area in ("unknown", "'; --", "9" * 40):
        assert len(alike({**LAMP, "area": area})) <= 3


def test_winners_are_found_after_release_with_what_became_of_them(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    found = similar_shown({"title": "建议在路口增设路灯"}, at=clock.LATER)
    assert {shown.status for shown in found} == {"winner"}
    assert {shown.receipt for shown in found} <= {
        idea.receipt for idea in campaign.ideas.filter(shortlist_entry__isnull=False)
    }


def test_an_old_idea_is_found_behind_newer_ones(lamp, showing, moderator, monkeypatch):
    factories.published(showing, moderator, 5, **DOGS)
    monkeypatch.setattr(duplicates, "FROM_INDEX", 2)
    assert [shown.receipt for shown in alike()] == [lamp.receipt]


def test_an_edited_text_is_found_by_its_new_words(lamp, moderator):
    alike()
    edit_published(idea=lamp, editor=moderator, at=clock.DURING, title="古树名木挂牌", text="给村口古榕树挂牌保护。")
    assert (alike(), len(alike({"title": "村口古榕树挂牌保护"}))) == ([], 1)


@pytest.mark.parametrize("count", [2, 20])
def test_it_takes_four_queries_however_many_are_shown(showing, moderator, count, django_assert_num_queries):
    factories.published(showing, moderator, count, **LAMP)
    with django_assert_num_queries(4):
        assert len(alike()) == min(count, 3)


@pytest.fixture
def pair(campaign):
    """Two ideas about one lamp, the second a day later, among ideas about other matters."""
    for words in (FRAUD, DOGS):
        factories.make_idea(campaign, **words)
    first = factories.make_idea(campaign, **LAMP)
    words = {**LAMP, "title": "小学侧门请装路灯", "problem": "岑东小学侧门晚上很黑，没有路灯，看不清台阶。"}
    return first, factories.make_idea(campaign, clock.DURING + clock.BLINK, **words)


def found(idea, user=None, **more):
    return [similar.idea for similar in similar_to(idea, screened_ideas(user) if user else Idea.objects.all(), **more)]


def test_staff_are_shown_the_earlier_idea_first_and_that_it_may_lead(pair):
    first, second = pair
    best = similar_to(second, Idea.objects.all())[0]
    assert (best.idea, best.likely, best.may_lead) == (first, True, True)


def test_a_later_idea_may_not_lead(pair):
    first, second = pair
    best = similar_to(first, Idea.objects.all())[0]
    assert (best.idea, best.may_lead) == (second, False)


def test_an_idea_is_not_like_itself(pair):
    assert pair[0] not in found(pair[0])


def test_a_restricted_idea_is_found_by_named_staff_only(pair, moderator):
    first, second = pair
    Idea.objects.filter(pk=first.pk).update(restricted=True)
    named = factories.make_user(Role.MODERATOR)
    named.user_permissions.add(_permission("see_restricted"))
    assert (first in found(second, moderator), first in found(second, User.objects.get(pk=named.pk))) == (False, True)


def _permission(codename):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename)


def test_a_pair_that_was_told_apart_is_not_shown_again(pair, moderator):
    first, second = pair
    judge_pair(one=second, other=first, verdict=Verdict.DIFFERENT, moderator=moderator, at=clock.DURING)
    assert (first in found(second), second in found(first)) == (False, False)


@pytest.mark.parametrize("count", [1, 12])
def test_staff_get_theirs_in_three_queries_however_many_there_are(campaign, count, django_assert_num_queries):
    ideas = [factories.make_idea(campaign, **LAMP) for _ in range(count + 1)]
    with django_assert_num_queries(3):
        assert len(found(ideas[0])) == min(count, 3)


def test_counted_terms_are_kept_until_counted_anew(pair, campaign):
    count_terms(at=clock.DURING)
    before = term_counts()
    for _ in range(9):
        factories.make_idea(campaign, **LAMP)
    assert (before is term_counts(), count_terms(at=clock.LATER), term_counts().of("路灯")) == (True, True, 11)


def groups(campaign, ideas):
    return clusters_of(alike_in(campaign, ideas), ideas)


def test_ideas_alike_form_a_cluster_with_the_first_one_in_front(pair, campaign):
    third = factories.make_idea(campaign, clock.DURING + 2 * clock.BLINK, **LAMP)
    compare_new()
    assert [cluster.ideas for cluster in groups(campaign, Idea.objects.all())] == [[*pair, third]]


def test_an_accepted_idea_leads_a_cluster_of_waiting_ones_and_no_waiting_one_means_no_cluster(
    pair, campaign, moderator
):
    compare_new()
    accept_idea(idea=pair[0], moderator=moderator, at=clock.DURING)
    assert groups(campaign, Idea.objects.all())[0].leader.status == Status.ACCEPTED
    accept_idea(idea=pair[1], moderator=moderator, at=clock.DURING)
    assert groups(campaign, Idea.objects.all()) == []


def test_a_pair_told_apart_is_no_cluster(pair, campaign, moderator):
    compare_new()
    judge_pair(one=pair[0], other=pair[1], verdict=Verdict.DIFFERENT, moderator=moderator, at=clock.DURING)
    assert groups(campaign, Idea.objects.all()) == []


def test_what_the_asker_may_not_see_is_in_no_cluster(pair, campaign, moderator):
    compare_new()
    Idea.objects.filter(pk=pair[0].pk).update(restricted=True)
    assert groups(campaign, screened_ideas(moderator)) == []


@pytest.fixture(params=["alike", "merged"])
def group_of_three(request, pair, campaign):
    """(its ideas, how its parts are made and then read), of ideas alike and of merged ones."""
    ideas = [*pair, factories.make_idea(campaign, clock.DURING + 2 * clock.BLINK, **LAMP)]
    compare_new()
    if request.param == "alike":
        return ideas, alike_in, lambda *given: [cluster.ideas for cluster in clusters_of(*given)]
    Idea.objects.filter(pk__in=[idea.pk for idea in ideas[1:]]).update(status=Status.MERGED, merged_into=ideas[0])
    return ideas, merged_in, lambda *given: [[group.leader, *group.merged] for group in groups_of(*given)]


@pytest.mark.parametrize(
    ("restricted", "left"), [([1], [[0, 2]]), ([1, 2], []), ([0], [])], ids=["one", "all but the leader", "the leader"]
)
def test_what_is_restricted_while_the_groups_are_read_is_left_out(
    group_of_three, campaign, moderator, restricted, left
):
    ideas, made, read = group_of_three
    may_see = screened_ideas(moderator)
    parts = made(campaign, may_see)
    assert read(parts, may_see) == [ideas]
    Idea.objects.filter(pk__in=[ideas[number].pk for number in restricted]).update(restricted=True)
    assert read(parts, may_see) == [[ideas[number] for number in group] for group in left]


@pytest.mark.parametrize("count", [2, 7])
def test_clusters_take_three_queries_however_many_ideas_there_are(campaign, count, django_assert_num_queries):
    for _ in range(count):
        factories.make_idea(campaign, **LAMP)
    compare_new()
    with django_assert_num_queries(3):
        assert len(groups(campaign, Idea.objects.all())[0].ideas) == count


def test_a_large_group_comes_in_parts_each_below_the_same_leader(campaign):
    leader, *others = (factories.make_idea(campaign, clock.DURING + n * clock.BLINK, **LAMP) for n in range(9))
    compare_new()
    parts = groups(campaign, Idea.objects.all())
    assert [cluster.ideas for cluster in parts] == [[leader, *others[:6]], [leader, *others[6:]]]
    assert [(row.part.number, row.part.of, row.part.size) for row in parts] == [(1, 2, 9), (2, 2, 9)]


def test_the_largest_group_comes_first(pair, campaign):
    trees = [factories.make_idea(campaign, title="行道树遮挡路牌", problem=f"树枝挡住路牌{n}。") for n in range(3)]
    compare_new()
    assert [len(cluster.ideas) for cluster in groups(campaign, Idea.objects.all())] == [len(trees), len(pair)]
