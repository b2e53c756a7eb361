"""Putting ideas on panellists' desks, and standing aside from one."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ideas.choices import Status
from ideas.errors import Refusal
from ideas.models import Assignment, Campaign, Recusal, User
from ideas.queries.access import require
from ideas.rules import panel


@dataclass(frozen=True)
class Assigned:
    """How many assignments were made, and the receipts of ideas that still lack panellists."""

    made: int
    short: list[str]


@transaction.atomic
def assign_panel(
    *, campaign: Campaign, per_idea: int, seed: int, at: datetime, manager: User | None = None
) -> Assigned:
    """Give every accepted idea `per_idea` panellists; what already stands is kept, recused seats are filled again.

    The same seed on the same data gives the same assignments. `manager` is None on the command line only.
    """
    if manager is not None:
        require(manager, "ideas.assign_panel")
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if hasattr(campaign, "shortlist"):
        raise Refusal(_("The shortlist has been proposed; the panel's work is over."))
    reviewers = list(campaign.panellists.filter(is_active=True).order_by("id").values_list("id", flat=True))
    if len(reviewers) < per_idea:
        raise Refusal(
            _("There are %(n)s active panellists; %(k)s reviews per idea need at least as many.")
            % {"n": len(reviewers), "k": per_idea}
        )
    ideas = dict(campaign.ideas.filter(status=Status.ACCEPTED).by_receipt().values_list("id", "receipt"))
    rows = Assignment.objects.filter(panellist__campaign=campaign, idea__in=campaign.ideas.all()).order_by("id")
    standing = list(rows.standing().values_list("idea_id", "panellist_id"))
    recused = set(rows.exclude(recusal=None).values_list("idea_id", "panellist_id"))
    made = panel.assign(list(ideas), reviewers, per_idea, seed, taken=standing, barred=recused)
    Assignment.objects.bulk_create(
        [Assignment(idea_id=idea, panellist_id=reviewer, assigned_at=at) for idea, reviewer in made], batch_size=2000
    )
    short = panel.short(ideas, [*standing, *made], per_idea)
    return Assigned(made=len(made), short=[ideas[idea] for idea in short])


@transaction.atomic
def stand_aside(*, assignment: Assignment, panellist: User, reason: str, at: datetime) -> Recusal:
    """A panellist recuses from an idea; a rating already given by them on it is refused as too late."""
    seat = Assignment.objects.select_for_update().select_related("panellist__campaign").get(pk=assignment.pk)
    if seat.panellist.user_id != panellist.pk:
        raise Refusal(_("This idea is not on your desk."))
    if not reason.strip():
        raise Refusal(_("Say why you stand aside; the office keeps it with the record."))
    if hasattr(seat, "rating"):
        raise Refusal(_("You have already rated this idea."))
    if hasattr(seat, "recusal"):
        return seat.recusal
    if not seat.panellist.campaign.rating_is_open(at):
        raise Refusal(_("Rating is not open now."))
    return Recusal.objects.create(assignment=seat, reason=reason.strip(), at=at)
