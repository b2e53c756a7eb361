"""Verdicts that meet each other and what the office does at the same moment. Told on PostgreSQL; SQLite lets one in."""

from datetime import datetime, timedelta

import pytest

from ideas.choices import ReferralAct, Satisfaction
from ideas.errors import Refusal
from ideas.models import Idea, Referral, ReferralEvent, ResidentVerdict
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of
from ideas.rules.verdicts import Said
from ideas.services.reopening import reopen
from ideas.services.screening import merge_idea
from ideas.services.verdicts import give_verdict, note_verdict
from tests import clock, factories
from tests.test_races import at_once, errors

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 23, 9, tzinfo=clock.SHANGHAI)
LATER = AT + timedelta(days=1)
NOT_SOLVED = Said(Satisfaction.NOT, False, "夜里还是不亮。")


@pytest.fixture
def pair(campaign, moderator):
    """An idea that leads another one, closed at its unit."""
    idea = factories.make_idea(campaign)
    factories.accept_idea(idea=idea, moderator=moderator, at=clock.DURING)
    follower = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    merge_idea(idea=follower, into=idea, moderator=moderator, at=clock.DURING + clock.BLINK)
    referral = factories.referred([Idea.objects.get(pk=idea.pk)], factories.make_unit(), moderator)
    factories.reported(referral, AT)
    factories.closed(referral, moderator, AT)
    return [Idea.objects.select_related("campaign").get(pk=row.pk) for row in (idea, follower)]


def verdict(idea):
    story = story_of(idea, LATER)
    shown = {"closing": story.to_judge.closing_id, "expected_version": story.version}
    return lambda: give_verdict(idea=idea, said=NOT_SOLVED, at=LATER, **shown)


def refused(outcomes):
    return sum(isinstance(outcome, Refusal) for outcome in outcomes)


def test_proposer_and_co_proposer_at_once_send_it_back_once(pair):
    outcomes = at_once([verdict(idea) for idea in pair])
    assert (errors(outcomes), refused(outcomes)) == ([], 1)  # the place is open again when the second one comes
    assert ReferralEvent.objects.filter(act=ReferralAct.REOPEN).count() == 1
    assert (ResidentVerdict.objects.count(), list(violations())) == (1, [])


def test_one_verdict_posted_eight_times_is_one(pair):
    assert errors(at_once([verdict(pair[0])] * 8)) == []
    assert (ResidentVerdict.objects.count(), list(violations())) == (1, [])


def test_a_verdict_and_a_taking_up_of_the_office_are_one_after_the_other(pair, moderator):
    again = {"referral": Referral.objects.get(), "staff": moderator, "at": LATER, "finish_by": LATER.date()}
    outcomes = at_once([verdict(pair[0]), lambda: reopen(**again, words="返工。")])
    assert (errors(outcomes), refused(outcomes)) == ([], 1)
    assert (ReferralEvent.objects.filter(act=ReferralAct.REOPEN).count(), list(violations())) == (1, [])


def test_what_the_resident_and_the_office_say_at_once_is_one_verdict(pair, moderator):
    call = {"referral": Referral.objects.get(), "idea": pair[0], "staff": moderator, "heard_on": AT.date()}
    outcomes = at_once([verdict(pair[0]), lambda: note_verdict(**call, at=LATER, said=NOT_SOLVED)])
    assert errors(outcomes) == []
    assert (ResidentVerdict.objects.count(), list(violations())) == (1, [])


def test_a_verdict_and_a_new_referral_of_the_idea_leave_it_with_one_unit(pair, moderator):
    unit = factories.make_unit()
    outcomes = at_once([verdict(pair[0]), lambda: factories.referred([pair[0]], unit, moderator, at=LATER)])
    assert errors(outcomes) == []
    assert (Referral.objects.open().count(), list(violations())) == (1, [])
