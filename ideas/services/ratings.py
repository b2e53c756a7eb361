"""Rating: one row per panellist and idea, whatever is clicked."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ideas.errors import Refusal
from ideas.models import Assignment, Mark, Rating, User
from ideas.rules.ratings import HIGHEST, LOWEST


@transaction.atomic
def save_rating(
    *, assignment: Assignment, panellist: User, points: Mapping[int, int], comment: str, at: datetime
) -> Rating:
    """Keep a panellist's marks ({criterion id: 1–10}) for an idea; a later save replaces an earlier one.

    The seat's row is locked first, so parallel posts of one rating leave one.
    """
    seat = Assignment.objects.select_for_update().select_related("panellist__campaign").get(pk=assignment.pk)
    campaign = seat.panellist.campaign
    if seat.panellist.user_id != panellist.pk or not seat.panellist.is_active or hasattr(seat, "recusal"):
        raise Refusal(_("This idea is not on your desk."))
    if not campaign.rating_is_open(at):
        raise Refusal(_("Rating is not open now."))
    if hasattr(campaign, "shortlist"):
        raise Refusal(_("The shortlist has been proposed; marks can no longer change."))
    _require_marks(points, criteria=set(campaign.criteria.values_list("id", flat=True)))
    rating, _created = Rating.objects.update_or_create(
        assignment=seat, defaults={"comment": comment.strip(), "rated_at": at}
    )
    for criterion, value in points.items():
        Mark.objects.update_or_create(rating=rating, criterion_id=criterion, defaults={"points": value})
    return rating


def _require_marks(points: Mapping[int, int], *, criteria: set[int]) -> None:
    if set(points) != criteria:
        raise Refusal(_("Give a mark for every criterion."))
    if not all(LOWEST <= value <= HIGHEST for value in points.values()):
        raise Refusal(_("Marks go from 1 to 10."))
