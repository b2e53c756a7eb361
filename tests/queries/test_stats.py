"""The dashboard's figures are right, leave restricted ideas out, and cost the same for few ideas and for many."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ideas.choices import Source, Status
from ideas.models import Message
from ideas.queries import stats
from ideas.services.photos import release_photo
from ideas.services.proposal import propose_shortlist
from ideas.services.restricted import restrict_idea
from ideas.services.screening import accept_idea, decline_idea, return_idea, undo_decision
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT, HOUR, DAY = clock.DURING, timedelta(hours=1), timedelta(days=1)


def test_it_counts_by_topic_street_source_and_status(campaign, moderator):
    factories.accepted(campaign, moderator)
    factories.make_idea(campaign, topic="night", area="")
    found = stats.dashboard(campaign, AT)
    assert (found.funnel, found.at) == ({"at": AT.isoformat(), "received": 2, "valid": 1}, AT)
    assert found.topics == [stats.Row("道路", 1, 1), stats.Row("夜间", 1, 0)]
    assert [(row.received, row.valid) for row in found.streets] == [(1, 1), (1, 0)]
    assert found.sources == [stats.Row(str(Source.WEB.label), 2, 1)]
    assert found.statuses == [(Status.RECEIVED, 1), (Status.ACCEPTED, 1)]


def test_days_without_ideas_are_there_as_none(campaign):
    for at in (AT, AT + 2 * DAY, AT + 2 * DAY):
        factories.make_idea(campaign, at)
    assert [number for _day, number in stats.dashboard(campaign, AT + 3 * DAY).days] == [1, 0, 2]


def test_waits_run_from_receipt_to_the_first_decision(campaign, moderator):
    for hours in range(1, 11):
        accept_idea(idea=factories.make_idea(campaign), moderator=moderator, at=AT + hours * HOUR)
    factories.make_idea(campaign, AT + DAY)
    waits = stats.dashboard(campaign, AT + 3 * DAY).waits
    assert waits == stats.Waits(decided=10, median=5 * HOUR, slow=9 * HOUR, oldest=2 * DAY)


def test_a_second_decision_does_not_count_as_waiting(campaign, moderator):
    idea = factories.make_idea(campaign)
    accept_idea(idea=idea, moderator=moderator, at=AT + HOUR)
    decline_idea(idea=idea, moderator=moderator, at=AT + DAY, declined_as="unclear", reason="x")
    assert stats.dashboard(campaign, AT + 2 * DAY).waits.median == HOUR


def test_nobody_is_told_who_is_on_the_list_before_the_release(moderator, manager):
    campaign = factories.rated_campaign(moderator)
    propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)
    found = stats.dashboard(campaign, clock.RATING_UNTIL)
    assert ("chosen" in found.funnel, found.statuses) == (False, [(Status.ACCEPTED, 5)])


def test_after_the_release_the_chosen_are_counted(moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    assert stats.dashboard(campaign, clock.LATER).funnel["chosen"] == 3


def test_an_undo_after_a_photo_was_released_counts_for_whoever_decided(campaign, moderator, keeper):
    idea = factories.make_idea(campaign)
    photo = factories.add_photo(idea)
    accept_idea(idea=idea, moderator=moderator, at=AT)
    release_photo(photo=photo, editor=keeper, at=AT, shown=True)
    undo_decision(idea=idea, moderator=moderator, at=AT)
    assert stats.dashboard(campaign, AT).loads == [stats.Load(moderator.name, 1, 1)]


def test_decisions_are_counted_for_each_moderator_with_the_undone_ones(campaign, moderator, keeper):
    first, second = factories.make_idea(campaign), factories.make_idea(campaign)
    accept_idea(idea=first, moderator=moderator, at=AT)
    undo_decision(idea=first, moderator=moderator, at=AT)
    for idea in (first, second):
        return_idea(idea=idea, moderator=keeper, at=AT, question="哪里？")
    loads = stats.dashboard(campaign, AT).loads
    assert loads == [stats.Load(keeper.name, 2, 0), stats.Load(moderator.name, 1, 1)]


def test_a_restricted_idea_is_in_no_figure_at_once(campaign, moderator):
    idea, _other = factories.accepted(campaign, moderator, 2)
    before = stats.dashboard(campaign, AT)
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="线索")
    after = stats.dashboard(campaign, AT)
    assert [found.funnel["received"] for found in (before, after)] == [2, 1]
    assert (after.waits.decided, after.loads[0].decisions) == (1, 1)


def test_figures_are_kept_for_a_minute_with_their_moment(campaign):
    first = stats.dashboard(campaign, AT)
    factories.make_idea(campaign)
    assert stats.dashboard(campaign, AT + timedelta(seconds=30)) == first


def test_many_ideas_cost_no_more_queries_than_one(campaign, moderator):
    counts = []
    for many in (1, 12):
        factories.accepted(campaign, moderator, many)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            stats.dashboard(campaign, AT)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_a_moderator_reads_what_waits(campaign, moderator):
    factories.make_idea(campaign)
    return_idea(idea=factories.make_idea(campaign), moderator=moderator, at=AT, question="哪里？")
    found = stats.waiting_for(moderator, AT + 7 * DAY)
    assert (found["to_screen"], found["lapse_soon"], found["texts_to_check"]) == ("1", "1", "0")


def test_an_auditor_is_asked_for_nothing(campaign, auditor):
    factories.make_idea(campaign)
    assert stats.waiting_for(auditor, AT) == {}


def test_a_restricted_idea_waits_for_named_staff_only(campaign, moderator, keeper):
    restrict_idea(idea=factories.make_idea(campaign), staff=moderator, at=AT, reason="线索")
    assert [stats.waiting_for(user, AT)["to_screen"] for user in (moderator, keeper)] == ["0", "1"]


def test_more_than_anybody_counts_is_told_so(campaign, monkeypatch):
    monkeypatch.setattr(stats, "MOST_COUNTED", 2)
    for _ in range(3):
        factories.make_idea(campaign)
    assert stats.capped(Message.objects.all()) == "2+"
