from datetime import timedelta

import pytest

from ideas.choices import Role, Suspicion
from ideas.errors import NotPermitted
from ideas.models import Idea
from ideas.services import triage
from ideas.services.screening import accept_idea, decline_idea
from ideas.services.tracking import ask_review
from tests import clock, factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def following(campaign, moderator, at=clock.DURING, **given):
    return triage.claim_next(campaign_id=campaign.pk, moderator=moderator, at=at, **given)


def test_the_oldest_waiting_idea_comes_first(campaign, moderator):
    later = factories.make_idea(campaign, at=clock.DURING + HOUR)
    first = factories.make_idea(campaign)
    assert following(campaign, moderator) == first
    accept_idea(idea=first, moderator=moderator, at=clock.DURING + HOUR)
    assert following(campaign, moderator) == later


def test_the_most_suspicious_comes_first_where_that_is_wished(campaign, moderator):
    factories.make_idea(campaign)
    junk = factories.make_idea(campaign, at=clock.DURING + HOUR)
    Idea.objects.filter(pk=junk.pk).update(suspicions=[Suspicion.FAST], suspicion_count=1)
    assert following(campaign, moderator, order=triage.SUSPICIOUS) == junk


def test_an_idea_that_somebody_has_open_is_given_to_nobody_else(campaign, moderator):
    first, second = factories.make_idea(campaign), factories.make_idea(campaign, at=clock.DURING + HOUR)
    colleague = factories.make_user(Role.MODERATOR)
    assert (following(campaign, moderator), following(campaign, colleague)) == (first, second)


def test_who_asks_again_gets_the_idea_that_is_open(campaign, moderator):
    first = factories.make_idea(campaign, at=clock.DURING + HOUR)
    following(campaign, moderator, at=clock.DURING + HOUR)
    factories.make_idea(campaign)  # older, and in only now: from paper, say
    assert following(campaign, moderator, at=clock.DURING + HOUR) == first


def test_a_claim_lapses(campaign, moderator, settings):
    first = factories.make_idea(campaign)
    following(campaign, moderator)
    later = clock.DURING + timedelta(seconds=settings.IDEAS_CLAIM_SECONDS)
    assert following(campaign, factories.make_user(Role.MODERATOR), at=later) == first


def test_skipped_ideas_are_passed_over(campaign, moderator):
    first, second = factories.make_idea(campaign), factories.make_idea(campaign, at=clock.DURING + HOUR)
    assert following(campaign, moderator, skipped=[first.pk]) == second


def test_nobody_is_given_the_review_of_an_own_decision(campaign, moderator):
    idea = factories.make_idea(campaign)
    decline_idea(idea=idea, moderator=moderator, at=clock.DURING, declined_as="unclear", reason="不清楚。")
    ask_review(idea=idea, reasons="请再看看。", at=clock.DURING + HOUR, expected_version=2)
    colleague = factories.make_user(Role.MODERATOR)
    assert (following(campaign, moderator), following(campaign, colleague)) == (None, idea)


def test_nobody_is_given_an_idea_with_their_own_address(campaign, moderator):
    moderator.email = "Resident@Example.com"
    factories.make_idea(campaign)
    assert following(campaign, moderator) is None


def test_a_restricted_idea_is_given_to_named_staff_only(campaign, moderator):
    idea = factories.make_idea(campaign)
    Idea.objects.filter(pk=idea.pk).update(restricted=True)
    assert following(campaign, moderator) is None


def test_only_moderators_are_given_ideas(campaign, auditor):
    with pytest.raises(NotPermitted):
        following(campaign, auditor)


@pytest.mark.parametrize("count", [3, 30])
def test_finding_the_next_idea_takes_as_many_queries_however_many_wait(
    campaign, moderator, count, django_assert_num_queries
):
    for number in range(count):
        factories.make_idea(campaign, at=clock.DURING + number * HOUR)
    following(campaign, moderator)
    triage.release_claims(moderator=moderator)
    moderator.has_perm("ideas.screen_idea")
    with django_assert_num_queries(5):
        following(campaign, moderator)
