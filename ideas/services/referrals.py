"""Referrals: ideas given to a unit, acknowledged, given to another one or kept, followed until they are closed.

`move_referral` is the only writer of a referral's state and of its events. Whoever acts for a unit is of that unit; for
a unit that is written to by letter the office types in what it replied.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import AnswerState, QuestionState, ReferralAct, ReferralState
from ideas.errors import NotPermitted, Refusal, Stale, lacking
from ideas.models import Campaign, Idea, Referral, ReferralEvent, ReferralIdea, Unit, User
from ideas.models.sealed import vouch
from ideas.queries.access import require
from ideas.queries.referrals import DUE_COLUMNS, days_taken, officers_of, open_referrals_of, works_for
from ideas.queries.referring import days_of
from ideas.queries.workdays import calendar_of
from ideas.rules.referrals import (
    ENDS_CONTACTS,
    ENDS_PLACE,
    ENDS_QUESTIONS,
    GIVES_BACK,
    OPEN_QUESTIONS,
    Days,
    Due,
    next_state,
)
from ideas.rules.visible import required
from ideas.rules.workdays import due_day, workdays_between
from ideas.rules.workflow import VALID
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas

DAY = timedelta(days=1)
LONGEST = timedelta(days=550)  # what 360 working days may take


class NotReferred(Refusal):
    """These ideas cannot be given to this unit."""


@in_one_transaction
def send_referral(
    *,
    ideas: Sequence[Idea],
    unit: Unit,
    staff: User,
    at: datetime,
    instruction: str,
    helping: Sequence[Unit] = (),
    days: Days | None = None,
    expected_versions: Mapping[int, int | None] | None = None,
    for_named: bool = False,
) -> Referral:
    """Give valid ideas of one campaign to a unit that can act; each may be in one open referral at a time. None of them
    is restricted, or all: then services.named says to whom it goes (`for_named`).

    `days` are the campaign's unless others are given. `expected_versions` are the Idea.version of each, by key, that
    the page showed (None: any is taken).
    """
    require(staff, "ideas.refer_idea")
    instruction = required(instruction, _("Write what the unit is to do."))
    campaign = _campaign_of(ideas)
    hold_ideas(idea.pk for idea in ideas)
    _require_referable(ideas, expected_versions, for_named)
    _require_able(unit, helping)
    number = campaign.referrals.aggregate(last=Max("number"))["last"] or 0
    due = _due(at, days or days_of(campaign))
    referral = Referral.objects.create(
        campaign=campaign, number=number + 1, unit=unit, instruction=instruction, sent_at=at, **_columns(due)
    )
    referral.helping_units.set(helping)
    ReferralIdea.objects.bulk_create(ReferralIdea(referral=referral, idea=idea) for idea in ideas)
    move_referral(referral, ReferralAct.SEND, actor=staff, at=at, words=instruction, detail={"days": _said(due)})
    return referral


def _campaign_of(ideas: Sequence[Idea]) -> Campaign:
    """Held, so that two referrals do not take one number."""
    keys = {idea.campaign_id for idea in ideas}
    if len(keys) != 1:
        raise NotReferred(_("Choose ideas of one campaign.") if keys else _("Choose at least one idea."))
    return Campaign.objects.select_for_update(no_key=True).get(pk=keys.pop())


def _require_referable(ideas: Sequence[Idea], seen: Mapping[int, int | None] | None, for_named: bool) -> None:
    rows = Idea.objects.in_bulk([idea.pk for idea in ideas])
    for idea in rows.values():
        if seen is not None and seen.get(idea.pk) != idea.version:
            raise Stale(
                _("%(receipt)s has changed since you opened this page. Nothing was sent; please look again.")
                % {"receipt": idea.receipt}
            )
        if idea.restricted != for_named or idea.status not in VALID:
            raise NotReferred(_("%(receipt)s is not referred: only accepted ideas are.") % {"receipt": idea.receipt})
    for receipt, referral in open_referrals_of(rows.values()):
        raise NotReferred(
            _("%(receipt)s is with %(unit)s already (%(number)s).")
            % {"receipt": receipt, "unit": referral.unit, "number": referral.shown_number}
        )


def _require_able(unit: Unit, helping: Sequence[Unit] = ()) -> None:
    for one in (unit, *helping):
        if not one.is_active:
            raise NotReferred(_("%(unit)s takes no referrals.") % {"unit": one})
    if unit in helping:
        raise NotReferred(_("%(unit)s leads; it need not help as well.") % {"unit": unit})
    if not unit.by_letter and not officers_of(unit).exists():
        raise NotReferred(
            _("Nobody of %(unit)s can log in yet: give one of its users the role “unit officer”.") % {"unit": unit}
        )


@in_one_transaction
def acknowledge(*, referral: Referral, officer: User, at: datetime, expected_version: int | None = None) -> None:
    """The unit has read it and takes it on."""
    referral = held(referral, expected_version)
    require_unit(referral, officer)
    referral.acknowledged_at = at
    move_referral(referral, ReferralAct.ACKNOWLEDGE, actor=officer, at=at)


@in_one_transaction
def ask_return(
    *,
    referral: Referral,
    officer: User,
    at: datetime,
    reason: str,
    better: Unit | None = None,
    expected_version: int | None = None,
) -> None:
    """The unit says that it is not its affair, and whose it is. Until the office decides no day runs."""
    referral = held(referral, expected_version)
    require_unit(referral, officer)
    reason = required(reason, _("Write why this is not your unit's affair."))
    if better == referral.unit:
        raise Refusal(_("Name another unit than your own."))
    detail = {"better": better.name} if better else {}
    move_referral(referral, ReferralAct.ASK_RETURN, actor=officer, at=at, words=reason, detail=detail)


@in_one_transaction
def reassign(
    *,
    referral: Referral,
    unit: Unit,
    staff: User,
    at: datetime,
    words: str,
    days: Days | None = None,
    expected_version: int | None = None,
) -> None:
    """The office agrees: another unit gets it, with days of its own: the campaign's unless others are given."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    words = required(words, _("Write a word to the unit that gets it."))
    if unit == referral.unit:
        raise Refusal(_("Choose another unit, or let it stay with this one."))
    _require_able(unit)
    detail = {"from": referral.unit.name, "to": unit.name}
    referral.unit, referral.sent_at, referral.acknowledged_at, referral.answered_at = unit, at, None, None
    referral.answer_days = referral.answer_in_time = None
    referral.helping_units.remove(unit)
    referral.named.clear()  # of the unit before; services.named says whom of this one
    # What the unit before had begun to say is not for the one that comes after it, and not the office's to release.
    unsaid = (AnswerState.DRAFT, AnswerState.HANDED_IN, AnswerState.APPROVED)
    referral.answers.filter(state__in=unsaid).update(state=AnswerState.REPLACED)
    referral.places.filter(closing=None).update(done_at=None)
    referral.milestones.all().drop()
    _set_due(referral, _due(at, days or days_of(referral.campaign)))
    move_referral(referral, ReferralAct.REASSIGN, actor=staff, at=at, words=words, detail=detail)


@in_one_transaction
def keep(*, referral: Referral, staff: User, at: datetime, words: str, expected_version: int | None = None) -> None:
    """The office does not agree: it stays, and the days that ran out meanwhile are given back."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    words = required(words, _("Write why it stays with the unit."))
    asked = referral.events.filter(act=ReferralAct.ASK_RETURN).order_by("number").last()
    if asked is None:
        raise Refusal(_("No return was asked for."))
    detail = give_back(referral, asked.at, at)
    move_referral(referral, ReferralAct.KEEP, actor=staff, at=at, words=words, detail=detail, kept_from=asked.before)


@in_one_transaction
def change_due(
    *, referral: Referral, due: Due, staff: User, at: datetime, reason: str, expected_version: int | None = None
) -> None:
    """Other days for one referral, with a reason; none of them in the past, and each step after the one before."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    reason = required(reason, _("Write why the days are changed."))
    if not due.is_in_order(referral.state):
        raise Refusal(_("Acknowledging comes before the answer, and the answer before the end."))
    if (runs := due.of(referral.state)) and runs < localdate(at):
        field = DUE_COLUMNS[ReferralState(referral.state)]
        raise lacking(field, _("%(day)s is over already.") % {"day": runs.isoformat()})
    detail = {"before": _said(referral.due), "after": _said(due)}
    _set_due(referral, due)
    move_referral(referral, ReferralAct.CHANGE_DUE, actor=staff, at=at, words=reason, detail=detail)


@in_one_transaction
def recall(*, referral: Referral, staff: User, at: datetime, reason: str, expected_version: int | None = None) -> None:
    """The office takes it back; the ideas may be referred again."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    reason = required(reason, _("Write why it is recalled."))
    referral.closed_at = at
    move_referral(referral, ReferralAct.RECALL, actor=staff, at=at, words=reason)


def held(referral: Referral, expected_version: int | None = None) -> Referral:
    """The row, locked; Stale if it is not the version that the actor's page showed (None: any is taken)."""
    rows = Referral.objects.select_for_update(of=("self",)).select_related("unit", "campaign")
    locked = rows.get(pk=referral.pk)
    if expected_version is not None and locked.version != expected_version:
        raise Stale(_("This referral has changed since you opened it. Nothing was done; please look again."))
    return locked


def require_unit(referral: Referral, user: User) -> None:
    """Refuse whoever does not act for the unit that leads it."""
    if not works_for(user, referral):
        raise NotPermitted(_("This referral is not your unit's."))


def move_referral(
    referral: Referral,
    act: ReferralAct,
    *,
    actor: User | None,
    at: datetime,
    words: str = "",
    detail: Mapping[str, Any] | None = None,
    kept_from: str | None = None,
) -> ReferralEvent:
    """Ask the rulebook, record the event, save the locked row with whatever else the act has set on it."""
    before = referral.state if referral.version else None
    after = next_state(before, act, kept_from)
    if after is None:
        raise Refusal(
            _("“%(act)s” is not possible: the referral is “%(state)s”.")
            % {"act": act.label, "state": ReferralState(referral.state).label}
        )
    referral.state, referral.version = after, referral.version + 1
    event = ReferralEvent(
        referral=referral,
        number=referral.version,
        act=act,
        before=before or "",
        after=after,
        actor=actor,
        unit=referral.unit,
        at=at,
        words=words,
        detail=dict(detail or {}),
    )
    event.seal = vouch("referral", event.sealed_facts())
    event.save(force_insert=True)
    referral.save()
    if act in ENDS_QUESTIONS:
        still = referral.questions.filter(state__in=OPEN_QUESTIONS)
        still.update(state=QuestionState.DROPPED, ended_by=actor, ended_at=at)
    if act in ENDS_CONTACTS:
        named = event.about or [event.detail.get("idea", "")]
        of_places = {"idea__receipt__in": named} if act in ENDS_PLACE else {}
        referral.contact_releases.filter(ended_at=None, **of_places).update(ended_at=at)
    return event


def note_answer(referral: Referral, at: datetime) -> None:
    """When it was answered first, how many working days that took, and whether it was in time: none of it changes with
    a day or the calendar later. What is reported done is answered, too."""
    if referral.answered_at is None:
        referral.answered_at, referral.answer_in_time = at, localdate(at) <= referral.answer_by
        referral.answer_days = days_taken(referral, at)


def _due(at: datetime, days: Days) -> Due:
    start = localdate(at)
    known = calendar_of(start, start + LONGEST)
    return Due(*(due_day(start, number, known) for number in (days.acknowledge, days.answer, days.finish)))


def give_back(referral: Referral, since: datetime, at: datetime) -> dict[str, list[str]]:
    """Set each day of a locked referral later by the working days of a pause, its first and its last included, of some
    hours of one day by none (rules.workdays.Pause); a day that an earlier pause gave back counts once. Returns the days
    before and after, for the event."""
    if localdate(since) == localdate(at):
        return {}
    ends = referral.events.filter(act__in=GIVES_BACK, at__gte=referral.sent_at)
    given = [localdate(event.at) for event in ends if "after" in event.detail]
    first, last, due = max([localdate(since), *(day + DAY for day in given)]), localdate(at), referral.due
    known = calendar_of(min(first, due.acknowledge), max(last, due.finish) + LONGEST)
    lost = workdays_between(first - DAY, last, known)
    later = Due(*(due_day(day, lost, known) if lost else day for day in (due.acknowledge, due.answer, due.finish)))
    _set_due(referral, later)
    return {"before": _said(due), "after": _said(later)}


def _columns(due: Due) -> dict[str, date]:
    return {"acknowledge_by": due.acknowledge, "answer_by": due.answer, "finish_by": due.finish}


def _set_due(referral: Referral, due: Due) -> None:
    for name, day in _columns(due).items():
        setattr(referral, name, day)


def _said(due: Due) -> list[str]:
    return [day.isoformat() for day in _columns(due).values()]
