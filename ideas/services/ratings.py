"""Rating at the desk: one row per panellist and idea, whatever is clicked; abstaining, putting off."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import Bar
from ideas.errors import Refusal, Stale
from ideas.models import Assignment, Campaign, Criterion, Mark, MarkDecision, Rating, UnsentMarks, User
from ideas.models.sealed import vouch
from ideas.queries.eligibility import bars_of_assignment
from ideas.rules.ratings import HIGHEST, LOWEST, weighted_mark
from ideas.rules.visible import as_read, required
from ideas.services.transactions import in_one_transaction


@in_one_transaction
def save_rating(
    *,
    assignment: Assignment,
    panellist: User,
    points: Mapping[int, int],
    comment: str,
    at: datetime,
    expected_version: str | None = None,
) -> Rating:
    """Keep a panellist's marks ({criterion id: 1–10}) for an idea; a later save replaces an earlier one.

    The assignment's row is locked first, so parallel posts of one rating leave one. `expected_version` is
    Rating.version of what the page showed, "" where nothing was given yet; None asks for nothing.
    """
    assignment = _own_assignment(assignment, panellist, at, expected_version)
    require_marks(points, comment, assignment.panellist.campaign)
    UnsentMarks.objects.filter(assignment=assignment).delete()
    return keep_rating(assignment, points, comment=as_read(comment), rated_at=at)


@in_one_transaction
def abstain(
    *, assignment: Assignment, panellist: User, reason: str, at: datetime, expected_version: str | None = None
) -> Rating:
    """A panellist gives no mark 弃评, without a conflict of interest; a later rating replaces it."""
    assignment = _own_assignment(assignment, panellist, at, expected_version)
    UnsentMarks.objects.filter(assignment=assignment).delete()
    return keep_rating(assignment, {}, comment=as_read(reason), rated_at=at, abstained=True)


@in_one_transaction
def put_off(*, assignment: Assignment, panellist: User, typed: Mapping[str, str], at: datetime) -> None:
    """The idea goes to the end of the desk; marks and words that were not saved yet wait there with it.

    They count nowhere, and lie encrypted until the rating is over.
    """
    assignment = _own_assignment(assignment, panellist, at)
    assignment.skipped_at = at
    assignment.save(update_fields=["skipped_at"])
    UnsentMarks.objects.filter(assignment=assignment).delete()
    campaign = assignment.panellist.campaign
    if typed and campaign.rating_until:
        UnsentMarks.objects.create(assignment=assignment, words=dict(typed), expires_at=campaign.rating_until)


def _own_assignment(
    assignment: Assignment, panellist: User, at: datetime, expected_version: str | None = None
) -> Assignment:
    """The assignment for writing by its own panellist, while rating is open."""
    assignment = locked_assignment(assignment)
    if assignment.panellist.user_id != panellist.pk or not assignment.panellist.is_active:
        raise Refusal(_("This idea is not on your desk."))
    require_may_rate(assignment)
    if not assignment.panellist.campaign.rating_is_open(at):
        raise Refusal(_("Rating is not open now."))
    rating = getattr(assignment, "rating", None)
    if rating and rating.entered_by_id and not rating.is_waiting:
        raise Refusal(_("Your marks from paper are confirmed and stay as you signed them."))
    if expected_version is not None and expected_version != (rating.version if rating else ""):
        raise Stale(
            _("What you gave this idea has changed since you opened the page. Nothing was saved now; please compare.")
        )
    return assignment


def require_may_rate(assignment: Assignment) -> None:
    """Asked whenever somebody rates: what was right when the assignment was made may have changed since."""
    bars = bars_of_assignment(assignment)
    if bars:
        why = " ".join(str(bar.label) for bar in Bar if bar in bars)
        raise Refusal(_("You may not rate this idea (%(why)s). Your colleagues will get it.") % {"why": why})


def locked_assignment(assignment: Assignment) -> Assignment:
    """The assignment for writing, as long as marks can change at all; the campaign is locked before it."""
    Campaign.objects.select_for_update(no_key=True).get(pk=assignment.panellist.campaign_id)
    rows = Assignment.objects.select_for_update(of=("self",))
    assignment = rows.select_related("panellist__campaign", "panellist__user", "idea").get(pk=assignment.pk)
    if hasattr(assignment, "recusal") or assignment.idea.restricted:
        raise Refusal(_("This idea is not on your desk."))
    require_no_list(assignment.panellist.campaign)
    return assignment


def require_no_list(campaign: Campaign) -> None:
    if hasattr(campaign, "shortlist"):
        raise Refusal(_("The shortlist has been proposed; marks can no longer change."))


def keep_rating(assignment: Assignment, points: Mapping[int, int], **fields: object) -> Rating:
    """Write the one rating of a locked assignment, its panellist's; what is not given is as if it had never been."""
    fresh: dict[str, object] = {"abstained": False, "entered_by": None, "confirmed_by": None, "confirmed_at": None}
    fresh |= {"returned_by": None, "returned_why": "", "given_by": assignment.panellist.user}
    earlier = Rating.objects.filter(assignment=assignment).first()  # locked: nobody makes another
    rating = earlier or Rating(assignment=assignment)
    for name, value in {**fresh, **fields}.items():
        setattr(rating, name, value)
    rating.assignment = assignment
    rating.seal = vouch("rating", rating.sealed_facts(points))
    rating.save()
    if earlier:
        rating.marks.exclude(criterion__in=points).delete()
        MarkDecision.objects.filter(rating=rating).delete()  # it was made of other marks
    marks = [Mark(rating=rating, criterion_id=criterion, points=value) for criterion, value in points.items()]
    Mark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["rating", "criterion"], update_fields=["points"]
    )
    return rating


def seal_rating(rating: Rating) -> None:
    """Whoever writes something else of a rating ends with this, in the same transaction."""
    points = dict(rating.marks.order_by("criterion").values_list("criterion_id", "points"))
    rating.seal = vouch("rating", rating.sealed_facts(points))
    Rating.objects.filter(pk=rating.pk).update(seal=rating.seal)


def require_marks(points: Mapping[int, int], comment: str, campaign: Campaign) -> None:
    criteria: list[Criterion] = list(campaign.criteria.all())
    needed = {criterion.pk for criterion in criteria if not criterion.is_optional}
    if not needed <= set(points) <= {criterion.pk for criterion in criteria}:
        raise Refusal(_("Give a mark for every criterion."))
    if not all(LOWEST <= value <= HIGHEST for value in points.values()):
        raise Refusal(_("Marks go from 1 to 10."))
    mark = weighted_mark(points, {row.pk: row.weight for row in criteria if not row.is_advice})
    if mark is None:
        raise Refusal(_("Give a mark for at least one criterion that counts."))
    if campaign.comment_below and mark < campaign.comment_below:
        required(comment, _("A weighted mark below %(mark)s needs a comment.") % {"mark": campaign.comment_below})
