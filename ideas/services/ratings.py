"""Rating: one row per panellist and idea, whatever is clicked; abstaining, putting off, and marks from paper."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Assignment, Campaign, Criterion, Mark, Rating, User
from ideas.queries.access import require
from ideas.rules.ratings import HIGHEST, LOWEST, weighted_mark


@transaction.atomic
def save_rating(
    *, assignment: Assignment, panellist: User, points: Mapping[int, int], comment: str, at: datetime
) -> Rating:
    """Keep a panellist's marks ({criterion id: 1–10}) for an idea; a later save replaces an earlier one.

    The seat's row is locked first, so parallel posts of one rating leave one.
    """
    seat = _own_seat(assignment, panellist, at)
    _require_marks(points, comment, seat.panellist.campaign)
    return _keep(seat, points, comment=comment.strip(), rated_at=at)


@transaction.atomic
def abstain(*, assignment: Assignment, panellist: User, reason: str, at: datetime) -> Rating:
    """A panellist gives no mark 弃评, without a conflict of interest; a later rating replaces it."""
    seat = _own_seat(assignment, panellist, at)
    return _keep(seat, {}, comment=reason.strip(), rated_at=at, abstained=True)


@transaction.atomic
def put_off(*, assignment: Assignment, panellist: User, at: datetime) -> None:
    """The idea goes to the end of the desk."""
    seat = _own_seat(assignment, panellist, at)
    seat.skipped_at = at
    seat.save(update_fields=["skipped_at"])


@transaction.atomic
def enter_rating(
    *, assignment: Assignment, clerk: User, points: Mapping[int, int], comment: str, at: datetime
) -> Rating:
    """Type in marks from paper; they count once somebody else has confirmed them. What a panellist sent stays."""
    require(clerk, "ideas.enter_rating")
    seat = _open_seat(assignment)
    earlier = getattr(seat, "rating", None)
    if earlier and earlier.entered_by_id is None:
        raise Refusal(_("The panellist has rated this idea at the desk."))
    if earlier and earlier.confirmed_by_id is not None:
        raise Refusal(_("These marks are confirmed."))
    _require_marks(points, comment, seat.panellist.campaign)
    return _keep(seat, points, comment=comment.strip(), rated_at=at, entered_by=clerk)


@transaction.atomic
def confirm_rating(*, assignment: Assignment, clerk: User, points: Mapping[int, int], at: datetime) -> None:
    """A second person has compared the paper with `points`, the marks that their page showed."""
    require(clerk, "ideas.enter_rating")
    seat = _open_seat(assignment)
    rating = getattr(seat, "rating", None)
    if rating is None or rating.entered_by_id is None:
        raise Refusal(_("There are no marks from paper to confirm."))
    if rating.entered_by_id == clerk.pk:
        raise NotPermitted(_("You typed these marks in. Somebody else must confirm them."))
    if dict(rating.marks.values_list("criterion_id", "points")) != dict(points):
        raise Stale(_("These are not the marks that were typed in. Compare the paper again."))
    rating.confirmed_by, rating.confirmed_at = clerk, at
    rating.save(update_fields=["confirmed_by", "confirmed_at"])


def _own_seat(assignment: Assignment, panellist: User, at: datetime) -> Assignment:
    """The seat for writing by its own panellist, while rating is open."""
    seat = _open_seat(assignment)
    if seat.panellist.user_id != panellist.pk:
        raise Refusal(_("This idea is not on your desk."))
    if not seat.panellist.campaign.rating_is_open(at):
        raise Refusal(_("Rating is not open now."))
    return seat


def _open_seat(assignment: Assignment) -> Assignment:
    seat = Assignment.objects.select_for_update().select_related("panellist__campaign", "idea").get(pk=assignment.pk)
    if not seat.panellist.is_active or hasattr(seat, "recusal") or seat.idea.restricted:
        raise Refusal(_("This idea is not on your desk."))
    if hasattr(seat.panellist.campaign, "shortlist"):
        raise Refusal(_("The shortlist has been proposed; marks can no longer change."))
    return seat


def _keep(seat: Assignment, points: Mapping[int, int], **fields: object) -> Rating:
    fresh = {"abstained": False, "entered_by": None, "confirmed_by": None, "confirmed_at": None}
    earlier = Rating.objects.filter(assignment=seat).first()  # the seat is locked: nobody makes another meanwhile
    rating = earlier or Rating(assignment=seat)
    for name, value in {**fresh, **fields}.items():
        setattr(rating, name, value)
    rating.save()
    if earlier:
        rating.marks.exclude(criterion__in=points).delete()
    marks = [Mark(rating=rating, criterion_id=criterion, points=value) for criterion, value in points.items()]
    Mark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["rating", "criterion"], update_fields=["points"]
    )
    return rating


def _require_marks(points: Mapping[int, int], comment: str, campaign: Campaign) -> None:
    criteria: list[Criterion] = list(campaign.criteria.all())
    required = {criterion.pk for criterion in criteria if not criterion.is_optional}
    if not required <= set(points) <= {criterion.pk for criterion in criteria}:
        raise Refusal(_("Give a mark for every criterion."))
    if not all(LOWEST <= value <= HIGHEST for value in points.values()):
        raise Refusal(_("Marks go from 1 to 10."))
    mark = weighted_mark(points, {row.pk: row.weight for row in criteria if not row.is_advice})
    if mark is None:
        raise Refusal(_("Give a mark for at least one criterion that counts."))
    if campaign.comment_below and mark < campaign.comment_below and not comment.strip():
        raise Refusal(_("A mark below %(mark)s needs a comment.") % {"mark": campaign.comment_below})
