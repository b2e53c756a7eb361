"""The only writer of Idea.status and of the audit trail."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Status
from ideas.errors import Refusal, Stale
from ideas.models import Idea, IdeaEvent, User
from ideas.models.sealed import keyring, vouch
from ideas.models.workflow import AS_THEY_STAND, CODES, UNSHOWN
from ideas.rules import record
from ideas.rules.workflow import LIST_ACTS, next_status
from ideas.services.transactions import in_one_transaction


def next_event(
    idea: Idea,
    *,
    action: Action,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    restores: str | None = None,
) -> IdeaEvent:
    """The unsaved event of an act, linked to the idea's chain; sets the idea's status, count and head in memory.

    `restores` is the status that an undo leads back to.
    """
    if unknown := (detail or {}).keys() - CODES.keys() - AS_THEY_STAND - UNSHOWN:
        raise ValueError(f"{action}: models/workflow.py has no words for {sorted(unknown)}")
    before = idea.status if idea.event_count else None
    after = next_status(before, action, restores)
    if after is None:
        label = Status(idea.status).label
        raise Refusal(
            _("“%(act)s” is not possible: the idea is “%(status)s”.") % {"act": action.label, "status": label}
        )
    event = IdeaEvent(
        idea=idea,
        number=idea.event_count + 1,
        action=action,
        before=before or "",
        after=after,
        actor=actor,
        at=at,
        reason=reason,
        detail=dict(detail or {}),
        previous=idea.event_head,
    )
    event.digest = record.link(keyring(), event.facts(idea.receipt), event.previous)
    idea.status, idea.event_count, idea.event_head = after, event.number, event.digest
    idea.version += action not in LIST_ACTS
    idea.seal = seal_of(idea)
    return event


def hold_ideas(keys: Iterable[int]) -> None:
    """Lock several ideas, always in one order, before the first of them is moved."""
    list(Idea.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk").values_list("pk", flat=True))


def as_seen(idea: Idea, expected_version: int | None) -> Idea:
    """The idea's row, locked; Stale if it is not the Idea.version that the actor's page showed (None: any is taken)."""
    locked = Idea.objects.select_for_update().get(pk=idea.pk)
    if expected_version is not None and locked.version != expected_version:
        raise Stale(_("This idea has changed since you opened it. Nothing was done; please look again."))
    return locked


def seal_of(idea: Idea) -> str:
    """The portal's word for an idea as it stands in memory."""
    return vouch("idea", idea.sealed_facts())


def seal_idea(idea: Idea) -> None:
    """Whoever writes an idea's words or its code ends with this, in the same transaction; the idea is locked."""
    idea.seal = seal_of(Idea.objects.get(pk=idea.pk))
    Idea.objects.filter(pk=idea.pk).update(seal=idea.seal)


@in_one_transaction
def move_idea(
    *,
    idea: Idea,
    action: Action,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    restores: str | None = None,
    expected_version: int | None = None,
) -> IdeaEvent:
    """Do one act on an idea: lock it, ask the rulebook, record the event, write the status.

    `expected_version` is the Idea.version that the actor's page showed; if somebody else acted since, the act is
    refused (Stale) and nothing changes. `idea` is brought up to date.
    """
    locked = as_seen(idea, expected_version)
    event = next_event(locked, action=action, at=at, actor=actor, reason=reason, detail=detail, restores=restores)
    event.save(force_insert=True)
    locked.save(update_fields=["status", "event_count", "event_head", "version", "seal"])
    idea.status, idea.event_count, idea.event_head = locked.status, locked.event_count, locked.event_head
    idea.version, idea.seal = locked.version, locked.seal
    return event
