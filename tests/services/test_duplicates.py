import pytest
from django.db import connection

from ideas.choices import Role, Verdict
from ideas.errors import NotPermitted, Refusal
from ideas.models import DuplicateLink, Idea, OriginalTerms, PendingComparison, PublishedTerms
from ideas.queries.invariants import violations
from ideas.services import duplicates
from ideas.services.duplicates import compare_new, judge_pair, refold, reindex
from ideas.services.screening import accept_idea
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


# --- Beside others who write -----------------------------------------------------------------------------------------


def before(monkeypatch, name, look):
    """Look whenever the named function is about to work."""
    slow = getattr(duplicates, name)

    def looked_at(*given, **more):
        look()
        return slow(*given, **more)

    monkeypatch.setattr(duplicates, name, looked_at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [compare_new, lambda: reindex(at=clock.DURING), lambda: refold(at=clock.DURING)])
def test_what_takes_time_is_done_before_the_transaction(campaign, monkeypatch, work):
    factories.make_idea(campaign, **LAMP)
    OriginalTerms.objects.update(fold=None)
    in_transaction = []
    for name in ("scores", "_index_rows", "_counted_by_sqlite", "_counted_by_postgresql"):
        before(monkeypatch, name, lambda: in_transaction.append(connection.in_atomic_block))
    assert work() == 1
    assert in_transaction
    assert not any(in_transaction)


def changed_meanwhile(monkeypatch, name, change):
    """While the named function works for the first time, somebody else changes something."""
    slow, changes = getattr(duplicates, name), [change]

    def meanwhile(*given, **more):
        found = slow(*given, **more)
        while changes:
            changes.pop()()
        return found

    monkeypatch.setattr(duplicates, name, meanwhile)


def test_an_idea_that_changes_while_it_is_compared_is_compared_again(campaign, moderator, monkeypatch):
    first, second = (factories.make_idea(campaign, **LAMP) for _ in range(2))
    changed_meanwhile(monkeypatch, "scores", lambda: accept_idea(idea=first, moderator=moderator, at=clock.DURING))
    assert (compare_new(), list(PendingComparison.objects.values_list("pk", flat=True))) == (1, [first.pk])
    assert (compare_new(), DuplicateLink.objects.get().other) == (1, second)


@pytest.mark.parametrize("work", [reindex, refold])
def test_words_that_are_published_while_the_index_is_written_anew_stay_in_it(campaign, moderator, monkeypatch, work):
    [idea] = factories.accepted(campaign, moderator, **LAMP)
    OriginalTerms.objects.update(fold=None)
    changed_meanwhile(monkeypatch, "_index_rows", lambda: factories.publish(idea, moderator))
    work(at=clock.DURING)
    assert "the index of ideas alike holds every text" not in {name for name, _line in violations()}
    assert len(held(PublishedTerms)) == 1
