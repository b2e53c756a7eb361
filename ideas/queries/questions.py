"""What units ask, as each side reads it: the office all of it, the unit without whoever answered, the resident what was
asked of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ideas.choices import QuestionState
from ideas.models import Idea, Referral, UnitQuestion
from ideas.queries.panel import blind_replies
from ideas.rules.referrals import OPEN_QUESTIONS


@dataclass(frozen=True)
class ReadQuestion:
    """A question beside the resident's answer as its reader gets it."""

    question: UnitQuestion
    reply: str


def open_question(referral: Referral) -> UnitQuestion | None:
    rows = referral.questions.filter(state__in=OPEN_QUESTIONS).select_related("idea__campaign", "referral", "unit")
    return rows.first()


def questions_for_office(referral: Referral) -> list[ReadQuestion]:
    return [ReadQuestion(row, row.reply) for row in _rows(referral)]


def questions_for_unit(referral: Referral) -> list[ReadQuestion]:
    """Those since it is this unit's; in the answers the resident's names and contacts are covered."""
    rows = list(_rows(referral).filter(asked_at__gte=referral.sent_at))
    replies = blind_replies(rows)
    return [ReadQuestion(row, replies[row.pk]) for row in rows]


def _rows(referral: Referral) -> QuerySet[UnitQuestion]:
    return referral.questions.select_related("asked_by", "idea").order_by("id")


def asked_of_resident(idea: Idea) -> list[UnitQuestion]:
    """What this idea's own resident was asked, in the order of asking; a restriction since changes nothing of it."""
    rows = UnitQuestion.objects.filter(idea=idea, passed_at__isnull=False).select_related("unit")
    return list(rows.order_by("passed_at", "id"))


def overdue_questions(at: datetime) -> QuerySet[UnitQuestion]:
    """Those that no resident has answered in time."""
    return UnitQuestion.objects.filter(state=QuestionState.RESIDENT, due_at__lte=at).order_by("due_at")
