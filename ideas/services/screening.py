"""The moderators' verbs. Each is one transaction: the event, the status, and the message that the resident gets."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Channel, DeclineReason, Status
from ideas.errors import Refusal
from ideas.models import Campaign, Idea, User
from ideas.queries.access import require
from ideas.services.messages import tell_resident
from ideas.services.workflow import move_idea


@transaction.atomic
def accept_idea(*, idea: Idea, moderator: User, at: datetime, seen: int | None = None) -> None:
    """The idea is valid and goes to the panel."""
    _may_decide(moderator, idea)
    move_idea(idea=idea, action=Action.ACCEPT, actor=moderator, at=at, seen=seen)
    tell_resident(idea=idea, template="accepted", at=at)


@transaction.atomic
def return_idea(*, idea: Idea, moderator: User, at: datetime, question: str, seen: int | None = None) -> None:
    """Ask the resident for more; the question is told to them as it is written."""
    _may_decide(moderator, idea)
    question = _required(question, _("Write the question that the resident is to answer."))
    move_idea(idea=idea, action=Action.RETURN, actor=moderator, at=at, reason=question, seen=seen)
    tell_resident(idea=idea, template="returned", at=at, variables={"reason": question})


@transaction.atomic
def note_answer(*, idea: Idea, moderator: User, at: datetime, answer: str, seen: int | None = None) -> None:
    """A returned idea comes back into the queue with the answer that the resident gave, by telephone for example."""
    _may_decide(moderator, idea)
    answer = _required(answer, _("Write what the resident answered."))
    move_idea(idea=idea, action=Action.ANSWER, actor=moderator, at=at, reason=answer, seen=seen)


@transaction.atomic
def decline_idea(
    *,
    idea: Idea,
    moderator: User,
    at: datetime,
    declined_as: DeclineReason,
    reason: str,
    seen: int | None = None,
) -> None:
    """The idea is not valid; why is required, in a word from the closed list and in the office's own words."""
    _may_decide(moderator, idea)
    reason = _required(reason, _("Write the reason that the resident is told."))
    detail = {"declined_as": DeclineReason(declined_as).value}
    move_idea(idea=idea, action=Action.DECLINE, actor=moderator, at=at, reason=reason, detail=detail, seen=seen)
    tell_resident(idea=idea, template="declined", at=at, variables={"reason": reason})


@transaction.atomic
def merge_idea(*, idea: Idea, into: Idea, moderator: User, at: datetime, seen: int | None = None) -> None:
    """The idea says the same as an earlier one, which leads; its proposer becomes a co-proposer."""
    _may_decide(moderator, idea)
    # Both rows locked in one order, so that A into B and B into A cannot both win.
    locked = {row.pk: row for row in Idea.objects.select_for_update().filter(pk__in=[idea.pk, into.pk]).order_by("pk")}
    _require_leader(idea=locked[idea.pk], into=locked[into.pk])
    move_idea(idea=idea, action=Action.MERGE, actor=moderator, at=at, detail={"into": into.receipt}, seen=seen)
    Idea.objects.filter(pk=idea.pk).update(merged_into=into)
    tell_resident(idea=idea, template="merged", at=at)


def _require_leader(*, idea: Idea, into: Idea) -> None:
    if idea.pk == into.pk:
        raise Refusal(_("An idea cannot be merged into itself."))
    if idea.campaign_id != into.campaign_id:
        raise Refusal(_("Both ideas must belong to the same campaign."))
    if into.status not in (Status.RECEIVED, Status.RETURNED, Status.ACCEPTED, Status.SHORTLISTED):
        raise Refusal(
            _("%(receipt)s cannot lead: it was declined, merged, passed on or withdrawn.") % {"receipt": into.receipt}
        )
    if (into.received_at, into.pk) > (idea.received_at, idea.pk):
        raise Refusal(_("%(receipt)s came later. The first submitter leads.") % {"receipt": into.receipt})
    if idea.merged.exists():
        raise Refusal(_("Other ideas were merged into this one; it leads and cannot be merged itself."))


@transaction.atomic
def transfer_idea(
    *, idea: Idea, moderator: User, at: datetime, channel: Channel, reason: str, seen: int | None = None
) -> None:
    """The matter belongs to another channel (110, 12345, 12337, 12388); the resident is told which and why."""
    _may_decide(moderator, idea)
    reason = _required(reason, _("Write what the resident is told."))
    detail = {"channel": Channel(channel).value}
    move_idea(idea=idea, action=Action.TRANSFER, actor=moderator, at=at, reason=reason, detail=detail, seen=seen)
    tell_resident(
        idea=idea, template="transferred", at=at, variables={"channel": Channel(channel).label, "reason": reason}
    )


@transaction.atomic
def edit_published(*, idea: Idea, editor: User, at: datetime, title: str, text: str, seen: int | None = None) -> None:
    """Write the text that the public will read; the original stays as it came."""
    require(editor, "ideas.edit_published")
    title = _required(title, _("Write the published title."))
    text = _required(text, _("Write the published text."))
    move_idea(idea=idea, action=Action.EDIT_PUBLISHED, actor=editor, at=at, seen=seen)
    idea.published_title, idea.published_text = title, text
    idea.save(update_fields=["published_title", "published_text"])


def _may_decide(moderator: User, idea: Idea) -> None:
    require(moderator, "ideas.screen_idea")
    if Campaign.objects.filter(pk=idea.campaign_id, released_at__isnull=False).exists():
        raise Refusal(_("The winners of this campaign are released; screening is over."))


def _required(text: str, refusal) -> str:
    if not text.strip():
        raise Refusal(refusal)
    return text.strip()
