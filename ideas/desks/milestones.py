"""The milestones of a referral on a page of their own, for its unit and for the office: plan, report, approve, release,
take back. What is typed for an answer on the referral's page is not lost by an act here."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_page
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ideas.choices import MilestoneState, PhotoStage, ReferralState
from ideas.desks.pages import as_shown, desk, needs, page, press, render
from ideas.desks.referral_photos import keep
from ideas.errors import Refusal
from ideas.forms import milestones as forms
from ideas.forms.referrals import ReferralForm
from ideas.models import Milestone, Referral
from ideas.queries import milestones as queries
from ideas.queries.referrals import (
    approves_for,
    places_for_unit,
    reached_referrals,
    reads_all_of,
    unit_referrals,
    works_for,
)
from ideas.requests import StaffRequest, row_key
from ideas.rules.milestones import BY_UNIT, TAKE_BACK
from ideas.rules.referrals import TAKES_PHOTOS
from ideas.services import milestones as services

# act -> (its button, what is said when it is done)
ACTS: dict[str, tuple[Any, Any]] = {
    "approve": (gettext_lazy("Approve the milestones"), gettext_lazy("Approved. The office has it now.")),
    "release": (gettext_lazy("Release the milestones"), gettext_lazy("Released. Whoever proposed it is told.")),
    "report": (gettext_lazy("Report a milestone done"), gettext_lazy("Reported done.")),
    "plan": (gettext_lazy("Plan a milestone"), gettext_lazy("The milestone is planned.")),
    "back": (gettext_lazy("Take a milestone back"), gettext_lazy("Taken back.")),
}
FIRST = ("approve", "release")  # what somebody is asked for


@desk("ideas.work_referral")
@require_http_methods(["GET", "HEAD", "POST"])
def of_unit(request: StaffRequest, pk: int) -> HttpResponse:
    def row() -> Referral:
        return get_object_or_404(unit_referrals(request.user).select_related("campaign", "unit"), pk=pk)

    def show(context: dict[str, Any], status: int) -> HttpResponse:
        return render_page(request, "unit/milestones.html", context, status=status)

    return _answer(request, row, show, "unit-milestones")


@needs("ideas.view_referral")
def of_office(request: StaffRequest, pk: int) -> HttpResponse:
    def row() -> Referral:
        return get_object_or_404(reached_referrals(request.user).select_related("campaign", "unit"), pk=pk)

    def show(context: dict[str, Any], status: int) -> HttpResponse:
        template, title = "admin/ideas/referral/milestones.html", _("Milestones")
        return render(request, template, context, title=title, model=Referral, status=status)

    return _answer(request, row, show, "admin:ideas_referral_milestones")


def _answer(
    request: StaffRequest,
    row: Callable[[], Referral],
    show: Callable[[dict[str, Any], int], HttpResponse],
    address: str,
) -> HttpResponse:
    """The page; after an act the page anew, or again with the form that was refused."""
    bound: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        bound, status = _acted(request, row())
        if not status:
            return redirect(address, row().pk)
    referral = row()
    for form in bound.values():
        as_shown(form, seen=referral.version)
    offered = {**_offered(request, referral), **bound}
    context = {
        "referral": referral,
        "campaign": referral.campaign,
        "milestones": queries.milestones_of(
            referral, today=localdate(request.at), is_own=reads_all_of(request.user, referral)
        ),
        "acts": [_act(name, offered[name], referral, name in bound) for name in ACTS if name in offered],
        "is_refused": bool(bound),
    }
    return show(context, status)


def _act(name: str, form: Any, referral: Referral, is_bound: bool) -> dict[str, Any]:
    made = form if is_bound else form(initial={"seen": referral.version}, auto_id=f"{name}_%s")
    return {"act": name, "label": ACTS[name][0], "form": made, "is_open": is_bound or name in FIRST}


def _offered(request: StaffRequest, row: Referral) -> dict[str, Callable[..., Any]]:
    """act -> its form, of those that this person may do now."""
    rows, user = list(row.milestones.standing()), request.user
    may_work, is_office, is_open = works_for(user, row), user.has_perm("ideas.refer_idea"), row.state in TAKES_PHOTOS
    ahead = [one for one in rows if one.state == MilestoneState.RELEASED]
    back = [one for one in rows if one.state in TAKE_BACK and (is_office or one.state in BY_UNIT)]
    offered: dict[str, Callable[..., Any]] = {}
    if is_open and approves_for(user, row) and queries.wait_for_head(row):
        offered["approve"] = ReferralForm
    if is_open and is_office and queries.wait_for_office(row):
        offered["release"] = ReferralForm
    if may_work and row.state in (ReferralState.ACKNOWLEDGED, ReferralState.PLANNED):
        offered["plan"] = forms.PlanForm
    if may_work and is_open and ahead:
        places = [(place, text.title) for place, text in places_for_unit(row)]
        offered["report"] = partial(forms.ReportForm, milestones=ahead, places=places)
    if (may_work or is_office) and back:
        offered["back"] = partial(forms.TakeBackForm, milestones=back)
    return offered


def _acted(request: StaffRequest, row: Referral) -> tuple[dict[str, Any], int]:
    """Do the act that was pressed; the form that comes back, and with which status (0: it is done)."""
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise Http404
    offered = _offered(request, row)
    if act not in offered:
        press(request, _refuse)
        return {}, 409
    form = offered[act](request.POST, request.FILES or None, auto_id=f"{act}_%s")
    if not form.is_valid() or (act == "report" and not _keeps_photos(request, row, form)):
        return {act: form}, 422
    return {act: form}, 0 if press(request, lambda: _do(request, row, act, form), ACTS[act][1]) else 409


def _refuse() -> None:
    raise Refusal(_("This is not possible now. Please look again."))


def _keeps_photos(request: StaffRequest, row: Referral, form: Any) -> bool:
    """Photos of a milestone first, whatever comes of the words; False where a file is none."""
    if not request.FILES.getlist("photos"):
        return True
    given = form.cleaned_data
    milestone, place = _chosen(request, row, given["milestone"]), form.places[given["place"]]
    if keep(request, form, place, PhotoStage.DURING, milestone):
        given["expected_version"] += 1  # what this press itself has brought is no news
    return not form.errors


def _do(request: StaffRequest, row: Referral, act: str, form: django_forms.Form) -> None:
    """A refusal stands in the form too; a day that cannot be at its field."""
    try:
        _pressed(request, row, act, form.cleaned_data)
    except services.WrongDay as refusal:
        form.add_error("day", str(refusal.message))
        raise
    except Refusal as refusal:
        form.add_error(None, str(refusal.message))
        raise


def _pressed(request: StaffRequest, row: Referral, act: str, given: dict[str, Any]) -> None:
    person: Any = request.user
    seen = {"at": request.at, "expected_version": given["expected_version"]}
    if act == "plan":
        services.plan_milestone(referral=row, officer=person, planned_on=given["day"], words=given["words"], **seen)
        if given["day"] > row.finish_by:
            words = _("It lies after %(day)s, when all is to be done: give a later day with your answer.")
            messages.warning(request, words % {"day": row.finish_by.isoformat()})
    elif act == "approve":
        services.approve_milestones(referral=row, head=person, **seen)
    elif act == "release":
        services.release_milestones(referral=row, staff=person, **seen)
    elif act == "report":
        about = {"milestone": _chosen(request, row, given["milestone"]), "done_on": given["day"]}
        services.report_milestone(**about, officer=person, words=given["words"], **seen)
    else:
        milestone = _chosen(request, row, given["milestone"])
        services.take_back_milestone(milestone=milestone, person=person, reason=given["words"], **seen)


def _chosen(request: StaffRequest, row: Referral, key: str) -> Milestone:
    milestone = queries.milestone_of(request.user, row.pk, row_key(key))
    if milestone is None:
        raise Http404
    return milestone


urls = [page("<int:pk>/milestones/", of_office, "ideas_referral_milestones")]
