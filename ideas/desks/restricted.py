"""Restricted ideas: the keepers' list, and buttons beside an idea to restrict it, hand it over and remove it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from ideas.choices import Action
from ideas.desks.pages import CappedPaginator, as_shown, needs, page, press, render
from ideas.forms.restricted import HandOverForm, ReasonForm, RemoveForm
from ideas.models import Idea
from ideas.queries.access import screened_ideas
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


@needs("ideas.see_restricted")
def waiting(request: StaffRequest) -> HttpResponse:
    """All restricted ideas, those that wait first; for keepers only."""
    rows = restricted_ideas(request.user).select_related("campaign")
    shown = CappedPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for idea in shown:
        idea.waits_for = request.at - idea.restricted_at
    return render(request, "admin/ideas/idea/restricted.html", {"page": shown}, title=_("Restricted ideas"), model=Idea)


def guard(request: StaffRequest, pk: int, act: str) -> tuple[str, forms.Form, int] | None:
    """One of `ACTS` on an idea; (act, form, status) where it was refused, for the idea's page to show."""
    idea = get_object_or_404(screened_ideas(request.user).select_related("campaign"), pk=pk)
    if act not in ACTS:
        raise Http404
    form_class, service, permission = ACTS[act]
    if not request.user.has_perm(permission):
        raise PermissionDenied
    form = form_class(request.POST, auto_id="hand_over_%s" if act == "hand-over" else "guard_%s")
    if not form.is_valid():
        return f"guard-{act}", form, 422
    given = {name: value for name, value in form.cleaned_data.items() if name != "sure"}
    done = press(
        request,
        lambda: service(idea=idea, staff=request.user, at=request.at, **given),
        _("%(receipt)s: done.") % {"receipt": idea.receipt},
        form,
    )
    if not done:
        return f"guard-{act}", form, 409
    if act == "restrict" and not keepers().exists():
        messages.warning(request, _("Nobody is named to see restricted ideas yet. Ask the system administrator."))
    return None


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


urls = [page("restricted/", waiting, "ideas_idea_restricted")]
