from datetime import timedelta

import pytest
from django.utils import timezone

from ideas.errors import Refusal
from ideas.models import (
    Assignment,
    AssignmentRun,
    Campaign,
    Idea,
    Message,
    OfficeEvent,
    Panellist,
    Resident,
    Unit,
    User,
)
from ideas.services.panel import (
    add_assignment,
    assign_first_round,
    assign_second_round,
    declare_conflict,
    remind_panel,
    remove_assignment,
    replace_panellist,
    stand_aside,
)
from ideas.services.proposal import propose_shortlist
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def assignments(campaign, moderator):
    factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign)
    return factories.assigned(campaign)


def assign(campaign, verb=assign_first_round, **overrides):
    return verb(**{"campaign": campaign, "per_idea": 2, "seed": 1, "at": clock.RATING_FROM, **overrides})


def test_every_accepted_idea_gets_its_panellists(campaign, assignments):
    per_idea = {idea.pk: idea.assignments.count() for idea in campaign.ideas.all()}
    assert set(per_idea.values()) == {2}


def test_nothing_is_assigned_while_ideas_are_undecided(campaign, moderator):
    factories.make_idea(campaign)
    factories.make_panel(campaign)
    with pytest.raises(Refusal):
        assign(campaign)


def test_with_a_reason_rating_begins_early_and_the_office_keeps_why(campaign, moderator, manager):
    factories.make_idea(campaign)
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign)
    assert assign(campaign, manager=manager, reason="分批评审").made == 2
    assert [(row.act, row.purpose, row.detail) for row in OfficeEvent.objects.all()] == [
        ("early_rating", "分批评审", {"undecided": 1})
    ]


def test_a_run_keeps_its_seed_and_its_algorithm(campaign, assignments):
    run = AssignmentRun.objects.get()
    assert (run.seed, run.per_idea, run.version, run.made) == (1, 2, "panel-1", 8)
    assert {assignment.run_id for assignment in assignments} == {run.pk}


def test_restricted_ideas_never_reach_the_panel(campaign, moderator):
    [idea] = factories.accepted(campaign, moderator)
    Idea.objects.filter(pk=idea.pk).update(restricted=True)
    factories.make_panel(campaign)
    assert assign(campaign).made == 0


def test_nobody_gets_an_idea_of_the_own_unit_or_the_own_address_or_with_a_declared_conflict(
    campaign, moderator, manager
):
    units = [Unit.objects.create(name=name) for name in ("城管局", "交通局")]
    ours, declared, mine, named = factories.accepted(campaign, moderator, 4)
    Idea.objects.filter(pk=ours.pk).update(unit=units[0])
    Idea.objects.filter(pk=declared.pk).update(unit=units[1])
    Resident.objects.exclude(idea=mine).update(email_hash="")
    member, *_others = factories.make_panel(campaign, 3)
    User.objects.filter(pk=member.user_id).update(unit=units[0], email="Resident@Example.com")
    common = {"panellist": member, "manager": manager, "at": clock.DURING, "reason": "亲属"}
    declare_conflict(unit=units[1], **common)
    declare_conflict(idea=named, **common)
    assert (assign(campaign).short, member.assignments.count()) == ([], 0)


def test_two_rounds_give_two_each_and_the_rest_to_the_leaders(campaign, moderator):
    Campaign.objects.filter(pk=campaign.pk).update(rounds=2, reviews_per_idea=3, places=1)
    campaign.refresh_from_db()
    ideas = factories.accepted(campaign, moderator, 6)
    factories.make_panel(campaign, 6)
    assert assign(campaign, per_idea=3).made == 12
    for assignment in Assignment.objects.all():
        factories.rate(assignment, 3 if assignment.idea_id != ideas[0].pk else 9)
    assert assign(campaign, assign_second_round, per_idea=3).made == 6
    second = Assignment.objects.filter(round=2)
    assert (second.count(), second.filter(idea=ideas[0]).count()) == (6, 3)
    assert second.values("idea").distinct().count() == 2


def test_there_is_no_second_round_where_the_campaign_has_one_only(campaign, assignments):
    with pytest.raises(Refusal, match="没有这一轮评审"):
        assign(campaign, assign_second_round, reason="时间紧")


def test_the_manager_chooses_who_gets_the_second_round(campaign, moderator, manager):
    Campaign.objects.filter(pk=campaign.pk).update(rounds=2, reviews_per_idea=3)
    campaign.refresh_from_db()
    ideas = factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign, 6)
    assign(campaign, per_idea=3)
    with pytest.raises(Refusal):
        assign(campaign, assign_second_round, per_idea=3, chosen=[ideas[0].pk])
    assign(campaign, assign_second_round, per_idea=3, chosen=[ideas[0].pk], reason="时间紧", manager=manager)
    assert Assignment.objects.filter(round=2, idea=ideas[0]).count() == 4
    assert [(row.act, row.purpose, row.detail, row.actor) for row in OfficeEvent.objects.all()] == [
        ("panel_assigned", "时间紧", {"round": 2, "missing": 8}, manager)
    ]


def test_a_reason_that_was_not_needed_is_kept_too(campaign, moderator, manager):
    factories.accepted(campaign, moderator)
    factories.make_panel(campaign)
    assign(campaign, manager=manager, reason="人员已到齐")
    assert [(row.act, row.purpose) for row in OfficeEvent.objects.all()] == [("panel_assigned", "人员已到齐")]


def test_who_leaves_is_replaced_and_what_was_rated_stays(campaign, moderator, manager, assignments):
    member = assignments[0].panellist
    factories.rate(assignments[0])
    waiting = member.assignments.count() - 1
    outcome = replace_panellist(panellist=member, manager=manager, seed=2, at=clock.RATING, reason="出差")
    assert outcome.made + len(outcome.short) == waiting
    assert list(member.assignments.all()) == [assignments[0]]


def test_seats_are_added_and_removed_by_hand_with_a_reason(campaign, manager, assignments):
    assignment = assignments[0]
    other = campaign.panellists.exclude(assignments__idea=assignment.idea).get()
    common = {"manager": manager, "at": clock.RATING, "reason": "专业对口"}
    add_assignment(panellist=other, idea=assignment.idea, **common)
    remove_assignment(assignment=assignment, **common)
    on_idea = set(assignment.idea.assignments.values_list("panellist_id", flat=True))
    assert (other.pk in on_idea, assignment.panellist_id in on_idea, OfficeEvent.objects.count()) == (True, False, 2)


def test_a_rated_seat_is_never_removed(manager, assignments):
    factories.rate(assignments[0])
    with pytest.raises(Refusal):
        remove_assignment(assignment=assignments[0], manager=manager, at=clock.RATING, reason="x")


def test_a_reminder_goes_to_those_behind_who_have_an_address(campaign, manager, assignments):
    User.objects.filter(pk=assignments[0].panellist.user_id).update(email="juror@example.com")
    behind = remind_panel(campaign=campaign, manager=manager, at=clock.RATING)
    [message] = Message.objects.filter(template="panel_reminder")
    assert (len(behind), message.payload["address"]) == (3, "juror@example.com")


def test_assigning_again_changes_nothing(campaign, assignments):
    assert (assign(campaign).made, list(Assignment.objects.order_by("id"))) == (0, assignments)


def test_a_late_idea_is_added(campaign, moderator, assignments):
    factories.accepted(campaign, moderator)
    assert assign(campaign).made == 2


def test_too_small_a_panel_is_refused(campaign, moderator):
    factories.make_panel(campaign, 1)
    with pytest.raises(Refusal):
        assign(campaign)


def test_a_recused_seat_is_filled_by_somebody_else(campaign, assignments):
    assignment = assignments[0]
    stand_aside(assignment=assignment, panellist=assignment.panellist.user, reason="认识建议人", at=clock.RATING)
    assert assign(campaign).made == 1
    assert assignment.idea.assignments.not_recused().exclude(panellist=assignment.panellist).count() == 2


def test_seats_that_nobody_can_fill_are_named(campaign, moderator, assignments):
    idea = assignments[0].idea
    for assignment in idea.assignments.all():
        stand_aside(assignment=assignment, panellist=assignment.panellist.user, reason="回避", at=clock.RATING)
    assert assign(campaign).short == [idea.receipt]


def test_standing_aside_needs_a_reason(assignments):
    with pytest.raises(Refusal):
        stand_aside(assignment=assignments[0], panellist=assignments[0].panellist.user, reason=" ", at=clock.RATING)


def test_nobody_stands_aside_for_another(assignments, moderator):
    with pytest.raises(Refusal):
        stand_aside(assignment=assignments[0], panellist=moderator, reason="x", at=clock.RATING)


def test_nobody_stands_aside_who_takes_no_part_any_more(assignments):
    Panellist.objects.filter(pk=assignments[0].panellist_id).update(is_active=False)
    User.objects.filter(pk=assignments[-1].panellist.user_id).update(is_active=False)
    for assignment in (assignments[0], assignments[-1]):
        with pytest.raises(Refusal):
            stand_aside(assignment=assignment, panellist=assignment.panellist.user, reason="回避", at=clock.RATING)


def test_nobody_stands_aside_from_an_idea_that_was_restricted_meanwhile(assignments):
    Idea.objects.filter(pk=assignments[0].idea_id).update(restricted=True)
    with pytest.raises(Refusal):
        stand_aside(assignment=assignments[0], panellist=assignments[0].panellist.user, reason="回避", at=clock.RATING)


def test_nobody_stands_aside_after_rating(assignments):
    factories.rate(assignments[0])
    with pytest.raises(Refusal):
        stand_aside(assignment=assignments[0], panellist=assignments[0].panellist.user, reason="x", at=clock.RATING)


def test_nothing_is_assigned_once_the_list_is_proposed(moderator):
    campaign = factories.rated_campaign(moderator)
    propose_shortlist(campaign=campaign, at=clock.RATING_UNTIL)
    with pytest.raises(Refusal):
        assign(campaign)


def test_a_reminder_writes_midnight_as_the_pages_do(campaign, moderator, manager):
    """24:00, not 00:00 of the next day."""
    campaign.rating_until = timezone.localtime(clock.RATING_UNTIL).replace(hour=0, minute=0)
    campaign.save()
    factories.accepted(campaign, moderator, 4)
    factories.make_panel(campaign)
    factories.assigned(campaign)
    User.objects.update(email="panel@example.com")
    remind_panel(campaign=campaign, manager=manager, at=clock.RATING)
    told = {message.payload["variables"]["until"] for message in Message.objects.filter(template="panel_reminder")}
    assert told == {f"{campaign.rating_until - timedelta(days=1):%Y-%m-%d} 24:00"}
