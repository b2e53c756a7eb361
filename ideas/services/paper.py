"""Marks from paper: typed in by one, compared with the signed sheet and confirmed by another, or sent back."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ideas.choices import OfficeAct
from ideas.errors import NotPermitted, Refusal, Stale
from ideas.models import Assignment, Campaign, Panellist, Rating, Recusal, User
from ideas.queries.access import require
from ideas.rules.visible import as_read, required
from ideas.services.office import log_act
from ideas.services.ratings import keep_rating, locked_assignment, require_marks, require_no_list, seal_rating
from ideas.services.transactions import in_one_transaction


@in_one_transaction
def enter_rating(
    *,
    assignment: Assignment,
    clerk: User,
    points: Mapping[int, int],
    comment: str,
    at: datetime,
    abstained: bool = False,
    expected_version: str = "",
) -> Rating:
    """Type in a line of a sheet; it counts once somebody else has confirmed it. What a panellist sent stays.

    `expected_version` is Rating.version of the marks that the page showed, "" where there were none.
    """
    assignment = _locked(assignment, clerk)
    _require_open(assignment, expected_version)
    if abstained:
        return keep_rating(assignment, {}, comment=as_read(comment), rated_at=at, abstained=True, entered_by=clerk)
    require_marks(points, comment, assignment.panellist.campaign)
    return keep_rating(assignment, points, comment=as_read(comment), rated_at=at, entered_by=clerk)


@in_one_transaction
def take_away(*, assignment: Assignment, clerk: User, at: datetime, expected_version: str) -> None:
    """Marks were typed into a line that is empty on paper; only as long as nobody has confirmed them."""
    assignment = _locked(assignment, clerk)
    rating = _require_open(assignment, expected_version)
    if rating:
        by = str(rating.entered_by)
        # With both keys: without them queries.stamps would take it for tampering.
        _log(OfficeAct.PAPER_AWAY, assignment, clerk, at, typed_in_by=by, seat=assignment.pk, rating=rating.pk)
        rating.delete()


@in_one_transaction
def enter_recusal(*, assignment: Assignment, clerk: User, reason: str, at: datetime) -> Recusal:
    """The panellist stands aside on paper; a colleague can be assigned instead."""
    assignment = _locked(assignment, clerk)
    reason = required(reason, _("Write why the panellist stands aside; the office keeps it with the record."))
    if hasattr(assignment, "rating"):
        raise Refusal(_("There are marks for this idea; nobody stands aside after rating."))
    _log(OfficeAct.PAPER_ASIDE, assignment, clerk, at, reason=reason)
    return Recusal.objects.create(assignment=assignment, reason=reason, at=at, entered_by=clerk)


@in_one_transaction
def confirm_rating(*, assignment: Assignment, clerk: User, expected_version: str, at: datetime) -> None:
    """A second person has compared the paper with the marks that their page showed."""
    _confirm(_locked(assignment, clerk), clerk, expected_version, at)


@in_one_transaction
def confirm_sheet(*, panellist: Panellist, clerk: User, expected_version: Mapping[int, str], at: datetime) -> int:
    """The same for many lines of one sheet, {assignment key: seen}: all of them, or none. Returns how many."""
    assignments = Assignment.objects.filter(panellist=panellist, pk__in=list(expected_version)).select_related(
        "idea", "panellist"
    )
    for row in assignments.order_by("id"):
        try:
            _confirm(_locked(row, clerk), clerk, expected_version[row.pk], at)
        except Stale as stale:
            words = {"receipt": row.idea.receipt, "why": stale.message}
            raise Stale(_("%(receipt)s: %(why)s Nothing was confirmed.") % words) from stale
    return len(assignments)


@in_one_transaction
def send_back(*, assignment: Assignment, clerk: User, expected_version: str, why: str, at: datetime) -> None:
    """The paper says something else; whoever typed it in looks again. The office keeps who found what."""
    assignment = _locked(assignment, clerk)
    rating = _waiting(assignment, clerk, expected_version)
    why = required(why, _("Write what is wrong, so that it can be mended."))
    _log(OfficeAct.PAPER_BACK, assignment, clerk, at, reason=why, typed_in_by=str(rating.entered_by))
    rating.returned_by, rating.returned_why = clerk, why
    rating.save(update_fields=["returned_by", "returned_why"])
    seal_rating(rating)


def _confirm(assignment: Assignment, clerk: User, expected_version: str, at: datetime) -> None:
    rating = _waiting(assignment, clerk, expected_version)
    rating.confirmed_by, rating.confirmed_at = clerk, at
    rating.returned_by, rating.returned_why = None, ""
    rating.save(update_fields=["confirmed_by", "confirmed_at", "returned_by", "returned_why"])
    seal_rating(rating)


def _locked(assignment: Assignment, clerk: User) -> Assignment:
    """The assignment for writing. The campaign is locked first: the list may be proposed at the same moment.

    A panellist who left is no hindrance: what lies signed on paper is worth what is rated at the desk.
    """
    require(clerk, "ideas.enter_rating")
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=assignment.panellist.campaign_id)
    require_no_list(campaign)
    if campaign.panellists.filter(user=clerk).exists():
        raise NotPermitted(_("You sit on this panel and rate blindly; somebody else must type in the marks."))
    return locked_assignment(assignment)


def _require_open(assignment: Assignment, expected_version: str) -> Rating | None:
    """The line's unconfirmed marks, if any, unless they are others than the page showed."""
    rating: Rating | None = getattr(assignment, "rating", None)
    if rating and rating.entered_by_id is None:
        raise Refusal(_("The panellist has rated this idea at the desk."))
    if rating and not rating.is_waiting:
        raise Refusal(_("These marks are confirmed."))
    if (rating.version if rating else "") != expected_version:
        raise Stale(_("This line has changed meanwhile. Look at it again."))
    return rating


def _waiting(assignment: Assignment, clerk: User, expected_version: str) -> Rating:
    rating: Rating | None = getattr(assignment, "rating", None)
    if rating is None or not rating.is_waiting:
        raise Stale(_("These marks no longer wait to be confirmed."))
    if rating.entered_by_id == clerk.pk:
        raise NotPermitted(_("You typed these marks in. Somebody else must confirm them."))
    if rating.version != expected_version:
        raise Stale(_("These are not the marks that were typed in. Compare the paper again."))
    return rating


def _log(
    act: OfficeAct, assignment: Assignment, clerk: User, at: datetime, /, *, reason: str = "", **detail: object
) -> None:
    facts = {"panellist": assignment.panellist_id, **detail}
    log_act(
        act=act,
        at=at,
        actor=clerk,
        campaign=assignment.panellist.campaign,
        idea=assignment.idea,
        purpose=reason,
        detail=facts,
    )
