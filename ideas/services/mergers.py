"""What becomes of ideas that were merged when the one that leads them does not lead any more.

Whoever takes a leading idea away locks the whole group first, in one order (`lock_group`), does the act, and calls
`release_group`: each idea goes back into the queue with an event, and its resident is told. Which act it was is not
told: it may be the other person's affair.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Status
from ideas.errors import Refusal
from ideas.models import Idea, IdeaEvent, ReferralIdea, User
from ideas.queries.mergers import erased, followers_without_leader
from ideas.rules.workflow import MAY_LEAD, PHOTO_ACTS
from ideas.services.health import for_each
from ideas.services.messages import take_back, tell_resident
from ideas.services.referred import hold_places, join_leader, leave_leader
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import move_idea

# Acts of a moderator on a leading idea that end its mergers and can be undone with them.
WAS_REFERRED = Exists(ReferralIdea.objects.filter(idea=OuterRef("pk")))
GROUP_ENDS = frozenset({Action.DECLINE, Action.TRANSFER, Action.WITHDRAW})


def lock_group(idea: Idea, *, also: Idea | None = None) -> list[Idea]:
    """The ideas merged into this one, in the order of receipt; they, the idea and `also` are locked in the order of
    their keys, as everywhere.

    Asked twice: what somebody merged into it while the first question waited for its lock shows in the second only.
    """
    held = Q(pk=idea.pk) | Q(merged_into=idea.pk) | Q(pk=also.pk if also else idea.pk)
    ideas = Idea.objects.select_for_update().filter(held).order_by("pk")
    referred = [pk for pk, was_referred in ideas.values_list("pk", WAS_REFERRED) if was_referred]
    rows = list(ideas)
    if referred:
        hold_places(row.pk for row in rows)
    return sorted((row for row in rows if row.merged_into_id == idea.pk), key=lambda row: (row.received_at, row.pk))


def release_group(
    followers: Iterable[Idea],
    *,
    leader: Idea,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    undoable: bool = False,
) -> None:
    """Put merged ideas back into the queue. `undoable`: their residents are told when it cannot be undone any more."""
    for idea in followers:
        event = unmerge(idea, leader=leader, at=at, actor=actor, reason=reason)
        tell_resident(idea=idea, template="unmerged", at=at, event=event if undoable else None)


def unmerge(idea: Idea, *, leader: Idea, at: datetime, actor: User | None, reason: str = "") -> IdeaEvent:
    detail = {"from": leader.receipt}
    event = move_idea(idea=idea, action=Action.UNMERGE, at=at, actor=actor, reason=reason, detail=detail)
    Idea.objects.filter(pk=idea.pk).update(merged_into=None)
    idea.merged_into = None
    leave_leader(idea, at=at, actor=actor)
    return event


def require_leader(leader: Idea) -> None:
    """Refuse one that cannot lead: it was declined, merged, passed on or withdrawn, or nobody stands behind it."""
    if leader.status not in MAY_LEAD:
        raise Refusal(
            _("%(receipt)s cannot lead: it was declined, merged, passed on or withdrawn.") % {"receipt": leader.receipt}
        )
    if erased(leader):
        raise Refusal(
            _("%(receipt)s cannot lead: its resident had all personal data erased, so nobody could be asked or told.")
            % {"receipt": leader.receipt}
        )


def restore_group(leader: Idea, event: IdeaEvent, *, at: datetime) -> None:
    """A decision on a leading idea was undone: what it sent back into the queue is merged again, if nothing has
    happened to it since and its resident has not been told."""
    for unmerged in _sent_back(leader, event):
        untouched = last_act(unmerged.idea) == unmerged and not unmerged.idea.merged.exists()
        if untouched and take_back(unmerged):
            remerge(unmerged.idea, leader, at=at, actor=event.actor)


def lock_for_undo(idea: Idea) -> None:
    """Lock an idea and whatever undoing its last act would touch, in the order of their keys."""
    event, held = last_act(idea), Q(pk=idea.pk)
    if event and event.action in GROUP_ENDS:
        held |= Q(pk__in=[unmerged.idea_id for unmerged in _sent_back(idea, event)])
    if event and event.before == Status.MERGED:
        held |= Q(receipt=event.detail.get("from", ""))
    rows = Idea.objects.select_for_update().filter(held).order_by("pk")
    hold_places(rows.values_list("pk", flat=True))


def _sent_back(leader: Idea, event: IdeaEvent) -> list[IdeaEvent]:
    """The ends of mergers that a moderator's act on the leading idea brought with it."""
    if event.action not in GROUP_ENDS or event.actor_id is None:
        return []
    ends = IdeaEvent.objects.filter(action=Action.UNMERGE, at=event.at, actor=event.actor_id)
    waiting = ends.filter(idea__campaign=leader.campaign_id, idea__status=Status.RECEIVED)
    return list(waiting.filter(detail__from=leader.receipt).select_related("idea").order_by("idea"))


def remerge(idea: Idea, leader: Idea, *, at: datetime, actor: User | None) -> None:
    """Undo the end of a merger."""
    move_idea(idea=idea, action=Action.UNDO, actor=actor, at=at, restores=Status.MERGED)
    Idea.objects.filter(pk=idea.pk).update(merged_into=leader)
    join_leader(idea, leader, at=at, actor=actor)


def replaced_merger(event: IdeaEvent) -> IdeaEvent | None:
    """The end of the merger that this one replaced, if the group was handed over."""
    before = event.idea.events.filter(number=event.number - 1).first() if event.action == Action.MERGE else None
    is_one_act = before and (before.action, before.at, before.actor_id) == (Action.UNMERGE, event.at, event.actor_id)
    return before if is_one_act else None


def last_act(idea: Idea) -> IdeaEvent | None:
    """The last event but what happened to photos."""
    return idea.events.exclude(action__in=PHOTO_ACTS).order_by("-number").first()


def look_after_mergers(*, at: datetime, most: int = 200) -> int:
    """Release ideas whose leader does not stand, from times before this was seen to; returns the number of leaders."""
    led = followers_without_leader().order_by("merged_into").values_list("merged_into", flat=True).distinct()
    keys = [key for key in led[:most] if key]
    return for_each(keys, lambda key: _look_after(key, at), what="merger of idea")


@in_one_transaction
def _look_after(key: int, at: datetime) -> bool:
    leader = Idea.objects.get(pk=key)
    lock_group(leader)
    lost = list(followers_without_leader().filter(merged_into=key).order_by("received_at", "pk"))
    release_group(lost, leader=leader, at=at)
    return bool(lost)
