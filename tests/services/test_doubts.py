"""Who may rate is asked anew, and marks given before somebody became one who may not are decided of."""

import json

import pytest

from ideas.choices import Bar, OfficeAct, Role
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.exports.record import record_bytes
from ideas.models import Assignment, Campaign, MarkDecision, Message, Rating, Resident, SealedRecord, Unit, User
from ideas.queries.doubts import doubts_of, open_doubts
from ideas.queries.eligibility import bars_of_assignment
from ideas.queries.invariants import violations
from ideas.queries.ratings import reviews_of
from ideas.rules.record import first_difference
from ideas.services.contacts import show_contact
from ideas.services.doubts import decide_marks
from ideas.services.panel import add_assignment, assign_first_round, declare_conflict, remind_panel
from ideas.services.proposal import propose_shortlist, withdraw_list
from ideas.services.sealing import seal_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(people):
    return factories.rated_campaign(people.moderator, ideas=6).pk


@pytest.fixture
def rated(told, db):
    return Campaign.objects.get(pk=told)


def best_assignment(campaign):
    return Assignment.objects.filter(idea=campaign.ideas.by_receipt().first()).order_by("id").first()


def arise(bar, assignment, manager):
    """Let something come up between a seat's panellist and its idea."""
    user = assignment.panellist.user
    if bar == Bar.DISABLED:
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif bar == Bar.NAMES:
        user.groups.add(factories.make_user(Role.MODERATOR).groups.get())
    elif bar == Bar.CONFLICT:
        declare_conflict(
            panellist=assignment.panellist, idea=assignment.idea, manager=manager, reason="亲属", at=clock.RATING
        )
    elif bar == Bar.UNIT:
        unit = Unit.objects.create(name="城管局")
        User.objects.filter(pk=user.pk).update(unit=unit)
        type(assignment.idea).objects.filter(pk=assignment.idea_id).update(unit=unit)
    elif bar == Bar.ADDRESS:
        Resident.objects.exclude(idea=assignment.idea_id).update(email_hash="")
        User.objects.filter(pk=user.pk).update(email="Resident@Example.com")
    else:
        User.objects.filter(pk=user.pk).update(is_superuser=True)
        show_contact(idea=assignment.idea, staff=User.objects.get(pk=user.pk), at=clock.DURING, purpose="question")
        User.objects.filter(pk=user.pk).update(is_superuser=False)
    return Assignment.objects.get(pk=assignment.pk)


@pytest.mark.parametrize("bar", Bar)
def test_whatever_arises_after_the_seat_was_made_is_asked_when_rating(campaign, moderator, manager, bar):
    """An unrated idea of a declared conflict leaves the desk at once; this seat has been rated before."""
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 3)
    assignment = factories.assigned(campaign)[0]
    factories.rate(assignment, 4)
    assignment = arise(bar, assignment, manager)
    assert bars_of_assignment(assignment) == {bar}
    with pytest.raises(Refusal):
        factories.rate(assignment, 9)
    assert set(assignment.rating.marks.values_list("points", flat=True)) == {4}


@pytest.mark.parametrize("bar", [Bar.UNIT, Bar.ADDRESS, Bar.KNOWN])
def test_open_seats_of_those_who_may_not_rate_go_to_colleagues(campaign, moderator, manager, bar):
    factories.accepted(campaign, moderator, 2)
    factories.make_panel(campaign, 3)
    assignment = arise(bar, factories.assigned(campaign)[0], manager)
    User.objects.filter(pk=assignment.panellist.user_id).update(email="resident@example.com")
    before = assignment.panellist_id
    assign_first_round(campaign=campaign, per_idea=2, seed=2, at=clock.RATING)
    on_idea = set(assignment.idea.assignments.values_list("panellist_id", flat=True))
    assert (before in on_idea, len(on_idea)) == (False, 2)


@pytest.mark.parametrize("bar", Bar)
def test_nobody_is_reminded_of_what_they_may_not_rate(campaign, moderator, manager, bar):
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign, 2)
    assignments = factories.assigned(campaign)
    User.objects.filter(pk=assignments[0].panellist.user_id).update(email="juror@example.com")
    assert len(remind_panel(campaign=campaign, manager=manager, at=clock.RATING)) == 2
    Message.objects.filter(template="panel_reminder").delete()
    arise(bar, assignments[0], manager) if bar != Bar.CONFLICT else declare_conflict(
        panellist=assignments[0].panellist, idea=assignments[0].idea, manager=manager, reason="亲属", at=clock.RATING
    )
    behind = remind_panel(campaign=campaign, manager=manager, at=clock.RATING)
    assert assignments[0].panellist not in behind
    assert not Message.objects.filter(template="panel_reminder").exists()


def test_nobody_is_seated_by_hand_with_a_disabled_account(campaign, moderator, manager):
    [idea] = factories.accepted(campaign, moderator)
    member = factories.make_panel(campaign, 1)[0]
    User.objects.filter(pk=member.user_id).update(is_active=False)
    member.refresh_from_db()
    with pytest.raises(Refusal):
        add_assignment(panellist=member, idea=idea, manager=manager, at=clock.RATING, reason="x")


@pytest.mark.parametrize("bar", Bar)
def test_no_list_is_proposed_before_each_doubtful_mark_is_decided(rated, manager, bar):
    assignment = arise(bar, best_assignment(rated), manager)
    doubts = open_doubts(rated)
    assert assignment.rating in [doubt.rating for doubt in doubts]
    with pytest.raises(Refusal):
        propose_shortlist(campaign=rated, at=clock.RATING_UNTIL, manager=manager)
    decide(rated, manager, counts=True)
    assert propose_shortlist(campaign=rated, at=clock.RATING_UNTIL, manager=manager).entries.count() == 3


def decide(campaign, manager, *, counts, **overrides):
    for doubt in doubts_of(campaign):
        given = {"ratings": [doubt.rating.pk], "expected_bars": doubt.bars, "reason": "会议决定", **overrides}
        decide_marks(campaign=campaign, counts=counts, manager=manager, at=clock.RATING, **given)


def test_what_was_counted_for_one_reason_is_asked_again_for_another(rated, manager):
    assignment = arise(Bar.UNIT, best_assignment(rated), manager)
    decide(rated, manager, counts=True)
    assert open_doubts(rated) == []
    declare_conflict(
        panellist=assignment.panellist, idea=assignment.idea, manager=manager, reason="亲属", at=clock.RATING
    )
    assert [doubt.rating for doubt in open_doubts(rated)] == [assignment.rating]


def test_a_mark_left_out_is_in_no_record_and_both_verifiers_agree(rated, managers):
    assignment = arise(Bar.CONFLICT, best_assignment(rated), managers[0])
    decide(rated, managers[0], counts=False)
    others = rated.ideas.exclude(pk=assignment.idea_id)
    reviews = reviews_of(rated)
    assert (assignment.idea_id, assignment.panellist_id) not in {pair[:2] for pair in reviews}
    assert len(reviews) == 2 * others.count() + 1
    add_back(rated, assignment, managers[0])
    factories.seal(rated, managers)
    for kept in SealedRecord.objects.all():
        file = json.loads(record_bytes(kept))
        assert first_difference(file) is None
    archive = json.loads(SealedRecord.objects.get(edition="archive").text)
    assert len([row for row in archive["reviews"] if row["idea"] == assignment.idea.receipt]) == 2
    assert list(violations()) == []


def add_back(campaign, assignment, manager):
    """A colleague rates the idea instead."""
    free = campaign.panellists.exclude(assignments__idea=assignment.idea).get()
    made = add_assignment(panellist=free, idea=assignment.idea, manager=manager, at=clock.RATING, reason="补评")
    factories.rate(made, 9)


def test_marks_are_left_out_only_while_no_list_rests_on_them(rated, managers):
    shortlist = propose_shortlist(campaign=rated, at=clock.RATING_UNTIL, manager=managers[0])
    arise(Bar.CONFLICT, best_assignment(rated), managers[0])
    with pytest.raises(Refusal):
        decide(rated, managers[0], counts=False)
    with pytest.raises(Refusal):
        seal_shortlist(
            shortlist=shortlist, manager=managers[0], at=clock.RATING_UNTIL, expected_version=shortlist.version
        )
    decide(rated, managers[0], counts=True)
    shortlist = seal_shortlist(
        shortlist=shortlist, manager=managers[0], at=clock.RATING_UNTIL, expected_version=shortlist.version
    )
    withdraw_list(shortlist=shortlist, manager=managers[0], at=clock.RATING_UNTIL, expected_version=shortlist.version)
    decide(rated, managers[0], counts=False)
    assert list(MarkDecision.objects.values_list("counts", flat=True)) == [False]


def test_guests_accounts_are_closed_after_the_list_was_proposed_and_it_is_sealed_all_the_same(rated, managers):
    shortlist = propose_shortlist(campaign=rated, at=clock.RATING_UNTIL, manager=managers[0])
    User.objects.filter(memberships__campaign=rated).update(is_active=False)
    for manager in managers:
        shortlist = seal_shortlist(
            shortlist=shortlist, manager=manager, at=clock.RATING_UNTIL, expected_version=shortlist.version
        )
    assert (shortlist.is_sealed, list(violations())) == (True, [])


def test_who_left_the_panel_in_good_order_gives_no_doubt(rated, manager):
    rated.panellists.update(is_active=False)
    assert doubts_of(rated) == []


@pytest.mark.parametrize(
    ("overrides", "refusal"),
    [({"reason": " "}, Refusal), ({"expected_bars": {Bar.ADDRESS}}, Stale), ({"ratings": []}, Stale)],
)
def test_a_decision_says_why_and_fits_what_the_page_showed(rated, manager, overrides, refusal):
    arise(Bar.UNIT, best_assignment(rated), manager)
    with pytest.raises(refusal):
        decide(rated, manager, counts=True, **overrides)


def test_only_those_who_propose_the_list_decide(rated, manager, auditor):
    arise(Bar.UNIT, best_assignment(rated), manager)
    with pytest.raises(NotPermitted):
        decide(rated, auditor, counts=True)


def test_marks_that_are_given_anew_are_no_longer_those_decided_of(rated, manager):
    assignment = arise(Bar.UNIT, best_assignment(rated), manager)
    decide(rated, manager, counts=False)
    rated.ideas.update(unit=None)
    factories.rate(Assignment.objects.get(pk=assignment.pk), 8)
    assert (MarkDecision.objects.count(), doubts_of(rated)) == (0, [])


def test_every_decision_stands_in_the_log_with_what_was_before(rated, manager):
    assignment = arise(Bar.UNIT, best_assignment(rated), manager)
    decide(rated, manager, counts=False)
    decide(rated, manager, counts=True, reason="单位已核实")
    rows = assignment.idea.office_events.filter(act=OfficeAct.MARK_DECISION).order_by("id")
    assert [(row.purpose, row.detail["before"], row.detail["counts"]) for row in rows] == [
        ("会议决定", None, False),
        ("单位已核实", False, True),
    ]


def test_a_rating_keeps_who_gave_it(rated):
    givers = Rating.objects.values_list("given_by", "assignment__panellist__user")
    assert all(giver == user for giver, user in givers)
