"""A place that was closed is taken up again: once by a resident's verdict, at any time by the office."""

from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import MessageTemplate, ReferralAct, ReferralState, SupervisionStep
from ideas.errors import Lacking, Refusal, lacking
from ideas.models import Referral, ReferralEvent, ReferralIdea, User
from ideas.queries.access import require
from ideas.queries.named import is_restricted
from ideas.queries.supervision import to_be_told
from ideas.queries.verdicts import is_free
from ideas.queries.workdays import calendar_of
from ideas.rules.verdicts import REOPENED_FOR
from ideas.rules.visible import required
from ideas.rules.workdays import due_day
from ideas.services.messages import queue_for_staff
from ideas.services.referrals import LONGEST, held, move_referral
from ideas.services.supervision import reached_at
from ideas.services.transactions import in_one_transaction
from ideas.services.workflow import hold_ideas


@in_one_transaction
def reopen(
    *,
    referral: Referral,
    staff: User,
    at: datetime,
    finish_by: date,
    words: str,
    place: ReferralIdea | None = None,
    expected_version: int | None = None,
) -> None:
    """The office has reason to: this place (None: the only one that is closed) goes back to the unit."""
    require(staff, "ideas.refer_idea")
    hold_ideas(referral.places.values_list("idea", flat=True))
    referral = held(referral, expected_version)
    words = required(words, _("Write why it is taken up again."))
    if finish_by < localdate(at):
        raise lacking("finish_by", _("%(day)s is over already.") % {"day": finish_by.isoformat()})
    closed = referral.places.exclude(closing=None).select_related("idea", "referral__unit")
    rows = [row for row in closed if place is None or row == place]
    if len(rows) > 1:
        raise Lacking(_("Not taken up again: something is missing."), {"place": _("Choose the place.")})
    if not rows or not is_free(rows[0]):
        raise Refusal(_("It cannot be taken up again: the idea or the unit has changed meanwhile. Refer it anew."))
    take_up_again(referral, rows[0], actor=staff, at=at, finish_by=finish_by, words=words)


def take_up_again(
    referral: Referral, place: ReferralIdea, *, actor: User | None, at: datetime, finish_by: date, words: str = ""
) -> ReferralEvent:
    """Of a held referral; the unit's head is told. What else is open keeps a later day of its own."""
    if referral.state != ReferralState.CLOSED:
        finish_by = max(finish_by, referral.finish_by)
    detail = {"place": place.idea.receipt, "after": [finish_by.isoformat()]}
    referral.finish_by, referral.closed_at = finish_by, None
    referral.done_at, referral.done_in_time = None, None
    place.closing, place.done_at = None, None
    place.save(update_fields=["closing", "done_at"])
    event = move_referral(referral, ReferralAct.REOPEN, actor=actor, at=at, words=words, detail=detail)
    _tell_head(referral, at)
    return event


def new_day(at: datetime) -> date:
    """The day by which what a resident sends back is to be done."""
    start = localdate(at)
    return due_day(start, REOPENED_FOR, calendar_of(start, start + LONGEST))


def _tell_head(referral: Referral, at: datetime) -> None:
    """That it is back, and until when; nothing of the idea and of what its resident said. Of a unit without log-in the
    office itself."""
    restricted = referral if is_restricted(referral) else None
    people = to_be_told(referral.unit, SupervisionStep.HEAD, restricted).order_by("pk").values_list("email", "phone")
    desk = f"/admin/ideas/referral/{referral.pk}/change/" if referral.unit.by_letter else f"/unit/{referral.pk}/"
    told: dict[str, Any] = {
        "number": referral.shown_number,
        "unit": referral.unit.name,
        "day": referral.finish_by.isoformat(),
        "link": f"{conf.site_url()}{desk}",
    }
    reached = dict.fromkeys(address for person in people for address in reached_at(*person))
    rows = [(medium, address, told) for medium, address in reached]
    queue_for_staff(rows, template=MessageTemplate.REOPENED, at=at)
