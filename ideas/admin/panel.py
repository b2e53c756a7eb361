"""The panel as the office sees it: who sits on it, who got what, who stood aside. Marks are not shown here."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from ideas.admin.buttons import ReadOnlyAdmin, press
from ideas.errors import Refusal
from ideas.forms.panel import PanelForm
from ideas.models import Assignment, Campaign, Panellist, Recusal
from ideas.queries import access
from ideas.queries.panel import members_of, undecided
from ideas.requests import StaffRequest
from ideas.services import panel as services


def desk(request: StaffRequest, pk: int) -> HttpResponse:
    """Who is how far, and the buttons: assign, second round, remind, replace, by hand, conflicts."""
    if not request.user.has_perm("ideas.assign_panel"):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign, pk=pk)
    form = PanelForm(request.POST or None, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        act = request.POST.get("act", "")
        if act in ACTS and press(request, lambda: ACTS[act](request, campaign, form.cleaned_data), _now("Done.")):
            return redirect("admin:ideas_campaign_panel", pk)
    context = {
        "campaign": campaign,
        "form": form,
        "members": members_of(campaign),
        "undecided": undecided(campaign),
        "runs": campaign.assignment_runs.select_related("by"),
        "title": campaign,
        "opts": Campaign._meta,
    }
    return TemplateResponse(request, "admin/ideas/campaign/panel.html", context)


def _assign(request: StaffRequest, campaign: Campaign, given: dict[str, Any], *, round: int) -> None:
    outcome = services.assign_panel(
        campaign=campaign,
        per_idea=campaign.reviews_per_idea,
        seed=campaign.pk,
        at=request.at,
        manager=request.user,
        round=round,
        chosen=[idea.pk for idea in given["receipts"]],
        reason=given["reason"],
    )
    _tell(request, outcome)


def _tell(request: StaffRequest, outcome: services.Assigned) -> None:
    messages.info(request, _now("New assignments: %(n)s.") % {"n": outcome.made})
    if outcome.short:
        messages.warning(request, _now("Too few panellists are free for: %s") % " ".join(outcome.short[:20]))


def _first(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    _assign(request, campaign, given, round=1)


def _second(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    _assign(request, campaign, given, round=2)


def _remind(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    behind = services.remind_panel(campaign=campaign, manager=request.user, at=request.at)
    silent = [str(member) for member in behind if not member.user.email]
    messages.info(request, _now("Behind: %(n)s panellists.") % {"n": len(behind)})
    if silent:
        messages.warning(request, _now("Without an e-mail address, please call: %s") % " ".join(silent))


def _member(given: dict[str, Any]) -> Panellist:
    if given["panellist"] is None:
        raise Refusal(_("Choose a panellist."))
    return given["panellist"]


def _replace(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    member, seed = _member(given), campaign.pk + campaign.assignment_runs.count()
    common = {"manager": request.user, "at": request.at, "reason": given["reason"]}
    _tell(request, services.replace_panellist(panellist=member, seed=seed, **common))


def _add(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    common = {"manager": request.user, "at": request.at, "reason": given["reason"]}
    for idea in given["receipts"]:
        services.add_seat(panellist=_member(given), idea=idea, **common)


def _remove(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    common = {"manager": request.user, "at": request.at, "reason": given["reason"]}
    for seat in Assignment.objects.filter(panellist=_member(given), idea__in=given["receipts"]):
        services.remove_seat(assignment=seat, **common)


def _conflict(request: StaffRequest, campaign: Campaign, given: dict[str, Any]) -> None:
    common = {"panellist": _member(given), "manager": request.user, "at": request.at, "reason": given["reason"]}
    if given["unit"] or not given["receipts"]:
        services.declare_conflict(unit=given["unit"], **common)
    for idea in given["receipts"]:
        services.declare_conflict(idea=idea, **common)


ACTS: dict[str, Callable[[StaffRequest, Campaign, dict[str, Any]], None]] = {
    "first": _first,
    "second": _second,
    "remind": _remind,
    "replace": _replace,
    "add": _add,
    "remove": _remove,
    "conflict": _conflict,
}


@admin.register(Panellist)
class PanellistAdmin(admin.ModelAdmin):
    list_display = ("user", "campaign", "is_active")
    list_filter = ("campaign", "is_active")
    list_select_related = ("user", "campaign")
    autocomplete_fields = ()

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.assignments.exists())


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("idea", "panellist", "assigned_at", "is_rated")
    list_filter = ("panellist__campaign", "panellist")
    list_select_related = ("idea", "panellist__user", "rating")
    fields = ("idea", "panellist", "assigned_at")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        return access.open_to(request.user, super().get_queryset(request), "idea__restricted")

    @admin.display(description=_("rated"), boolean=True)
    def is_rated(self, assignment: Assignment) -> bool:
        return hasattr(assignment, "rating")


@admin.register(Recusal)
class RecusalAdmin(ReadOnlyAdmin):
    list_display = ("assignment", "reason", "at")
    list_select_related = ("assignment__idea", "assignment__panellist__user")
    fields = ("assignment", "reason", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recusal]:
        return access.open_to(request.user, super().get_queryset(request), "assignment__idea__restricted")
