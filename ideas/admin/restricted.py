"""Restricted ideas: the keepers' list, and buttons beside an idea to restrict it, hand it over and remove it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from ideas.admin.buttons import as_shown, press
from ideas.admin.queue import CappedPaginator
from ideas.choices import Action
from ideas.forms.restricted import HandOverForm, ReasonForm, RemoveForm
from ideas.models import Idea
from ideas.queries.restricted import keepers, restricted_ideas
from ideas.requests import StaffRequest
from ideas.rules.workflow import possible_actions
from ideas.services import restricted

PER_PAGE = 50
# act -> form, service, permission
ACTS: dict[str, tuple[type[forms.Form], Callable[..., Any], str]] = {
    "restrict": (ReasonForm, restricted.restrict_idea, "ideas.screen_idea"),
    "lift": (ReasonForm, restricted.lift_restriction, "ideas.see_restricted"),
    "hand-over": (HandOverForm, restricted.hand_over, "ideas.see_restricted"),
    "remove": (RemoveForm, restricted.remove_idea, "ideas.see_restricted"),
}


def urls(model_admin: Any) -> list[URLPattern]:
    def guard(request: StaffRequest, pk: int, act: str) -> HttpResponse:
        return _press(model_admin, request, pk, act)

    def waiting(request: StaffRequest) -> HttpResponse:
        return _list(model_admin, request)

    view = model_admin.admin_site.admin_view
    return [
        path("<int:pk>/guard/<str:act>/", view(model_admin.posted(guard)), name="ideas_idea_guard"),
        path("restricted/", view(waiting), name="ideas_idea_restricted"),
    ]


def _list(model_admin: Any, request: StaffRequest) -> HttpResponse:
    """All restricted ideas, those that wait first; for keepers only."""
    if not request.user.has_perm("ideas.see_restricted"):
        raise PermissionDenied
    rows = restricted_ideas(request.user).select_related("campaign")
    page = CappedPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for idea in page:
        idea.waits_for = request.at - idea.restricted_at
    shown = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Restricted ideas"),
        "page": page,
    }
    return TemplateResponse(request, "admin/ideas/idea/restricted.html", shown)


def _press(model_admin: Any, request: StaffRequest, pk: int, act: str) -> HttpResponse:
    idea = get_object_or_404(model_admin.get_queryset(request).select_related("campaign"), pk=pk)
    if act not in ACTS:
        raise Http404
    form_class, service, permission = ACTS[act]
    if not request.user.has_perm(permission):
        raise PermissionDenied
    form = form_class(request.POST, auto_id="hand_over_%s" if act == "hand-over" else "guard_%s")
    if not form.is_valid():
        return model_admin.show(request, pk, {f"guard-{act}": form}, status=422)
    given = {name: value for name, value in form.cleaned_data.items() if name != "sure"}
    done = press(
        request,
        lambda: service(idea=idea, staff=request.user, at=request.at, **given),
        _("%(receipt)s: done.") % {"receipt": idea.receipt},
        form,
    )
    if not done:
        return model_admin.show(request, pk, {f"guard-{act}": form})
    if act == "restrict" and not keepers().exists():
        messages.warning(request, _("Nobody is named to see restricted ideas yet. Ask the system administrator."))
    if act == "restrict" and not request.user.has_perm("ideas.see_restricted"):
        return redirect("admin:ideas_idea_changelist")  # the page is gone for this person
    return redirect("admin:ideas_idea_change", pk)


def context(request: StaffRequest, idea: Idea, bound: dict[Any, Any] | None = None) -> dict[str, Any]:
    """What templates/admin/ideas/idea/restrict.html shows; a form that was refused keeps what was typed."""
    bound = bound or {}
    handing = bound.get("guard-hand-over")
    guards = request.user.has_perm("ideas.see_restricted") and idea.restricted
    return {
        "guard_open": next((key for key in bound if str(key).startswith("guard-")), ""),
        "reason_form": bound.get("guard-lift")
        or bound.get("guard-restrict")
        or ReasonForm(initial={"seen": idea.version}, auto_id="guard_%s"),
        "may_restrict": request.user.has_perm("ideas.screen_idea") and not idea.restricted,
        "guards": guards,
        "hand_over_form": _hand_over_form(idea, handing) if guards or handing else None,
        "may_remove": guards and Action.REMOVE in possible_actions(idea.status),
    }


def _hand_over_form(idea: Idea, form: HandOverForm | None) -> HandOverForm:
    shown = {"seen": idea.version, "noted": restricted.hand_overs(idea)}
    return as_shown(form, **shown) if form else HandOverForm(initial=shown, auto_id="hand_over_%s")
