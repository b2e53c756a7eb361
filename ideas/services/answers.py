"""What a unit answers: drafted by an officer, approved by its head, released by the office, step by step.

Nothing of it is public before the office has released it, and nothing leaves the unit before its head has approved it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import Adoption, AnswerKind, AnswerState, MessageTemplate, ReferralAct, ReferralState
from ideas.errors import Lacking, NotPermitted, Refusal, Stale
from ideas.models import Referral, ReferralAnswer, User
from ideas.queries.access import require
from ideas.queries.referrals import answer_in_hand, answer_to_release, approves_for, day_on_release
from ideas.rules.referrals import WITH_UNIT, what_lacks
from ideas.rules.visible import required
from ideas.services.closing import close_rest, report_done
from ideas.services.milestones import approve_waiting, release_waiting
from ideas.services.referral_news import tell_proposers
from ideas.services.referrals import acknowledge, held, move_referral, note_answer, require_unit
from ideas.services.transactions import in_one_transaction

WORDS = ("adoption", "public", "internal", "finish_on")
LACKS = {
    "public": _("Write what residents are to read: what is done about it, or why it is not adopted."),
    "adoption": _("Choose what becomes of it."),
    "finish_on": _("Give the day by which it will be done; it is not over yet."),
}


@in_one_transaction
def save_draft(
    *, referral: Referral, officer: User, at: datetime, kind: AnswerKind, words: Mapping[str, Any], seen: str = ""
) -> ReferralAnswer:
    """Keep what stands in the form, complete or not. `words` are values by WORDS, and the `places` that are done;
    `seen` names the draft that the page showed (`name_of`): what a colleague has written since is not written over."""
    referral = held(referral)
    require_unit(referral, officer)
    if referral.state not in WITH_UNIT:
        raise Refusal(_("There is nothing to answer now."))
    draft = answer_in_hand(referral)
    if name_of(draft) != seen:
        raise Stale(_("A colleague has changed this answer since you opened it. Nothing was written over."))
    if draft and draft.state == AnswerState.HANDED_IN:
        raise Refusal(_("The answer is with the unit's head. Have it passed back before you change it."))
    draft = draft or ReferralAnswer(referral=referral)
    for name in WORDS:
        setattr(draft, name, words.get(name) or (None if name == "finish_on" else ""))
    draft.kind, draft.unit, draft.drafted_by, draft.drafted_at = kind, referral.unit, officer, at
    draft.save()
    draft.places.set(words.get("places") or ())
    return draft


def name_of(answer: ReferralAnswer | None) -> str:
    """Which writing of which draft this is; "" where there is none."""
    return f"{answer.pk}:{int(answer.drafted_at.timestamp() * 1_000_000)}" if answer else ""


@in_one_transaction
def hand_in(*, referral: Referral, officer: User, at: datetime, expected_version: int | None = None) -> ReferralAnswer:
    """Give the draft to the unit's head; where one person is both, it leaves the unit at once. Who answers has read it:
    what was not acknowledged yet is acknowledged with it."""
    referral = held(referral, expected_version)
    require_unit(referral, officer)
    answer = _in_hand(referral, AnswerState.DRAFT)
    lacks = what_lacks(
        answer.kind, answer.adoption, public=answer.public, finish_on=answer.finish_on, today=localdate(at)
    )
    if lacks:
        raise Lacking(
            _("Not handed in yet: something is missing. What you wrote is kept as a draft."),
            {name: LACKS[name] for name in WORDS if name in lacks},
        )
    if referral.state == ReferralState.SENT:
        acknowledge(referral=referral, officer=officer, at=at)
        referral = held(referral)
    if answer.kind == AnswerKind.DONE:  # what was chosen for a plan says nothing of what is done
        answer.adoption, answer.finish_on = "", None
    else:
        answer.places.clear()
    if answer.adoption == Adoption.NOT_ADOPTED:
        answer.finish_on = None
    answer.state, answer.passed_back = AnswerState.HANDED_IN, ""
    answer.save()
    move_referral(referral, ReferralAct.HAND_IN, actor=officer, at=at, detail={"kind": answer.kind})
    if approves_for(officer, referral):
        _approve(referral, answer, head=officer, at=at)
    return answer


@in_one_transaction
def take_reply(
    *, referral: Referral, staff: User, at: datetime, words: Mapping[str, Any], expected_version: int | None = None
) -> ReferralAnswer:
    """What a unit without log-in wrote back, typed in by the office: drafted, approved and acknowledged at once."""
    row = held(referral, expected_version)
    save_draft(
        referral=row,
        officer=staff,
        at=at,
        kind=AnswerKind(words["kind"]),
        words=words,
        seen=name_of(answer_in_hand(row)),
    )
    return hand_in(referral=row, officer=staff, at=at)


@in_one_transaction
def approve(*, referral: Referral, head: User, at: datetime, expected_version: int | None = None) -> ReferralAnswer:
    """The unit's head lets it leave the unit: it is answered, or reported done."""
    referral = held(referral, expected_version)
    if not approves_for(head, referral):
        raise NotPermitted(_("Only the head of the unit approves what leaves it."))
    answer = _in_hand(referral, AnswerState.HANDED_IN)
    _approve(referral, answer, head=head, at=at)
    return answer


def _approve(referral: Referral, answer: ReferralAnswer, *, head: User, at: datetime) -> None:
    ReferralAnswer.objects.filter(referral=referral, state=AnswerState.APPROVED).update(state=AnswerState.REPLACED)
    answer.state, answer.approved_by, answer.approved_at = AnswerState.APPROVED, head, at
    answer.save()
    if answer.kind == AnswerKind.DONE:
        report_done(referral, answer.places.all(), head=head, at=at)
        approve_waiting(referral, head=head, at=at)
        return
    note_answer(referral, at)
    detail = {"adoption": answer.adoption} if answer.adoption else {}
    move_referral(referral, ReferralAct.PLAN, actor=head, at=at, detail=detail)
    approve_waiting(referral, head=head, at=at)


@in_one_transaction
def pass_back(
    *, referral: Referral, person: User, at: datetime, words: str, expected_version: int | None = None
) -> None:
    """The unit's head gives it back to the officer with words; it is a draft again."""
    referral = held(referral, expected_version)
    if not approves_for(person, referral):
        raise NotPermitted(_("Only the head of the unit approves what leaves it."))
    answer = _in_hand(referral, AnswerState.HANDED_IN)
    answer.state, answer.passed_back = AnswerState.DRAFT, required(words, _("Write what should be changed."))
    answer.save()
    move_referral(referral, ReferralAct.PASS_BACK, actor=person, at=at, words=answer.passed_back)


@in_one_transaction
def release_answer(
    *,
    referral: Referral,
    staff: User,
    at: datetime,
    public: str,
    finish_by: date | None = None,
    expected_version: int | None = None,
) -> ReferralAnswer:
    """The office releases it, in the words that it has read and may have put more plainly.

    An answer that gives a day sets by when it is to be done: `finish_by`, or where none is given the unit's day, unless
    the office has set one since. What is not adopted is closed with it.
    """
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    answer = answer_to_release(referral)
    if answer is None:
        raise Refusal(_("There is no answer to release."))
    public = required(public, LACKS["public"])
    detail: dict[str, Any] = {"kind": answer.kind}
    if answer.public != public:
        detail["changed"] = True
    if answer.finish_on:
        answer.finish_on = day = finish_by or day_on_release(referral, answer)
        if day < localdate(at):
            over = _("%(day)s is over already.") % {"day": day.isoformat()}
            raise Lacking(_("Not released yet: the day by which it will be done."), {"finish_by": over})
    answer.state, answer.public = AnswerState.RELEASED, public
    answer.released_by, answer.released_at = staff, at
    answer.save()
    if answer.finish_on and answer.finish_on != referral.finish_by:
        detail["before"], detail["after"] = [referral.finish_by.isoformat()], [answer.finish_on.isoformat()]
        referral.finish_by = answer.finish_on
    move_referral(referral, ReferralAct.RELEASE, actor=staff, at=at, detail=detail)
    release_waiting(referral, staff=staff, at=at)
    variables = {"unit": answer.unit, "words": answer.public}
    told = answer.places.standing() if answer.places.exists() else referral.places.standing().filter(closing=None)
    tell_proposers(referral, told.select_related("idea"), template=MessageTemplate.ANSWERED, at=at, variables=variables)
    if answer.adoption == Adoption.NOT_ADOPTED:
        close_rest(referral, staff=staff, at=at, detail={"adoption": answer.adoption})
    return answer


def _in_hand(referral: Referral, state: AnswerState) -> ReferralAnswer:
    answer = answer_in_hand(referral)
    if answer is None or answer.state != state:
        words = {
            AnswerState.DRAFT: _("There is no draft to hand in."),
            AnswerState.HANDED_IN: _("There is no answer to approve."),
        }
        raise Refusal(words[state])
    return answer
