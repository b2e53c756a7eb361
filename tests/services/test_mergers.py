"""A merger is looked after: what was merged never leans on an idea that does not stand, and its residents are told."""

from datetime import timedelta

import pytest

from ideas.choices import Action, Channel, DeclineReason, Role, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Idea, Message
from ideas.queries.invariants import violations
from ideas.queries.tracking import story_of
from ideas.queries.trail import appealed_decision
from ideas.services import screening, tracking
from ideas.services.mergers import look_after_mergers
from ideas.services.messages import claim
from ideas.services.proposal import propose_shortlist, withdraw_list
from ideas.services.restricted import restrict_idea
from tests import clock, factories

pytestmark = pytest.mark.django_db
AT = clock.DURING + timedelta(hours=2)


@pytest.fixture
def group(campaign, moderator):
    """A leading idea and two merged into it, in the order of receipt."""
    leader, *others = (factories.make_idea(campaign, at=clock.DURING + timedelta(minutes=n)) for n in range(3))
    for other in others:
        screening.merge_idea(idea=other, into=leader, moderator=moderator, at=AT)
    return leader, *others


def row(idea):
    return Idea.objects.select_related("merged_into", "campaign").get(pk=idea.pk)


def told(idea):
    return list(Message.objects.filter(idea=idea).order_by("id").values_list("template", flat=True))


def decline(idea, moderator, at=AT):
    given = {"declined_as": DeclineReason.UNCLEAR, "reason": "不清楚。"}
    screening.decline_idea(idea=idea, moderator=moderator, at=at, **given)


def transfer(idea, moderator):
    screening.transfer_idea(idea=idea, moderator=moderator, at=AT, channel=Channel.HOTLINE, reason="请拨打12345。")


def lapse(idea, moderator):
    screening.return_idea(idea=idea, moderator=moderator, at=AT, question="哪里？")
    screening.lapse_unanswered(at=AT + timedelta(days=30))


def withdraw(idea, moderator):
    tracking.withdraw_idea(idea=idea, at=AT, expected_version=1)


def restrict(idea, moderator):
    restrict_idea(idea=idea, staff=moderator, at=AT, reason="涉及线索")


def erase(idea, moderator):
    tracking.erase_person(idea=idea, at=AT, expected_version=1)


@pytest.mark.parametrize("leave", [decline, transfer, lapse, withdraw, restrict, erase])
def test_merged_ideas_return_to_the_queue_when_their_leader_goes(group, moderator, leave):
    leader, *others = group
    leave(leader, moderator)
    for other in map(row, others):
        assert (other.status, other.merged_into, told(other)) == (
            Status.RECEIVED,
            None,
            ["receipt", "merged", "unmerged"],
        )
        assert other.events.get(action=Action.UNMERGE).detail == {"from": leader.receipt}
    assert list(violations()) == []


@pytest.mark.parametrize("leave", [restrict, erase, decline])
def test_a_resident_does_not_learn_what_became_of_the_leader(group, moderator, leave):
    _leader, other, _third = group
    leave(group[0], moderator)
    words = [(step.title, step.words) for step in story_of(row(other), AT).steps][-1]
    assert words == ("已取消合并", "先前的建议不再与您的建议合并，您的建议将重新单独审核。")


def test_undoing_the_leaders_decision_brings_its_group_back(group, moderator):
    leader, *others = group
    decline(leader, moderator)
    screening.undo_decision(idea=leader, moderator=moderator, at=AT)
    assert [row(other).merged_into for other in others] == [leader, leader]
    assert [told(other) for other in others] == [["receipt", "merged"]] * 2
    assert [len(story_of(row(other), AT).steps) for other in others] == [2, 2]
    assert list(violations()) == []


def test_what_was_decided_meanwhile_stays_when_the_leaders_decision_is_undone(group, moderator):
    leader, other, third = group
    decline(leader, moderator)
    screening.accept_idea(idea=other, moderator=moderator, at=AT)
    screening.undo_decision(idea=leader, moderator=moderator, at=AT)
    assert ((row(other).status, row(third).merged_into), list(violations())) == ((Status.ACCEPTED, leader), [])


def test_the_end_of_a_merger_is_not_undone_into_a_leader_that_is_gone(group, moderator):
    leader, other, _third = group
    decline(leader, moderator)
    with pytest.raises(Refusal, match=leader.receipt):
        screening.undo_decision(idea=other, moderator=moderator, at=AT)
    assert row(other).status == Status.RECEIVED


def test_a_manager_cannot_undo_what_a_resident_withdrew(group, manager):
    withdraw(group[0], None)
    for idea in group[:2]:
        with pytest.raises(Refusal):
            screening.undo_decision(idea=idea, moderator=manager, at=AT)


def test_one_idea_is_taken_out_of_a_merger_with_a_reason(group, moderator):
    leader, other, third = group
    done = screening.dissolve_merger(idea=row(other), moderator=moderator, at=AT, reason="路段不同。")
    assert (done, row(other).status, row(third).merged_into) == (1, Status.RECEIVED, leader)
    event = other.events.last()
    assert (event.action, event.reason, event.actor) == (Action.UNMERGE, "路段不同。", moderator)
    assert (told(other)[-1], list(violations())) == ("unmerged", [])


def test_a_whole_group_is_dissolved(group, moderator):
    leader, *others = group
    assert screening.dissolve_merger(idea=row(leader), moderator=moderator, at=AT, reason="误合并。") == 2
    assert [row(other).merged_into for other in others] == [None, None]
    assert row(leader).status == Status.RECEIVED


def test_dissolving_is_undone_before_the_resident_is_told(group, moderator):
    _leader, other, _third = group
    screening.dissolve_merger(idea=row(other), moderator=moderator, at=AT, reason="误合并。")
    assert [message.template for message in claim(at=AT, most=50) if message.template == "unmerged"] == []
    screening.undo_decision(idea=other, moderator=moderator, at=AT)
    assert (row(other).merged_into, told(other), list(violations())) == (group[0], ["receipt", "merged"], [])


def test_a_review_of_a_merger_that_was_restored_is_anothers(group, moderator):
    """The end of the merger was undone, so the merger itself is what the resident doubts."""
    _leader, other, _third = group
    screening.dissolve_merger(idea=row(other), moderator=moderator, at=AT, reason="误合并。")
    screening.undo_decision(idea=other, moderator=moderator, at=AT)
    tracking.ask_review(idea=other, reasons="我的是另一条路。", at=AT, expected_version=2)
    assert appealed_decision(other.events.order_by("number")).action == Action.MERGE


@pytest.mark.parametrize("reason", ["", "  "])
def test_dissolving_and_handing_over_need_a_reason(group, moderator, reason):
    leader, other, _third = group
    with pytest.raises(Refusal):
        screening.dissolve_merger(idea=row(other), moderator=moderator, at=AT, reason=reason)
    with pytest.raises(Refusal):
        screening.hand_over_group(idea=row(leader), to=other, moderator=moderator, at=AT, reason=reason)
    assert row(other).merged_into == leader


def test_a_group_is_handed_to_one_of_its_own(group, moderator):
    leader, other, third = group
    led = screening.hand_over_group(idea=row(leader), to=row(other), moderator=moderator, at=AT, reason="写得更全。")
    assert (led, row(other).status, row(third).merged_into) == ((1, 1), Status.RECEIVED, other)
    assert (told(other)[-1], told(third)[-1], row(leader).status) == ("unmerged", "merged", Status.RECEIVED)
    assert list(violations()) == []


def test_who_came_before_the_new_leader_stands_alone(group, moderator):
    """The first submitter leads: the rule stays when a group is handed over."""
    leader, other, third = group
    led = screening.hand_over_group(idea=row(leader), to=row(third), moderator=moderator, at=AT, reason="写得更全。")
    assert (led, row(other).merged_into, row(third).merged_into) == ((0, 2), None, None)
    assert list(violations()) == []


def test_a_group_is_handed_to_an_idea_from_outside(campaign, group, moderator):
    leader, *others = group
    outside = factories.make_idea(campaign, at=clock.DURING + clock.BLINK)
    led = screening.hand_over_group(idea=row(leader), to=outside, moderator=moderator, at=AT, reason="说的是同一处。")
    assert (led, [row(other).merged_into for other in others]) == ((2, 0), [outside, outside])
    assert list(violations()) == []


def test_a_group_is_not_handed_to_what_cannot_lead(campaign, group, moderator):
    leader, *_others = group
    declined, foreign = factories.make_idea(campaign), factories.make_idea(factories.make_campaign())
    decline(declined, moderator)
    for to in (declined, foreign, leader):
        with pytest.raises(Refusal):
            screening.hand_over_group(idea=row(leader), to=row(to), moderator=moderator, at=AT, reason="说明。")
    assert [row(other).merged_into for other in group[1:]] == [leader, leader]


def test_nothing_is_merged_into_an_idea_without_a_person(campaign, group, moderator):
    leader, other, _third = group
    erase(leader, moderator)
    with pytest.raises(Refusal, match=leader.receipt):
        screening.merge_idea(idea=row(other), into=row(leader), moderator=moderator, at=AT)


def test_an_outdated_page_dissolves_nothing(group, moderator):
    _leader, other, _third = group
    with pytest.raises(Stale):
        screening.dissolve_merger(idea=row(other), moderator=moderator, at=AT, reason="说明。", expected_version=1)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLERK, Role.PANELLIST])
def test_only_moderators_change_mergers(group, role):
    leader, other, _third = group
    user = factories.make_user(role)
    with pytest.raises(NotPermitted):
        screening.dissolve_merger(idea=row(other), moderator=user, at=AT, reason="说明。")
    with pytest.raises(NotPermitted):
        screening.hand_over_group(idea=row(leader), to=other, moderator=user, at=AT, reason="说明。")


@pytest.fixture
def rated_group(moderator, manager):
    """A rated campaign with a merged idea, and its list."""
    campaign = factories.rated_campaign(moderator)
    later = factories.make_idea(campaign, at=clock.DURING + timedelta(hours=1))
    leader = campaign.ideas.by_receipt().first()
    screening.merge_idea(idea=later, into=leader, moderator=moderator, at=AT)
    return leader, later, propose_shortlist(campaign=campaign, manager=manager, at=clock.RATING_UNTIL)


def test_a_merger_stands_while_there_is_a_list(rated_group, moderator):
    leader, later, _list = rated_group
    for idea in (leader, later):
        with pytest.raises(Refusal):
            screening.dissolve_merger(idea=row(idea), moderator=moderator, at=clock.RATING_UNTIL, reason="说明。")
    assert row(later).merged_into == leader


def test_erasing_tells_nobody_of_the_list_and_the_group_is_released_with_it(rated_group, manager):
    leader, later, shortlist = rated_group
    story = story_of(row(leader), clock.RATING_UNTIL)
    tracking.erase_person(idea=leader, at=clock.RATING_UNTIL, expected_version=story.version)
    assert (row(later).merged_into, list(violations())) == (leader, [])
    withdraw_list(shortlist=shortlist, manager=manager, at=clock.RATING_UNTIL, expected_version=shortlist.version)
    assert (row(later).status, told(later)[-1], list(violations())) == (Status.RECEIVED, "unmerged", [])


def test_the_worker_looks_after_mergers_of_earlier_times(group):
    leader, *others = group
    Idea.objects.filter(pk=leader.pk).update(status=Status.DECLINED)
    assert (look_after_mergers(at=AT), look_after_mergers(at=AT)) == (1, 0)
    assert [told(other)[-1] for other in others] == ["unmerged", "unmerged"]
