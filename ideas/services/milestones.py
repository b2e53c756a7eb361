"""Milestones of a referral: planned and reported by its unit, approved by the unit's head, released by the office.

Nothing of one is public before the office has released it: neither the plan, nor that it is done.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import MessageTemplate, MilestoneState, ReferralAct
from ideas.errors import NotPermitted, Refusal
from ideas.models import Milestone, Referral, User
from ideas.queries.access import require
from ideas.queries.referrals import approves_for
from ideas.rules.milestones import APPROVE, BY_UNIT, MOST, RELEASE, TAKE_BACK
from ideas.rules.visible import required
from ideas.services.referral_news import tell_proposers
from ideas.services.referrals import held, move_referral, require_unit
from ideas.services.transactions import in_one_transaction


class WrongDay(Refusal):
    """The day of a milestone lies where it cannot; the sentence belongs to the field `day`."""


@in_one_transaction
def plan_milestone(
    *,
    referral: Referral,
    officer: User,
    at: datetime,
    planned_on: date,
    words: str,
    expected_version: int | None = None,
) -> Milestone:
    """One step more of the plan; where one person is officer and head it leaves the unit at once."""
    referral = held(referral, expected_version)
    require_unit(referral, officer)
    words = required(words, _("Write what will be done by then."))
    if planned_on < localdate(at):
        raise WrongDay(_("%(day)s is over already.") % {"day": planned_on.isoformat()})
    if referral.milestones.standing().count() >= MOST:
        raise Refusal(_("A referral has at most %(most)s milestones.") % {"most": MOST})
    milestone = Milestone.objects.create(
        referral=referral, unit=referral.unit, planned_on=planned_on, words=words.strip()
    )
    detail = {"milestone": milestone.pk, "planned_on": planned_on.isoformat()}
    move_referral(referral, ReferralAct.PLAN_STEP, actor=officer, at=at, detail=detail)
    if approves_for(officer, referral):
        approve_waiting(referral, head=officer, at=at)
    return milestone


@in_one_transaction
def report_milestone(
    *,
    milestone: Milestone,
    officer: User,
    at: datetime,
    done_on: date,
    words: str = "",
    expected_version: int | None = None,
) -> None:
    """The unit says that it is done, and what was done; until that is released it counts as to come."""
    referral = held(milestone.referral, expected_version)
    require_unit(referral, officer)
    row = Milestone.objects.get(pk=milestone.pk)
    if row.state != MilestoneState.RELEASED:
        raise Refusal(_("Only a released milestone that is still to come is reported done."))
    if not localdate(referral.sent_at) <= done_on <= localdate(at):
        raise WrongDay(_("The day lies between the day on which the referral was sent and today."))
    row.state, row.done_on, row.done_words = MilestoneState.REPORTED, done_on, words.strip()
    row.save()
    detail = {"milestone": row.pk, "done_on": done_on.isoformat()}
    move_referral(referral, ReferralAct.REPORT_STEP, actor=officer, at=at, detail=detail)
    if approves_for(officer, referral):
        approve_waiting(referral, head=officer, at=at)


@in_one_transaction
def approve_milestones(*, referral: Referral, head: User, at: datetime, expected_version: int | None = None) -> None:
    """The unit's head lets all that wait leave the unit."""
    referral = held(referral, expected_version)
    if not approves_for(head, referral):
        raise NotPermitted(_("Only the head of the unit approves what leaves it."))
    if not approve_waiting(referral, head=head, at=at):
        raise Refusal(_("No milestone waits for you."))


def approve_waiting(referral: Referral, *, head: User, at: datetime) -> bool:
    """The same within another act of the head on the locked referral; whether there was any."""
    return bool(_move_all(referral, APPROVE, ReferralAct.PASS_STEP, head, at))


@in_one_transaction
def release_milestones(*, referral: Referral, staff: User, at: datetime, expected_version: int | None = None) -> None:
    """The office makes public all that have left the unit; proposer and co-proposers are told once of all of them."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    released = release_waiting(referral, staff=staff, at=at)
    if not released:
        raise Refusal(_("No milestone waits for the office."))
    variables = {"unit": referral.unit, **_told(released)}
    open_places = referral.places.standing().filter(closing=None).select_related("idea")
    tell_proposers(referral, open_places, template=MessageTemplate.MILESTONE, at=at, variables=variables)


def release_waiting(referral: Referral, *, staff: User, at: datetime) -> list[Milestone]:
    """The same within the release of an answer, whose message tells of it; those that are released now."""
    return _move_all(referral, RELEASE, ReferralAct.SHOW_STEP, staff, at)


@in_one_transaction
def take_back_milestone(
    *, milestone: Milestone, person: User, at: datetime, reason: str, expected_version: int | None = None
) -> None:
    """What the unit still has it takes back itself; what has left it, or is public, the office. A report that is taken
    back leaves the milestone to come."""
    referral = held(milestone.referral, expected_version)
    row = Milestone.objects.get(pk=milestone.pk)
    state = MilestoneState(row.state)
    if state not in BY_UNIT:
        require(person, "ideas.refer_idea")
    elif not person.has_perm("ideas.refer_idea"):
        require_unit(referral, person)
    reason = required(reason, _("Write why it is taken back."))
    if state not in TAKE_BACK:
        raise Refusal(_("What is done and public, or taken back already, is not taken back."))
    row.state = TAKE_BACK[state]
    if row.state == MilestoneState.DROPPED:
        row.released_at = None
    row.done_on, row.done_words = None, ""
    row.save()
    move_referral(referral, ReferralAct.BACK_STEP, actor=person, at=at, words=reason, detail={"milestone": row.pk})


def _move_all(
    referral: Referral,
    moves: Mapping[MilestoneState, MilestoneState],
    act: ReferralAct,
    actor: User,
    at: datetime,
) -> list[Milestone]:
    rows = list(referral.milestones.filter(state__in=moves))
    moved: dict[str, list[int]] = {"planned": [], "done": []}
    for row in rows:
        row.state = moves[MilestoneState(row.state)]
        if row.state == MilestoneState.RELEASED:
            row.released_at = at
        if row.state == MilestoneState.DONE:
            row.done_released_at = at
        row.save()
        moved["planned" if row.done_on is None else "done"].append(row.pk)
    if rows:
        move_referral(referral, act, actor=actor, at=at, detail=dict[str, Any](moved))
    return rows


def _told(rows: list[Milestone]) -> dict[str, str]:
    """Lines for the message."""
    planned = [f"{row.planned_on.isoformat()} {row.words}" for row in rows if row.done_on is None]
    done = [f"{row.done_on.isoformat()} {row.words} {row.done_words}".strip() for row in rows if row.done_on]
    return {"planned": "\n".join(planned), "done": "\n".join(done)}
