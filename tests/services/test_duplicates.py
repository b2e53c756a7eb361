import pytest

from ideas.choices import Role, Verdict
from ideas.errors import NotPermitted, Refusal
from ideas.models import DuplicateLink, Idea, OriginalTerms, PendingComparison, PublishedTerms
from ideas.services.duplicates import compare_new, judge_pair, reindex
from ideas.services.tracking import amend_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
LAMP = {"title": "岑东小学侧门加装路灯", "problem": "晚上没有路灯，看不清台阶。", "proposal": "加两盏太阳能路灯。"}


def held(table=OriginalTerms):
    return [set(row.terms.split()) for row in table.objects.order_by("pk")]


def test_an_idea_is_in_the_index_as_soon_as_it_is_in(campaign):
    factories.make_idea(campaign, **LAMP)
    assert {"路灯", "太阳", "公交"} <= held()[0]


def test_changed_words_change_the_index(campaign):
    idea = factories.make_idea(campaign, **LAMP)
    words = {**factories.answers(**LAMP), "title": "古树挂牌"}
    amend_idea(idea=idea, words=words, at=clock.DURING, expected_version=1)
    assert ("古树" in held()[0], "岑东" in held()[0]) == (True, False)


def test_a_published_text_has_an_index_of_its_own(campaign, moderator):
    factories.published(campaign, moderator, **LAMP)
    assert ("公开" in held(PublishedTerms)[0], "公开" in held()[0]) == (True, False)


def test_reindexing_mends_what_was_lost_and_takes_away_what_is_too_much(campaign, moderator):
    idea, shown = factories.make_idea(campaign, **LAMP), factories.published(campaign, moderator, **LAMP)[0]
    before = held()
    OriginalTerms.objects.filter(idea=idea).delete()
    Idea.objects.filter(pk=shown.pk).update(published_text="")
    assert (reindex(at=clock.DURING), held(), held(PublishedTerms)) == (2, before, [])


def test_the_worker_links_what_is_alike_once(campaign):
    first = factories.make_idea(campaign, **LAMP)
    second = factories.make_idea(campaign, clock.DURING + clock.BLINK, **LAMP)
    assert (compare_new(), compare_new(), PendingComparison.objects.count()) == (2, 0, 0)
    assert list(DuplicateLink.objects.values_list("idea", "other", "verdict")) == [(first.pk, second.pk, "")]


def test_ideas_of_two_campaigns_are_not_linked(campaign):
    for here in (campaign, factories.make_campaign()):
        factories.make_idea(here, **LAMP)
    compare_new()
    assert DuplicateLink.objects.count() == 0


def test_a_restricted_idea_is_not_linked_with_an_open_one(campaign):
    ideas = [factories.make_idea(campaign, **LAMP) for _ in range(2)]
    Idea.objects.filter(pk=ideas[0].pk).update(restricted=True)
    compare_new()
    assert DuplicateLink.objects.count() == 0


def test_a_verdict_stays_when_an_idea_is_compared_anew(campaign, moderator):
    one, other = (factories.make_idea(campaign, **LAMP) for _ in range(2))
    judge_pair(one=other, other=one, verdict=Verdict.DIFFERENT, moderator=moderator, at=clock.DURING)
    compare_new()
    assert list(DuplicateLink.objects.values_list("idea", "verdict", "by")) == [(one.pk, "different", moderator.pk)]


def test_a_pair_is_judged_by_those_who_screen(campaign):
    one, other = (factories.make_idea(campaign, **LAMP) for _ in range(2))
    with pytest.raises(NotPermitted):
        judge_pair(
            one=one, other=other, verdict=Verdict.SAME, moderator=factories.make_user(Role.AUDITOR), at=clock.DURING
        )


def test_a_restricted_pair_is_judged_by_named_staff(campaign, moderator):
    one, other = (factories.make_idea(campaign, **LAMP) for _ in range(2))
    one.restricted = True
    with pytest.raises(NotPermitted):
        judge_pair(one=one, other=other, verdict=Verdict.SAME, moderator=moderator, at=clock.DURING)


def test_an_idea_is_no_pair_with_itself(campaign, moderator):
    idea = factories.make_idea(campaign)
    with pytest.raises(Refusal):
        judge_pair(one=idea, other=idea, verdict=Verdict.SAME, moderator=moderator, at=clock.DURING)
