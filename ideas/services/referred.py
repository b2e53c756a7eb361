"""What becomes of an idea's place at a unit when something happens to the idea; docs/architecture.md has the table.

Each function is a part of the act on the idea, called in its transaction with the idea locked. No place is deleted:
it is taken off with an event, given back with an event, and a referral that loses its last one is recalled with it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ideas.choices import Action, ReferralAct, ReferralState
from ideas.models import Idea, IdeaEvent, Referral, ReferralEvent, ReferralIdea, User
from ideas.queries.named import waits_since
from ideas.rules.referrals import MAY_GO_ON, MAY_JOIN, NAMING, PHOTO_ACTS, WITH_UNIT
from ideas.services.referrals import give_back as later_days
from ideas.services.referrals import held, move_referral


def hold_places(ideas: Iterable[int]) -> None:
    """Lock every referral that an act on some ideas may touch, in one order, before anybody is written to."""
    rows = Referral.objects.filter(pk__in=ReferralIdea.objects.filter(idea__in=list(ideas)).values("referral"))
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def take_off(
    idea: Idea,
    *,
    why: Action,
    at: datetime,
    actor: User | None,
    since: datetime | None = None,
    events: Iterable[IdeaEvent] | None = None,
) -> None:
    """The idea stands no more: it is off its open referral, if it is with a unit (and was referred `since` then).

    `events` of the idea, where the caller has them: one that was neither accepted nor merged is with none, and nothing
    is asked.
    """
    if events is not None and not any(event.action in (Action.ACCEPT, Action.MERGE) for event in events):
        return
    place = _place(idea)
    if place is None or place.closing_id:  # what is closed was done
        return
    if since is None or place.referral.events.filter(number=1, at__gte=since).exists():
        _leave(place, why=why, at=at, actor=actor)


def give_back(
    idea: Idea, *, taken_at: datetime, at: datetime, actor: User | None, but: ReferralIdea | None = None
) -> None:
    """What took it off at that moment was undone: it is with its unit again, unless it is with one by now or the
    referral has ended otherwise, or been reported done without it."""
    if _place(idea):
        return
    left = ReferralIdea.objects.filter(idea=idea, taken_off_at=taken_at).exclude(pk=but.pk if but else 0)
    for place in left.select_related("idea"):
        referral = held(place.referral)
        recalled = _recalled_with_its_last(referral)
        is_reported = referral.state == ReferralState.DONE and place.done_at is None
        if is_reported or not (referral.is_open or (recalled and recalled.before in MAY_GO_ON)):
            continue
        place.taken_off_at = None
        place.save(update_fields=["taken_off_at"])
        days = _revive(referral, recalled, at) if recalled else {}
        before = recalled.before if recalled else None
        _note(referral, ReferralAct.PUT_BACK, idea, at=at, actor=actor, kept_from=before, more=days)


def _revive(referral: Referral, recalled: ReferralEvent, at: datetime) -> dict[str, Any]:
    """Its days go on later; where it was put aside, they stand still until the office has decided, and come back
    then."""
    referral.closed_at = None
    since = min(recalled.at, waits_since(referral) or recalled.at)
    return later_days(referral, since, at) if recalled.before in WITH_UNIT else {}


def join_leader(idea: Idea, leader: Idea, *, at: datetime, actor: User | None) -> None:
    """One problem is with one unit: its place goes to the leader's referral while that is under way; else it stays."""
    leading = _place(leader)
    if leading is None or leading.referral.state not in MAY_JOIN:
        return
    hold_places([idea.pk, leader.pk])
    own = _place(idea)
    if own and (own.closing_id or own.referral_id == leading.referral_id):
        return
    if own:
        _leave(own, why=Action.MERGE, at=at, actor=actor)
    place, _is_new = ReferralIdea.objects.get_or_create(referral=leading.referral, idea=idea)
    place.joined_at, place.taken_off_at = at, None
    place.save(update_fields=["joined_at", "taken_off_at"])
    _note(held(leading.referral), ReferralAct.ADD, idea, at=at, actor=actor)


def leave_leader(idea: Idea, *, at: datetime, actor: User | None) -> None:
    """The merger has ended: what came by it is off the leader's referral, what it took away is given back."""
    if not ReferralIdea.objects.filter(idea=idea).exists():
        return
    hold_places([idea.pk])
    place = _place(idea)
    if place and place.joined_at is not None and not place.closing_id:
        _leave(place, why=Action.UNMERGE, at=at, actor=actor)
    merger = idea.events.filter(action=Action.MERGE).order_by("number").last()
    if merger:
        give_back(idea, taken_at=merger.at, at=at, actor=actor, but=place)


def _place(idea: Idea) -> ReferralIdea | None:
    """Where it is with a unit now."""
    rows = ReferralIdea.objects.standing().filter(idea=idea, referral__in=Referral.objects.open())
    return rows.select_related("idea", "referral").first()


def _leave(place: ReferralIdea, *, why: Action, at: datetime, actor: User | None) -> None:
    referral = held(place.referral)
    place.taken_off_at = at
    place.save(update_fields=["taken_off_at"])
    is_last = not referral.places.standing().filter(closing=None).exists()
    if is_last:
        referral.closed_at = at
    act = ReferralAct.RECALL if is_last else ReferralAct.TAKE_OFF
    _note(referral, act, place.idea, at=at, actor=actor, why=why)


def _note(
    referral: Referral,
    act: ReferralAct,
    idea: Idea,
    *,
    at: datetime,
    actor: User | None,
    why: Action | None = None,
    kept_from: str | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    detail = {"idea": idea.receipt, **({"why": why.value} if why else {}), **(more or {})}
    move_referral(referral, act, actor=actor, at=at, detail=detail, kept_from=kept_from)


def _recalled_with_its_last(referral: Referral) -> ReferralEvent | None:
    """The recall of a referral that ended with its last place, if nothing has happened to it since."""
    last = referral.events.exclude(act__in=PHOTO_ACTS | NAMING).order_by("number").last()
    is_so = last and referral.state == ReferralState.RECALLED and "why" in last.detail
    return last if is_so else None
