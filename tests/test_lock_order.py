"""Verbs that meet on the same rows wait for each other: no deadlock, nothing left behind. Told on PostgreSQL.

SQLite lets one writer in at a time, so there these pass whatever the order of locks is.
"""

from itertools import count

import pytest
from django.db import OperationalError, connection

from ideas.choices import Status
from ideas.errors import Refusal
from ideas.models import Assignment, Idea, Message, Rating, Resident
from ideas.queries.invariants import violations
from ideas.services import tracking
from ideas.services.messages import claim
from ideas.services.panel import assign_first_round, declare_conflict, replace_panellist, stand_aside
from ideas.services.proposal import propose_shortlist
from ideas.services.publishing import edit_published
from ideas.services.release import release_winners
from ideas.services.screening import merge_idea
from ideas.services.transactions import TRIES, in_one_transaction, was_broken_off
from tests import clock, factories
from tests.test_races import at_once, errors

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def assignments_of(campaign):
    return list(Assignment.objects.filter(panellist__campaign=campaign).order_by("id"))


def rates(assignments):
    return [
        lambda assignment=assignment, n=n: factories.rate(assignment, 1 + n % 10)
        for n, assignment in enumerate(assignments)
    ]


def test_the_panel_rates_while_it_is_assigned(moderator, manager):
    for _ in range(ROUNDS):
        campaign = factories.make_campaign(reviews_per_idea=2)
        factories.accepted(campaign, moderator, 8)
        members = factories.make_panel(campaign, 6)
        assignments = factories.assigned(campaign)
        acts = rates(assignments)
        same = {"campaign": campaign, "at": clock.RATING}
        acts += [lambda k=k, same=same: assign_first_round(per_idea=k, seed=k, **same) for k in (3, 4)]
        leaves = {"panellist": members[0], "manager": manager, "at": clock.RATING, "reason": "出差"}
        acts += [lambda leaves=leaves: replace_panellist(seed=2, **leaves)]
        noted = {**leaves, "panellist": members[1]}
        acts += [lambda noted=noted, idea=assignments[0].idea: declare_conflict(idea=idea, **noted)]
        aside = {
            "assignment": assignments[1],
            "panellist": assignments[1].panellist.user,
            "at": clock.RATING,
        }
        acts += [lambda aside=aside: stand_aside(reason="认识", **aside)]
        gone = [error for error in errors(at_once(acts)) if not isinstance(error, Assignment.DoesNotExist)]
        assert gone == []
    assert list(violations()) == []


def test_the_panel_rates_while_texts_are_published_and_names_changed(moderator):
    for _ in range(ROUNDS):
        campaign = factories.make_campaign(reviews_per_idea=2)
        ideas = factories.accepted(campaign, moderator, 8)
        factories.make_panel(campaign, 6)
        acts = rates(factories.assigned(campaign))
        for idea in ideas:
            words = {"title": "公开稿", "text": "公开稿正文。", "editor": moderator, "at": clock.RATING}
            named = {"naming": "real", "name": "林小满", "net_name": "", "may_publish": True, "at": clock.RATING}
            acts += [lambda idea=idea, words=words: edit_published(idea=idea, **words)]
            acts += [lambda idea=idea, named=named: tracking.change_naming(idea=idea, expected_version=2, **named)]
        assert errors(at_once(acts)) == []
        assert Rating.objects.filter(assignment__panellist__campaign=campaign).count() == 16
    assert list(violations()) == []


def test_a_list_is_proposed_while_ideas_are_merged_and_texts_published(moderator, manager):
    for _ in range(ROUNDS):
        campaign = factories.rated_campaign(moderator, ideas=8)
        first, *others = campaign.ideas.by_receipt()
        words = {"title": "公开稿", "text": "公开稿正文。", "editor": moderator, "at": clock.RATING_UNTIL}
        acts: list = [lambda c=campaign: propose_shortlist(campaign=c, manager=manager, at=clock.RATING_UNTIL)] * 2
        acts += [lambda idea=idea, words=words: edit_published(idea=idea, **words) for idea in others]
        merged = {"moderator": moderator, "at": clock.RATING_UNTIL, "into": first}
        late = {"status": Status.ACCEPTED, "received_at": clock.LATER}
        Idea.objects.filter(pk=others[-1].pk).update(**late)
        acts += [lambda idea=others[-1], merged=merged: merge_idea(idea=idea, **merged)]
        assert errors(at_once(acts)) == []


def test_a_new_code_asked_for_during_an_erasure_leaves_nothing_with_the_address(campaign):
    numbers = count(1)
    for _ in range(30):
        idea = factories.make_idea(campaign)
        asked = {"receipt": idea.receipt, "phone": "", "email": "resident@example.com", "at": clock.LATER}
        acts = [lambda idea=idea: tracking.erase_person(idea=idea, at=clock.LATER, expected_version=1)]
        senders = (f"198.51.{n // 250}.{n % 250}" for n in (next(numbers), next(numbers)))
        acts += [
            lambda asked=asked, sender=sender: tracking.send_new_code(address=sender, **asked) for sender in senders
        ]
        assert errors(at_once(acts)) == []
    erased = Message.objects.filter(idea__in=Idea.objects.exclude(pk__in=Resident.objects.values("idea")))
    assert [row.payload for row in erased.exclude(payload={})] == []
    assert list(violations()) == []


def test_winners_are_released_while_somebody_is_erased(moderator, managers):
    for _ in range(3):
        campaign = factories.rated_campaign(moderator, ideas=8)
        for idea in campaign.ideas.all():
            edit_published(idea=idea, editor=moderator, at=clock.RATING, title="公开稿", text="公开稿正文。")
        shortlist = factories.seal(campaign, managers)
        factories.hold_list(shortlist, managers)
        others = list(campaign.ideas.filter(status=Status.ACCEPTED))
        acts: list = [lambda shortlist=shortlist: release_winners(shortlist=shortlist, at=clock.RATING_UNTIL)]
        acts += [
            lambda idea=idea: tracking.erase_person(idea=idea, at=clock.RATING_UNTIL, expected_version=3)
            for idea in others
        ]
        assert errors(at_once(acts)) == []
    kept = Message.objects.filter(idea__resident=None).exclude(payload={})
    assert (kept.count(), list(violations())) == (0, [])
    claim(at=clock.LATER)


def broken_off(sqlstate):
    error = OperationalError("deadlock detected")
    error.__cause__ = type("Broken", (Exception,), {"sqlstate": sqlstate})()
    return error


@pytest.mark.parametrize(("sqlstate", "tries"), [("40P01", TRIES), ("40001", TRIES), ("57014", 1), (None, 1)])
def test_what_the_database_broke_off_is_begun_anew_a_few_times(sqlstate, tries):
    tried = []

    @in_one_transaction
    def verb():
        tried.append(1)
        raise broken_off(sqlstate)

    with pytest.raises(OperationalError):
        verb()
    assert len(tried) == tries


def test_a_verb_within_another_is_begun_anew_with_it():
    tried = []

    @in_one_transaction
    def inner():
        tried.append("inner")
        if len(tried) < 3:
            raise broken_off("40P01")

    @in_one_transaction
    def outer():
        inner()

    outer()
    assert tried == ["inner"] * 3


def test_a_refusal_is_no_reason_to_try_again():
    tried = []

    @in_one_transaction
    def verb():
        tried.append(1)
        raise Refusal("nein")

    with pytest.raises(Refusal):
        verb()
    assert tried == [1]
    assert not was_broken_off(OperationalError("database is locked"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only there two transactions can lock rows crosswise")
def test_two_that_lock_crosswise_both_succeed(campaign):
    one, other = factories.make_idea(campaign), factories.make_idea(campaign)

    @in_one_transaction
    def lock(first, second):
        Idea.objects.select_for_update().get(pk=first.pk)
        connection.cursor().execute("SELECT pg_sleep(0.2)")
        Idea.objects.select_for_update().get(pk=second.pk)

    assert at_once([lambda: lock(one, other), lambda: lock(other, one)]) == [None, None]
