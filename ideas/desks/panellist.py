"""A panellist's desk: the own ideas; rating one, giving no mark, putting it off, standing aside from it."""

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ideas.desks.pages import desk
from ideas.errors import Refusal, Stale
from ideas.forms.ratings import AbstainForm, RatingForm, RecusalForm
from ideas.models import Assignment
from ideas.queries import access
from ideas.queries.eligibility import bars_on_desk, not_theirs
from ideas.queries.panel import anonymised, anonymised_titles, why_empty
from ideas.queries.ratings import (
    SEAT_STATES,
    TO_DO,
    Progress,
    Seat,
    next_assignment,
    own_marks,
    previous_assignment,
    progress_in,
    progress_of,
    seats_of,
)
from ideas.requests import StaffRequest
from ideas.services import ratings as services
from ideas.services.panel import stand_aside

PER_PAGE = 30
SEAT_WORDS = {
    "to_do": gettext_lazy("to do"),
    "put_off": gettext_lazy("put off"),
    "rated": gettext_lazy("rated"),
    "abstained": gettext_lazy("abstained"),
}


@desk()
@require_safe
def own_ideas(request: StaffRequest) -> HttpResponse:
    """The desk: how far it is in each campaign, and a page of its ideas, with `?state` those in one state."""
    own = access.assignments(request.user)
    theirs = not_theirs(own)
    seats = seats_of(own.exclude(pk__in=theirs))
    counts = Counter(seat.state for seat in seats)
    wished = request.GET.get("state", "")
    shown = [seat for seat in seats if seat.state == wished] if wished in SEAT_STATES else seats
    progress = progress_of(seats)
    place = {row.campaign.pk: number for number, row in enumerate(progress)}
    shown.sort(key=lambda seat: place[seat.campaign])  # the newest campaign first, each in its turn
    part = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    rows = own.select_related("rating").in_bulk([seat.pk for seat in part.object_list])
    titles = anonymised_titles([row.idea_id for row in rows.values()])
    lines: dict[int, list[tuple[Assignment, str]]] = defaultdict(list)
    for seat in part.object_list:
        if row := rows.get(seat.pk):
            lines[seat.campaign].append((row, titles[row.idea_id]))
    context = {
        "blocks": [_block(request, row, seats, lines[row.campaign.pk]) for row in progress],
        "page": part,
        "states": [(state, SEAT_WORDS[state], counts[state]) for state in SEAT_STATES if counts[state]],
        "state": wished if wished in SEAT_STATES else "",
        "gone": len(theirs),
        "why_empty": "" if seats else why_empty(request.user),
    }
    return render(request, "panel/desk.html", context)


def _block(
    request: StaffRequest, progress: Progress, seats: list[Seat], lines: list[tuple[Assignment, str]]
) -> dict[str, Any]:
    """One campaign on the desk: whose turn it is, and those of its ideas that the page shows."""
    campaign = progress.campaign
    is_open = campaign.rating_is_open(request.at)
    to_do = (seat.pk for seat in seats if seat.campaign == campaign.pk and seat.state in TO_DO)
    return {
        "progress": progress,
        "is_open": is_open,
        "next": next(to_do, None) if is_open else None,
        "assignments": lines,
    }


@desk()
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: StaffRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(access.assignments(request.user).select_related("rating"), pk=pk)
    if request.method != "POST":
        return _show(request, assignment)
    form = _posted(request, assignment)
    if form.is_valid():
        try:
            services.save_rating(
                assignment=assignment,
                panellist=request.user,
                points=form.points(),
                comment=form.cleaned_data["comment"],
                at=request.at,
                expected_version=request.POST.get("seen", ""),
            )
        except Stale as stale:
            form.add_error(None, stale.message)
            assignment = access.assignments(request.user).select_related("rating").get(pk=pk)
            form.compare(_form(assignment))
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("Saved: %(receipt)s") % {"receipt": assignment.idea.receipt})
            return _next(assignment)
    return _show(request, assignment, form=form)


def _posted(request: StaffRequest, assignment: Assignment) -> RatingForm:
    return _form(assignment, data=request.POST)


def _form(assignment: Assignment, **given: Any) -> RatingForm:
    return RatingForm(criteria=list(assignment.panellist.campaign.criteria.all()), assignment=assignment, **given)


@desk()
@require_http_methods(["GET", "HEAD", "POST"])
def recuse(request: StaffRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(access.assignments(request.user), pk=pk)
    if request.method != "POST":
        return redirect("rate", pk=pk)
    form = RecusalForm(request.POST, auto_id="recuse_%s")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        act = partial(stand_aside, assignment=assignment, panellist=request.user, reason=reason, at=request.at)
        if _done(request, assignment, act, _("You stand aside from %(receipt)s."), form):
            return _next(assignment)
    return _show(request, assignment, recusal=form)


@desk()
@require_http_methods(["GET", "HEAD", "POST"])
def abstain(request: StaffRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(access.assignments(request.user), pk=pk)
    if request.method != "POST":
        return redirect("rate", pk=pk)
    form = AbstainForm(request.POST, auto_id="abstain_%s")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        seen = request.POST.get("seen", "")
        act = partial(
            services.abstain,
            assignment=assignment,
            panellist=request.user,
            reason=reason,
            at=request.at,
            expected_version=seen,
        )
        if _done(request, assignment, act, _("You give no mark for %(receipt)s."), form):
            return _next(assignment)
    return _show(request, assignment, abstention=form)


@desk()
@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: StaffRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(access.assignments(request.user), pk=pk)
    if request.method != "POST":
        return redirect("rate", pk=pk)
    form = _posted(request, assignment)
    typed = form.unsaved()
    put_off = partial(services.put_off, assignment=assignment, panellist=request.user, typed=typed, at=request.at)
    done = _("%(receipt)s now comes last; what you had given and written waits there.")
    if not _done(request, assignment, put_off, done if typed else _("%(receipt)s now comes last.")):
        return _show(request, assignment, form=form)
    return _next(assignment)


def _done(request: StaffRequest, assignment: Assignment, act: Callable[[], Any], done: str, form: Any = None) -> bool:
    """Do an act and say so; a refusal stands at the reason that was written for it, or above the page."""
    try:
        act()
    except Refusal as refusal:
        if form is None:
            messages.error(request, refusal.message)
        else:
            form.add_error("reason", refusal.message)
        return False
    messages.success(request, done % {"receipt": assignment.idea.receipt})
    return True


def _next(assignment: Assignment) -> HttpResponse:
    following = next_assignment(assignment)
    return redirect("rate", pk=following.pk) if following else redirect("panel")


def _show(
    request: StaffRequest,
    assignment: Assignment,
    form: RatingForm | None = None,
    recusal: RecusalForm | None = None,
    abstention: AbstainForm | None = None,
) -> HttpResponse:
    """The page of one idea; what was refused stands in its form, or beside the idea where none is open any more."""
    campaign = assignment.panellist.campaign
    bars = sorted(bar.label for bar in bars_on_desk(assignment))
    is_open = campaign.rating_is_open(request.at) and not hasattr(campaign, "shortlist") and not bars
    kept = getattr(assignment, "unsent_marks", None) if is_open and assignment.skipped_at and form is None else None
    waiting = kept.words if kept else None
    form = form or _form(assignment, initial=waiting)
    weights = {row.pk: row.weight for row in form.criteria if not row.is_advice}
    context = {
        "assignment": assignment,
        "idea": assignment.idea,
        "text": anonymised(assignment.idea),
        "campaign": campaign,
        "form": form,
        "recusal": recusal or RecusalForm(auto_id="recuse_%s"),
        "abstention": abstention or AbstainForm(auto_id="abstain_%s"),
        "words": _words(form, recusal, abstention),
        "progress": progress_in(assignment.panellist),
        "previous": previous_assignment(assignment),
        "own": own_marks(assignment.panellist, weights, but=assignment),
        "seen": assignment.rating.version if hasattr(assignment, "rating") else "",
        "bars": bars,
        "is_open": is_open,
        "is_unsaved": waiting is not None,
    }
    return render(request, "panel/rate.html", context)


def _words(*given: Any) -> list[str]:
    """What was written in a form that is sent and not taken."""
    sent = [form for form in given if form is not None and form.is_bound]
    return [words for form in sent for name in ("comment", "reason") if (words := form.data.get(name, ""))]
