"""The panel as the office sees it: who sits on it, who got what, who stood aside. Marks are not shown here."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from ideas.desks.pages import as_shown, needs, page, press, render
from ideas.forms.panel import (
    ActForm,
    AssignForm,
    AssignmentForm,
    ConflictForm,
    RemindForm,
    ReplaceForm,
    SecondForm,
)
from ideas.models import Campaign
from ideas.queries import access
from ideas.queries.panel import last_reminder, members_of, panel_version, undecided
from ideas.requests import StaffRequest
from ideas.services import panel as services


@needs("ideas.assign_panel")
def desk(request: StaffRequest, pk: int) -> HttpResponse:
    """Who is how far, and each act with its own small form; a refusal stands in that form, with what was typed."""
    campaign = get_object_or_404(Campaign, pk=pk)
    refused: dict[str, ActForm] = {}
    act = request.POST.get("act", "")
    if request.method == "POST" and act in ACTS:
        name, do = ACTS[act]
        refused[name] = form = FORMS[name](request.POST, campaign=campaign, auto_id=f"{name}-%s")
        if form.is_valid() and press(request, partial(do, request, campaign, form.cleaned_data), form=form):
            return redirect("admin:ideas_campaign_panel", pk)
    version = panel_version(campaign)
    forms = {
        name: kind(campaign=campaign, auto_id=f"{name}-%s", initial={"shown": version}) for name, kind in FORMS.items()
    }
    forms |= {name: as_shown(form, shown=version) for name, form in refused.items()}
    members = members_of(campaign)
    behind = [row for row in members if row.is_behind]
    context = {
        "campaign": campaign,
        "forms": forms,
        "members": members,
        "behind": behind,
        "silent": [row for row in behind if not row.panellist.user.email],
        "mailed": sum(bool(row.panellist.user.email) for row in behind),
        "reminder": last_reminder(campaign),
        "undecided": undecided(campaign),
        "barred": sum(row.barred for row in members),
        "unfit": [row for row in members if row.panellist.is_active and row.bar],
        "runs": campaign.assignment_runs.select_related("by"),
        "is_over": hasattr(campaign, "shortlist"),
        "may_see_paper": access.may_see_paper(request.user, campaign),
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    template = "admin/ideas/campaign/panel.html"
    return render(request, template, context, title=campaign, model=Campaign, status=status)


def _tell(request: StaffRequest, outcome: services.Assigned) -> None:
    messages.success(request, _("New assignments: %(n)s.") % {"n": outcome.made})
    if outcome.short:
        messages.warning(request, _("Too few panellists are free for: %s") % " ".join(outcome.short[:20]))


def _first(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    _tell(request, services.assign_first_round(campaign=campaign, **_round(request, campaign, given)))


def _second(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    chosen = [idea.pk for idea in given["receipts"]]
    _tell(request, services.assign_second_round(campaign=campaign, chosen=chosen, **_round(request, campaign, given)))


def _round(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "per_idea": campaign.reviews_per_idea,
        "seed": campaign.pk,
        "at": request.at,
        "manager": request.user,
        "reason": given["reason"],
        "expected_version": given["expected_version"],
    }


def _remind(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    seen = given["expected_version"]
    behind = services.remind_panel(campaign=campaign, manager=request.user, at=request.at, expected_version=seen)
    silent = [str(member) for member in behind if not member.user.email]
    messages.success(request, _("Reminders sent: %(n)s.") % {"n": len(behind) - len(silent)})
    if silent:
        messages.warning(request, _("Without an e-mail address, please call: %s") % " ".join(silent))


def _common(request: StaffRequest, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "panellist": given["panellist"],
        "manager": request.user,
        "at": request.at,
        "reason": given["reason"],
        "expected_version": given["expected_version"],
    }


def _replace(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    seed = campaign.pk + campaign.assignment_runs.count()
    _tell(request, services.replace_panellist(seed=seed, successor=given["successor"], **_common(request, given)))


def _add(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    services.add_assignments(ideas=given["receipts"], **_common(request, given))
    messages.success(request, _("Put on the desk: %s") % _receipts(given))


def _remove(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    services.remove_assignments(ideas=given["receipts"], **_common(request, given))
    messages.success(request, _("Taken off the desk: %s") % _receipts(given))


def _receipts(given: dict[str, Any]) -> str:
    return " ".join(idea.receipt for idea in given["receipts"])


def _conflict(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    services.declare_conflicts(unit=given["unit"], ideas=given["receipts"], **_common(request, given))
    messages.success(request, _("Noted. Unrated ideas of this kind are off the desk."))


FORMS: dict[str, type[ActForm]] = {
    "assign": AssignForm,
    "second": SecondForm,
    "remind": RemindForm,
    "replace": ReplaceForm,
    "seat": AssignmentForm,
    "conflict": ConflictForm,
}
# The button's value -> the form that it stands in, and what it does.
ACTS: dict[str, tuple[str, Callable[[StaffRequest, Campaign, dict[str, Any]], None]]] = {
    "first": ("assign", _first),
    "second": ("second", _second),
    "remind": ("remind", _remind),
    "replace": ("replace", _replace),
    "add": ("seat", _add),
    "remove": ("seat", _remove),
    "conflict": ("conflict", _conflict),
}


urls = [page("<int:pk>/panel/", desk, "ideas_campaign_panel")]
