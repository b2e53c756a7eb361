"""The moderators' verbs. Each is one transaction: the event, the status, and the message that the resident gets."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Action, Channel, DeclineReason, Status
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Area, Campaign, Idea, IdeaEvent, Message, Shortlist, Topic, Unit, User
from ideas.models.sealed import keyring
from ideas.queries import access
from ideas.queries.access import require, require_may_see
from ideas.queries.mergers import versions
from ideas.queries.referrals import was_dealt_with
from ideas.queries.trail import appealed_decision
from ideas.rules.visible import required
from ideas.rules.workflow import LIST_ACTS, PHOTO_ACTS, UNDOABLE, VALID
from ideas.services.health import for_each
from ideas.services.mergers import (
    last_act,
    lock_for_undo,
    lock_group,
    release_group,
    remerge,
    replaced_merger,
    require_leader,
    restore_group,
    unmerge,
)
from ideas.services.messages import take_back, tell_resident
from ideas.services.referred import give_back, join_leader, leave_leader, take_off
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import as_seen, move_idea


@in_one_transaction
def accept_idea(*, idea: Idea, moderator: User, at: datetime, expected_version: int | None = None) -> None:
    """The idea is valid and goes to the panel."""
    _may_decide(moderator, idea)
    event = move_idea(idea=idea, action=Action.ACCEPT, actor=moderator, at=at, expected_version=expected_version)
    tell_resident(idea=idea, template="accepted", at=at, event=event)


@in_one_transaction
def return_idea(
    *, idea: Idea, moderator: User, at: datetime, question: str, expected_version: int | None = None
) -> None:
    """Ask the resident for more; the question is told to them as it is written, and until when to answer."""
    _may_decide(moderator, idea)
    question = required(question, _("Write the question that the resident is to answer."))
    event = move_idea(
        idea=idea, action=Action.RETURN, actor=moderator, at=at, reason=question, expected_version=expected_version
    )
    idea.due_at = answer_due(idea.campaign, at)
    idea.save(update_fields=["due_at"])
    last_day = timezone.localdate(idea.due_at - timedelta(seconds=1)).isoformat()
    tell_resident(
        idea=idea, template="returned", at=at, variables={"reason": question, "last_day": last_day}, event=event
    )


def answer_due(campaign: Campaign, at: datetime) -> datetime:
    """The end of the last day: whoever is asked on the first has all of the eighth with seven days to answer."""
    day = timezone.localdate(at) + timedelta(days=campaign.return_days + 1)
    return timezone.make_aware(datetime.combine(day, time.min))


@in_one_transaction
def note_answer(*, idea: Idea, moderator: User, at: datetime, answer: str, expected_version: int | None = None) -> None:
    """A returned idea comes back into the queue with the answer that the resident gave, by telephone for example."""
    _may_decide(moderator, idea)
    answer = required(answer, _("Write what the resident answered."))
    move_idea(idea=idea, action=Action.ANSWER, actor=moderator, at=at, reason=answer, expected_version=expected_version)


@in_one_transaction
def decline_idea(
    *,
    idea: Idea,
    moderator: User,
    at: datetime,
    declined_as: DeclineReason,
    reason: str,
    expected_version: int | None = None,
) -> None:
    """The idea is not valid; why is required, in a word from the closed list and in the office's own words."""
    events = _may_decide(moderator, idea)
    reason = required(reason, _("Write the reason that the resident is told."))
    detail = {"declined_as": DeclineReason(declined_as).value}
    followers = lock_group(idea)
    event = move_idea(
        idea=idea,
        action=Action.DECLINE,
        actor=moderator,
        at=at,
        reason=reason,
        detail=detail,
        expected_version=expected_version,
    )
    take_off(idea, why=Action.DECLINE, at=at, actor=moderator, events=events)
    tell_resident(idea=idea, template="declined", at=at, variables={"reason": reason}, event=event)
    release_group(followers, leader=idea, at=at, actor=moderator, undoable=True)


@in_one_transaction
def merge_idea(
    *,
    idea: Idea,
    into: Idea,
    moderator: User,
    at: datetime,
    expected_version: int | None = None,
    expected_into_version: int | None = None,
) -> None:
    """The idea says the same as an earlier one, which leads; its proposer becomes a co-proposer.

    `into_seen` is the version of the leading one, where the page showed it too.
    """
    _may_decide(moderator, idea)
    # Both rows locked in one order, so that A into B and B into A cannot both win.
    locked = {row.pk: row for row in Idea.objects.select_for_update().filter(pk__in=[idea.pk, into.pk]).order_by("pk")}
    if expected_into_version is not None and locked[into.pk].version != expected_into_version:
        raise Stale(
            _("%(receipt)s has changed since you opened this page. Nothing was changed; please look again.")
            % {"receipt": into.receipt}
        )
    _require_leader(idea=locked[idea.pk], into=locked[into.pk])
    _merge(idea, into=into, moderator=moderator, at=at, expected_version=expected_version)


def _merge(idea: Idea, *, into: Idea, moderator: User, at: datetime, expected_version: int | None = None) -> None:
    event = move_idea(
        idea=idea,
        action=Action.MERGE,
        actor=moderator,
        at=at,
        detail={"into": into.receipt},
        expected_version=expected_version,
    )
    Idea.objects.filter(pk=idea.pk).update(merged_into=into)
    join_leader(idea, into, at=at, actor=moderator)
    tell_resident(idea=idea, template="merged", at=at, event=event)


def _require_leader(*, idea: Idea, into: Idea) -> None:
    if idea.pk == into.pk:
        raise Refusal(_("An idea cannot be merged into itself."))
    if idea.campaign_id != into.campaign_id:
        raise Refusal(_("Both ideas must belong to the same campaign."))
    require_leader(into)
    if (into.received_at, into.pk) > (idea.received_at, idea.pk):
        raise Refusal(_("%(receipt)s came later. The first submitter leads.") % {"receipt": into.receipt})
    if idea.merged.exists():
        raise Refusal(_("Other ideas were merged into this one; it leads and cannot be merged itself."))
    if idea.restricted != into.restricted:
        raise Refusal(_("A restricted idea can only be merged with another restricted one."))


@in_one_transaction
def dissolve_merger(
    *,
    idea: Idea,
    moderator: User,
    at: datetime,
    reason: str,
    expected_version: int | None = None,
    expected_group: str | None = None,
) -> int:
    """End a merger: of a merged idea its own, of a leading one those of the whole group; returns how many.

    They go back into the queue and their residents are told. Once there is a list it is too late: it was made of the
    ideas as they stood. `expected_group` is what the page showed of the group (`queries.mergers.versions`): one that
    somebody else has changed, or added to, is not acted on unseen.
    """
    leader = idea.merged_into or idea
    group = _begin_change(
        leader, moderator=moderator, acted_on=idea, expected_version=expected_version, expected_group=expected_group
    )
    reason = required(reason, _("Write why the merger is dissolved; the trail keeps it."))
    ending = group if leader.pk == idea.pk else [row for row in group if row.pk == idea.pk]
    if not ending:
        raise Refusal(_("%(receipt)s leads no other idea and is not merged.") % {"receipt": idea.receipt})
    release_group(ending, leader=leader, at=at, actor=moderator, reason=reason, undoable=True)
    return len(ending)


@in_one_transaction
def dissolve_some(
    *, ideas: Sequence[Idea], moderator: User, at: datetime, reason: str, expected_group: str | None = None
) -> None:
    """Take several ideas of a group out of it, all or none."""
    if not ideas:
        raise Refusal(_("Tick at least one idea."))
    for idea in ideas:
        dissolve_merger(idea=idea, moderator=moderator, at=at, reason=reason, expected_group=expected_group)
        expected_group = None  # from here on the group is as we changed it


@in_one_transaction
def hand_over_group(
    *,
    idea: Idea,
    to: Idea,
    moderator: User,
    at: datetime,
    reason: str,
    expected_version: int | None = None,
    expected_group: str | None = None,
) -> tuple[int, int]:
    """Have the ideas merged into this one led by another: one of them, or one from outside the group.

    The first submitter leads: of the group, those that came before the new leader go back into the queue. So does the
    new leader, if it was merged itself. Returns how many it leads now, and how many stand for themselves.
    """
    group = _begin_change(
        idea,
        moderator=moderator,
        acted_on=idea,
        expected_version=expected_version,
        expected_group=expected_group,
        also=to,
    )
    reason = required(reason, _("Write why another idea is to lead; the trail keeps it."))
    if not group:
        raise Refusal(_("No idea is merged into %(receipt)s.") % {"receipt": idea.receipt})
    leader = next((row for row in group if row.pk == to.pk), None) or Idea.objects.get(pk=to.pk)
    if leader.pk == idea.pk:
        raise Refusal(_("%(receipt)s leads already.") % {"receipt": to.receipt})
    if leader.merged_into_id not in (None, idea.pk):
        raise Refusal(_("%(receipt)s is merged into another idea itself.") % {"receipt": to.receipt})
    if (leader.campaign_id, leader.restricted) != (idea.campaign_id, idea.restricted):
        raise Refusal(_("Both ideas must belong to the same campaign, and both or neither be restricted."))
    later = [row for row in group if (row.received_at, row.pk) > (leader.received_at, leader.pk)]
    alone = [row for row in group if row not in later]
    release_group(alone, leader=idea, at=at, actor=moderator, reason=reason, undoable=True)
    leader.refresh_from_db()
    require_leader(leader)
    for row in later:
        unmerge(row, leader=idea, at=at, actor=moderator, reason=reason)
        _merge(row, into=leader, moderator=moderator, at=at)
    return len(later), len(alone)


def _begin_change(
    leader: Idea,
    *,
    moderator: User,
    acted_on: Idea,
    expected_version: int | None,
    expected_group: str | None = None,
    also: Idea | None = None,
) -> list[Idea]:
    """The group of a leading idea, locked for a change by this moderator; refused once there is a list."""
    _may_decide(moderator, leader)
    Campaign.objects.select_for_update(no_key=True).get(pk=leader.campaign_id)
    group = lock_group(leader, also=also)
    if expected_version is not None:
        as_seen(acted_on, expected_version)
    if expected_group is not None and versions([Idea.objects.get(pk=leader.pk), *group]) != expected_group:
        raise Stale(_("This group has changed since you opened it. Nothing was done; please look again."))
    if Shortlist.objects.filter(campaign=leader.campaign_id).exists():
        raise Refusal(
            _("A list of winners has been proposed from the ideas as they are merged. Have it withdrawn first.")
        )
    return group


@in_one_transaction
def transfer_idea(
    *, idea: Idea, moderator: User, at: datetime, channel: Channel, reason: str, expected_version: int | None = None
) -> None:
    """The matter belongs to another channel (110, 12345, 12337, 12388); the resident is told which and why."""
    events = _may_decide(moderator, idea)
    reason = required(reason, _("Write what the resident is told."))
    detail = {"channel": Channel(channel).value}
    followers = lock_group(idea)
    event = move_idea(
        idea=idea,
        action=Action.TRANSFER,
        actor=moderator,
        at=at,
        reason=reason,
        detail=detail,
        expected_version=expected_version,
    )
    take_off(idea, why=Action.TRANSFER, at=at, actor=moderator, events=events)
    variables = {"channel": Channel(channel).label, "reason": reason}
    tell_resident(idea=idea, template="transferred", at=at, variables=variables, event=event)
    release_group(followers, leader=idea, at=at, actor=moderator, undoable=True)


@in_one_transaction
def undo_decision(*, idea: Idea, moderator: User, at: datetime, expected_version: int | None = None) -> None:
    """Take back one's own last decision while its message waits; the idea stands as before, and nobody was told.

    With a leading idea those come back that were merged into it; the end of a merger is undone to the merger.

    A manager may undo anybody's. What happened to its photos meanwhile is no hindrance. What other ideas rely on by
    now stays: an idea that leads others, a list.
    """
    require(moderator, "ideas.screen_idea")
    lock_for_undo(idea)
    locked = Idea.objects.select_related("campaign").get(pk=idea.pk)
    require_may_see(moderator, locked)
    event = last_act(locked)
    if refusal := _why_not_undo(moderator, locked, event, expected_version):
        raise refusal
    assert event is not None  # noqa: S101 - the rule refuses without one
    if event.action == Action.ACCEPT and was_dealt_with(idea, since=event.at):
        raise Refusal(_("A unit has dealt with it since, and its resident reads that; it cannot be undone any more."))
    leader = _former_leader(locked, event) if event.before == Status.MERGED else None
    handed_over = replaced_merger(event)
    earlier = _former_leader(locked, handed_over) if handed_over else None
    if at >= undo_until(event) or not take_back(event):
        raise Refusal(_("The time to undo is over; the resident is being told."))
    if leader:
        give_back(idea, taken_at=event.at, at=at, actor=moderator)
        remerge(idea, leader, at=at, actor=moderator)
        return
    move_idea(idea=idea, action=Action.UNDO, actor=moderator, at=at, restores=event.before)
    Idea.objects.filter(pk=idea.pk).update(
        merged_into=None, due_at=locked.due_at if event.before == Status.RETURNED else None
    )
    _undo_at_the_units(idea, event, at=at, actor=moderator)
    restore_group(idea, event, at=at)
    if earlier:
        remerge(idea, earlier, at=at, actor=moderator)


def _undo_at_the_units(idea: Idea, event: IdeaEvent, *, at: datetime, actor: User) -> None:
    """What the undone act had done to the idea's place at a unit is undone with it."""
    if event.action == Action.ACCEPT:
        take_off(idea, why=Action.UNDO, at=at, actor=actor, since=event.at)
    elif event.action == Action.MERGE:
        leave_leader(idea, at=at, actor=actor)
    else:
        give_back(idea, taken_at=event.at, at=at, actor=actor)


def undo_decisions(
    *, decisions: Iterable[tuple[Idea, int]], moderator: User, at: datetime
) -> list[tuple[Idea, Refusal | None]]:
    """Undo one act on many ideas: each with the version that it had after the act, in the order in which they were
    decided. Returns each with why it stays, None where it was undone.

    Each is undone by itself, in a transaction of its own, as each was decided: one that somebody has gone on with, or
    whose resident is being told, keeps no other from being undone, and no row stays locked for the others. The last
    decided comes first, so that a group is led again before what was merged into it.
    """
    results: list[tuple[Idea, Refusal | None]] = []
    for idea, expected_version in reversed(list(decisions)):
        try:
            undo_decision(idea=idea, moderator=moderator, at=at, expected_version=expected_version)
            results.append((idea, None))
        except Refusal as refusal:
            results.append((idea, refusal))
    return results[::-1]


def undo_until(event: IdeaEvent) -> datetime:
    """Until when a decision can be undone; its message leaves then."""
    return event.at + timedelta(seconds=conf.undo_seconds())


def undoable_act(*, idea: Idea, events: Sequence[IdeaEvent], moderator: User, at: datetime) -> IdeaEvent | None:
    """The decision that this person can undo now, for a page that offers it; None if there is none.

    `events` in their order. What only the attempt finds out is not asked here: whether a leading idea still stands.
    """
    event = next((event for event in reversed(events) if event.action not in PHOTO_ACTS), None)
    if event is None or event.action not in UNDOABLE or at >= undo_until(event):
        return None
    if not moderator.has_perm("ideas.screen_idea") or _why_not_undo(moderator, idea, event, None):
        return None
    return None if Message.objects.filter(event=event, tries__gt=0).exists() else event


def _why_not_undo(moderator: User, idea: Idea, event: IdeaEvent | None, expected_version: int | None) -> Refusal | None:
    """Why this person cannot undo the last act on an idea, or None; the time is another question."""
    if refusal := closed_by_the_list(moderator, idea):
        return refusal
    if expected_version is not None and (event is None or _version_at(event) > expected_version):
        return Stale(_("Something else has happened to this idea since; the decision cannot be undone any more."))
    if event is None or event.action not in UNDOABLE or event.actor_id is None:
        return Refusal(_("The last act on this idea is not a decision that can be undone."))
    if event.actor_id != moderator.pk and not moderator.has_perm("ideas.change_campaign"):
        return NotPermitted(_("Somebody else made this decision; only they or a manager can undo it."))
    return None


def _former_leader(idea: Idea, event: IdeaEvent) -> Idea:
    """Whom an idea whose merger has ended would be led by again."""
    if idea.merged.exists():
        raise Refusal(_("Other ideas were merged into this one; it leads and cannot be merged itself."))
    leader = Idea.objects.get(receipt=event.detail["from"])
    require_leader(leader)
    return leader


@in_one_transaction
def classify_idea(
    *,
    idea: Idea,
    moderator: User,
    at: datetime,
    topic: Topic,
    area: Area | None,
    unit: Unit | None,
    expected_version: int | None = None,
) -> bool:
    """Assign topic, community and responsible unit; the trail keeps what was there before. False: nothing is new."""
    require(moderator, "ideas.screen_idea")
    require_may_see(moderator, idea)
    if topic.campaign_id != idea.campaign_id:
        raise Refusal(_("This topic belongs to another campaign."))
    new = {"topic": topic, "area": area, "unit": unit}
    old = {field: getattr(idea, field) for field in new}
    detail: dict[str, Any] = {
        field: [row.name if row else "" for row in (old[field], value)]
        for field, value in new.items()
        if old[field] != value
    }
    if not detail:
        return False
    move_idea(
        idea=idea, action=Action.CLASSIFY, actor=moderator, at=at, detail=detail, expected_version=expected_version
    )
    for field, value in new.items():
        setattr(idea, field, value)
    idea.save(update_fields=[*new])
    return True


@in_one_transaction
def note_idea(*, idea: Idea, moderator: User, at: datetime, note: str, expected_version: int | None = None) -> None:
    """Leave a note for colleagues in the trail; the resident does not see it."""
    require(moderator, "ideas.screen_idea")
    require_may_see(moderator, idea)
    note = required(note, _("Write the note."))
    move_idea(idea=idea, action=Action.NOTE, actor=moderator, at=at, reason=note, expected_version=expected_version)


def lapse_unanswered(*, at: datetime) -> int:
    """Decline the returned ideas whose time to answer is over; returns how many. One that cannot stops no other."""
    due = Idea.objects.filter(status=Status.RETURNED, due_at__lte=at, campaign__released_at=None)
    keys = due.order_by("due_at").values_list("pk", flat=True)[:1000]
    return for_each(keys, lambda pk: _lapse(pk, at), what="lapse of idea")


@in_one_transaction
def _lapse(pk: int, at: datetime) -> bool:
    followers = lock_group(Idea.objects.get(pk=pk))
    idea = Idea.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=pk)
    if idea.status != Status.RETURNED or idea.due_at is None or idea.due_at > at:
        return False  # answered at the last moment
    move_idea(idea=idea, action=Action.LAPSE, at=at)
    take_off(idea, why=Action.LAPSE, at=at, actor=None)
    tell_resident(idea=idea, template="lapsed", at=at)
    release_group(followers, leader=idea, at=at)
    return True


def _version_at(event: IdeaEvent) -> int:
    """Idea.version as this event left it."""
    return IdeaEvent.objects.filter(idea=event.idea_id, number__lte=event.number).exclude(action__in=LIST_ACTS).count()


def closed_by_the_list(staff: User, idea: Idea) -> Refusal | None:
    """Why somebody who does not know the list cannot decide about a valid idea while it is made, or None.

    The same answer for every valid idea: otherwise a decision that is refused would tell which ones are listed.
    """
    if idea.status not in VALID or access.knows_list(staff, idea.campaign):
        return None
    if not Shortlist.objects.filter(campaign=idea.campaign_id).exists():
        return None
    return Refusal(_("The winners are being chosen. Leave a note with the idea and tell a campaign manager."))


def decision_blocker(moderator: User, idea: Idea, events: list[IdeaEvent]) -> Refusal | None:
    """Why this moderator cannot decide this idea, or None. `events` in their order."""
    if idea.campaign.is_released:
        return Refusal(_("The winners of this campaign are released; screening is over."))
    if refusal := closed_by_the_list(moderator, idea):
        return refusal
    doubted = appealed_decision(events)
    if doubted and doubted.actor_id == moderator.pk:
        return NotPermitted(_("The resident asked for a review of your decision. Another moderator must decide."))
    if is_own(moderator, idea):
        return NotPermitted(_("This idea came with your own e-mail address. Somebody else must decide."))
    return None


def is_own(user: User, idea: Idea) -> bool:
    """Whether the idea came with the user's own e-mail address."""
    resident = getattr(idea, "resident", None)
    if not user.email or resident is None or not resident.email_hash:
        return False
    return keyring().matches(resident.email_hash, user.email.casefold().encode(), "email")


def _may_decide(moderator: User, idea: Idea) -> list[IdeaEvent]:
    """The events of an idea that this moderator may decide."""
    require(moderator, "ideas.screen_idea")
    require_may_see(moderator, idea)
    events = list(idea.events.order_by("number"))
    refusal = decision_blocker(moderator, idea, events)
    if refusal:
        raise refusal
    return events
