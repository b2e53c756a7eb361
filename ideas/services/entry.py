"""Typing in what came on paper or by telephone: one idea, once, with the photo of its slip."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Source
from ideas.errors import NotPermitted, Refusal
from ideas.models import Campaign, Draft, Idea, User
from ideas.models.drafts import DraftContent
from ideas.queries.access import require
from ideas.rules.entry import Late, counted_moment
from ideas.services.drafts import is_same_idea, lock_draft
from ideas.services.intake import Entry, receive_idea
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import move_idea

WHY_NOT = {
    Late.NOT_OPEN: _("Collecting has not begun yet."),
    Late.OVER: _("The time for typing in slips is over. Ask the campaign's manager about late entry."),
    Late.FUTURE: _("This day is still to come. Please check the date."),
    Late.EARLY: _("On this day collecting had not begun. Please check the date."),
    Late.AFTER: _("On this day collecting had ended: the slip is late and cannot be taken."),
}
CODE_LIFE = timedelta(hours=1)  # so long the receipt can be printed again with its query code


def received_moment(campaign: Campaign, *, slip_on: date, at: datetime) -> datetime:
    """When an idea of this slip counts as received; refuses with a sentence if it cannot be taken (any more)."""
    found = counted_moment(
        day_begins=timezone.make_aware(datetime.combine(slip_on, time())),
        entered_at=at,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        entry_until=campaign.entry_until,
    )
    if campaign.is_released:
        found = Late.OVER
    if isinstance(found, Late):
        raise Refusal(WHY_NOT[found])
    return found


def why_closed(campaign: Campaign, *, at: datetime) -> str:
    """Why nothing can be typed in now, where nothing can."""
    return str(WHY_NOT[Late.NOT_OPEN if at < campaign.opens_at else Late.OVER])


@in_one_transaction
def open_entry(*, key: UUID, campaign: Campaign, clerk: User, at: datetime) -> Draft:
    """The locked draft that holds the photo of the slip between form and idea; a clerk's own only."""
    require(clerk, "ideas.enter_idea")
    draft, _made = lock_draft(campaign=campaign, at=at, content=DraftContent(form_key=key, clerk=clerk.pk))
    if draft.campaign_id != campaign.pk or draft.content.clerk != clerk.pk:
        raise NotPermitted(_("This form belongs to somebody else or to another campaign."))
    return draft


class AlreadyIn(Refusal):
    """This form is an idea already, with other words than now."""

    def __init__(self, idea: Idea) -> None:
        super().__init__(
            _(
                "This form is in already as %(receipt)s; what you changed since was not taken over. Taking it in now "
                "makes another idea of it."
            )
            % {"receipt": idea.receipt}
        )


@in_one_transaction
def enter_idea(
    *,
    key: UUID,
    campaign: Campaign,
    clerk: User,
    answers: Mapping[str, Any],
    source: Source,
    slip_on: date,
    without_photo: str,
    at: datetime,
) -> Idea:
    """Take in one slip or call; the same form again gives the same idea.

    A slip needs its photo, or a reason (`without_photo`), which is kept as a note of the office.
    """
    draft = open_entry(key=key, campaign=campaign, clerk=clerk, at=at)
    if draft.idea is not None:
        if (draft.idea.source, draft.idea.slip_on) == (source, slip_on) and is_same_idea(draft.idea, answers):
            return draft.idea
        raise AlreadyIn(draft.idea)
    received_at = received_moment(campaign, slip_on=slip_on, at=at)
    if source == Source.PAPER and not (without_photo or draft.photos.exists()):
        raise Refusal(_("Add a photo of the slip, or write why there is none."))
    entry = Entry(by=clerk, at=at, slip_on=slip_on)
    sent = receive_idea(
        campaign=campaign, answers=answers, at=received_at, source=source, form_hash=draft.form_hash, entry=entry
    )
    draft.photos.update(draft=None, idea=sent.idea, is_slip=True)
    if without_photo:
        move_idea(idea=sent.idea, action=Action.NOTE, actor=clerk, at=at, reason=without_photo)
    draft.idea, draft.expires_at = sent.idea, at + CODE_LIFE
    draft.content = DraftContent(form_key=key, clerk=clerk.pk, code=sent.code)
    draft.save(update_fields=["idea", "payload", "expires_at"])
    return sent.idea


def code_to_print(idea: Idea, *, clerk: User, at: datetime) -> str:
    """The query code of an idea that this clerk typed in less than an hour ago; "" later, for nobody keeps it."""
    draft = Draft.objects.filter(idea=idea, expires_at__gt=at).first()
    return draft.content.code if draft and draft.content.clerk == clerk.pk else ""
