"""What a unit asks: of the office, which answers, or passes it on to the resident, whose answer the unit then reads.

While a resident is asked no day of the unit's runs: it ends with the answer, with the time for answering, or with the
office's own word, and each day is later by the pause. Nothing of a resident stands in the trail.
"""

from datetime import datetime, timedelta

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import MessageTemplate, QuestionState, ReferralAct, ReferralState
from ideas.errors import Refusal
from ideas.models import Idea, Referral, Resident, UnitQuestion, User
from ideas.queries.access import require
from ideas.queries.questions import open_question, overdue_questions
from ideas.queries.referrals import told_referrals
from ideas.rules.visible import required
from ideas.services.health import for_each
from ideas.services.messages import new_messages, tell_resident
from ideas.services.referrals import acknowledge, give_back, held, move_referral, require_unit
from ideas.services.screening import answer_due
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas

UNTOLD = _("The resident is told of this referral only after the winners are released. Answer it yourself.")
UNTOLD_RESTRICTED = _("The idea is restricted: its resident is told of no referral. Answer it yourself.")


@in_one_transaction
def ask(
    *,
    referral: Referral,
    officer: User,
    at: datetime,
    words: str,
    idea: Idea | None = None,
    expected_version: int | None = None,
) -> UnitQuestion:
    """Ask the resident of one of the referral's ideas, through the office, or (without an idea) the office itself.

    Who asks has read it: what was not acknowledged yet is acknowledged with it. No day stands still before the office
    has passed it on.
    """
    referral = held(referral, expected_version)
    require_unit(referral, officer)
    words = required(words, _("Write what you want to know."))
    if idea is not None and not referral.places.standing().filter(idea=idea).exists():
        raise Refusal(_("This idea does not belong to the referral."))
    if open_question(referral):
        raise Refusal(_("Your last question is still open. Ask the next one when it is answered."))
    if referral.state == ReferralState.SENT:
        acknowledge(referral=referral, officer=officer, at=at)
        referral = held(referral)
    move_referral(referral, ReferralAct.ASK, actor=officer, at=at, words=words)
    return UnitQuestion.objects.create(
        referral=referral, idea=idea, unit=referral.unit, words=words, asked_by=officer, asked_at=at
    )


def why_not_asked(question: UnitQuestion) -> str:
    """Why the resident of a question cannot be asked, or "": then the office answers it itself.

    What may not be told before the winners are released must not be told by a question either.
    """
    idea = question.idea
    if idea is None:
        return str(_("This question is for the office."))
    if not question.referral.places.standing().filter(idea=idea).exists():
        return str(_("This idea does not belong to the referral any more. Answer the question yourself."))
    if not told_referrals(idea).filter(pk=question.referral_id).exists():
        return str(UNTOLD_RESTRICTED if idea.restricted else UNTOLD)
    resident = Resident.objects.select_related("idea__campaign").filter(idea=idea).first()
    if resident is None:
        return str(_("Nobody can be asked: the personal data of this idea were erased. Answer it yourself."))
    if not new_messages(resident, template=MessageTemplate.UNIT_ASKS, at=question.asked_at):
        return str(_("Nobody can be asked: the resident gave no address to which we can write. Answer it yourself."))
    return ""


@in_one_transaction
def pass_on(
    *, referral: Referral, staff: User, at: datetime, words: str, expected_version: int | None = None
) -> UnitQuestion:
    """Ask the resident, in the office's words; told once, to be answered on the page of the idea within the days that
    the campaign gives for answers. The unit's days stand still meanwhile."""
    require(staff, "ideas.refer_idea")
    words = required(words, _("Write the question that the resident is to answer."))
    found = open_question(referral)
    hold_ideas([found.idea_id] if found and found.idea_id else [])  # before the referral: whoever erases does so too
    referral = held(referral, expected_version)
    question = open_question(referral)
    if question is None or question != found or not question.is_with_office:
        raise Refusal(_("There is no question to pass on."))
    if why := why_not_asked(question):
        raise Refusal(why)
    assert question.idea is not None  # noqa: S101 - why_not_asked
    question.state, question.passed_words, question.passed_by = QuestionState.RESIDENT, words, staff
    question.passed_at, question.due_at = at, answer_due(question.idea.campaign, at)
    question.save()
    move_referral(referral, ReferralAct.PASS_ON, actor=staff, at=at, words=words)
    told = {"unit": question.unit, "reason": words, "last_day": last_day(question.due_at)}
    tell_resident(idea=question.idea, template=MessageTemplate.UNIT_ASKS, at=at, variables=told)
    return question


def last_day(due_at: datetime) -> str:
    return localdate(due_at - timedelta(microseconds=1)).isoformat()


@in_one_transaction
def settle(
    *, referral: Referral, staff: User, at: datetime, words: str, expected_version: int | None = None
) -> UnitQuestion:
    """The office answers itself, or says why it is not answered; whoever was asked need not answer any more."""
    referral = held(referral, expected_version)
    require(staff, "ideas.refer_idea")
    words = required(words, _("Write the answer, or why there is none."))
    question = open_question(referral)
    if question is None:
        raise Refusal(_("There is no question to answer."))
    question.note = words
    _end(referral, question, QuestionState.SETTLED, ReferralAct.SETTLE, actor=staff, at=at, words=words)
    return question


@in_one_transaction
def take_reply(*, idea: Idea, words: str, at: datetime) -> None:
    """What the resident of a locked idea answers; services.tracking has looked whether that is possible."""
    words = required(words, _("Write an answer."))
    found = UnitQuestion.objects.select_related("referral").filter(idea=idea, state=QuestionState.RESIDENT).first()
    question = _still_with_resident(found)
    if question is None:
        raise Refusal(_("This is not possible any more. Nothing was changed."))
    question.reply = words
    _end(question.referral, question, QuestionState.REPLIED, ReferralAct.REPLY, at=at)


def let_questions_lapse(*, at: datetime) -> int:
    """Let units go on whose question no resident has answered in time; returns how many."""
    keys = overdue_questions(at).values_list("pk", flat=True)[:1000]
    return for_each(keys, lambda pk: _lapse(pk, at), what="lapse of question")


@in_one_transaction
def _lapse(pk: int, at: datetime) -> bool:
    question = _still_with_resident(UnitQuestion.objects.select_related("referral").get(pk=pk))
    if question is None or question.due_at is None or question.due_at > at:
        return False  # answered at the last moment, or another worker was faster
    _end(question.referral, question, QuestionState.LAPSED, ReferralAct.LAPSE, at=at)
    return True


def forget_replies(idea: Idea, *, at: datetime) -> None:
    """The person of a locked idea is erased: what they answered goes, and what they are asked ends unanswered."""
    for row in UnitQuestion.objects.select_related("referral").filter(idea=idea, state=QuestionState.RESIDENT):
        if question := _still_with_resident(row):
            _end(question.referral, question, QuestionState.LAPSED, ReferralAct.LAPSE, at=at)
    UnitQuestion.objects.filter(idea=idea).update(reply="")


def _still_with_resident(found: UnitQuestion | None) -> UnitQuestion | None:
    """The same question if the resident is still asked, read anew under the lock of its referral."""
    if found is None:
        return None
    referral = held(found.referral)
    question = open_question(referral)
    if question != found or question is None or not question.is_with_resident:
        return None
    question.referral = referral
    return question


def _end(
    referral: Referral,
    question: UnitQuestion,
    state: QuestionState,
    act: ReferralAct,
    *,
    at: datetime,
    actor: User | None = None,
    words: str = "",
) -> None:
    """The question has ended; where the referral waited for the resident, it goes on with the days of the pause."""
    passed = None
    if referral.state == ReferralState.ASKED:
        passed = referral.events.filter(act=ReferralAct.PASS_ON).order_by("number").last()
    question.state, question.ended_by, question.ended_at = state, actor, at
    question.save()
    detail = give_back(referral, passed.at, at) if passed else {}
    kept_from = passed.before if passed else None
    move_referral(referral, act, actor=actor, at=at, words=words, detail=detail, kept_from=kept_from)
