"""Ending mergers and handing a group to another leader: buttons beside an idea and on the page of groups."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.admin.buttons import press
from ideas.choices import Status
from ideas.errors import Refusal
from ideas.forms.mergers import HandOverGroupForm, ReasonForm
from ideas.models import Idea
from ideas.models.ideas import IdeaQuerySet
from ideas.requests import StaffRequest
from ideas.services import screening

# act -> form, service, button
ACTS: dict[str, tuple[type[forms.Form], Callable[..., Any], Any]] = {
    "unmerge": (ReasonForm, screening.dissolve_merger, gettext_lazy("Take it out of the merger")),
    "dissolve": (ReasonForm, screening.dissolve_merger, gettext_lazy("Dissolve the whole group")),
    "hand-over": (HandOverGroupForm, screening.hand_over_group, gettext_lazy("Have another idea lead the group")),
}
UNDOABLE = "mergers-changed"  # of the session: the ideas that the last act on the page of groups moved


def urls(model_admin: Any) -> list[URLPattern]:
    def group(request: StaffRequest, pk: int, act: str) -> HttpResponse:
        return _press(model_admin, request, pk, act)

    view = model_admin.admin_site.admin_view(model_admin.posted(group))
    return [path("<int:pk>/group/<str:act>/", view, name="ideas_idea_group")]


def _press(model_admin: Any, request: StaffRequest, pk: int, act: str) -> HttpResponse:
    rows = model_admin.get_queryset(request)
    idea = get_object_or_404(rows.select_related("campaign", "merged_into", "resident"), pk=pk)
    if act not in ACTS:
        raise Http404
    if not request.user.has_perm("ideas.screen_idea"):
        raise PermissionDenied
    form_class, service, label = ACTS[act]
    form = form_class(request.POST, prefix=act)
    if isinstance(form, HandOverGroupForm):
        form.ideas = rows
    done = form.is_valid() and press(
        request,
        lambda: service(idea=idea, moderator=request.user, at=request.at, **form.cleaned_data),
        _("%(receipt)s: %(act)s") % {"receipt": idea.receipt, "act": label},
        form,
    )
    return redirect("admin:ideas_idea_change", pk) if done else model_admin.show(request, pk, {act: form})


def context(request: StaffRequest, idea: Idea, bound: dict[Any, Any]) -> dict[str, Any]:
    """What templates/admin/ideas/idea/group.html shows; a form that was refused keeps what was typed."""
    offered = ["unmerge"] if idea.status == Status.MERGED else []
    offered += ["dissolve", "hand-over"] if idea.merged.exists() else []
    if not request.user.has_perm("ideas.screen_idea"):
        offered = []
    offered += [act for act in bound if act in ACTS and act not in offered]  # its words are not lost
    forms_of = {act: ACTS[act][0](initial={"seen": idea.version}, prefix=act) for act in offered}
    return {
        "group_acts": [
            {"act": act, "label": ACTS[act][2], "form": bound.get(act) or form, "is_open": act in bound}
            for act, form in forms_of.items()
        ]
    }


def change_group(request: StaffRequest, ideas: IdeaQuerySet, leader: Idea, ticked: list[Idea]) -> bool:
    """One act on a group of the page of groups: all of it or nothing; True if it was done."""
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    given: dict[str, Any] = {"moderator": request.user, "at": request.at, "reason": reason}
    moved = list(ideas.filter(merged_into=leader).by_receipt())
    try:
        if act == "dissolve":
            screening.dissolve_merger(idea=leader, **given)
        elif act == "lead":
            _hand_over(leader, ticked, given)
        else:
            moved = ticked
            screening.dissolve_some(ideas=ticked, **given)
    except Refusal as refusal:
        messages.error(request, f"{leader.receipt}: {refusal.message}")
        return False
    messages.success(request, _("%(receipt)s: done.") % {"receipt": leader.receipt})
    request.session[UNDOABLE] = [idea.pk for idea in reversed(moved)]  # whoever leads now came first and is undone last
    return True


def _hand_over(leader: Idea, ticked: list[Idea], given: dict[str, Any]) -> None:
    if len(ticked) != 1:
        raise Refusal(_("Tick the one idea that is to lead."))
    screening.hand_over_group(idea=leader, to=ticked[0], **given)


def undo_change(request: StaffRequest, ideas: IdeaQuerySet) -> None:
    """Undo the last act on the page of groups, idea by idea."""
    keys = request.session.pop(UNDOABLE, [])
    rows = ideas.select_related("campaign", "resident").in_bulk(keys)
    for key in keys:
        if key in rows:
            press(
                request,
                lambda idea=rows[key]: screening.undo_decision(idea=idea, moderator=request.user, at=request.at),  # type: ignore[misc]
                _("%(receipt)s: merged again.") % {"receipt": rows[key].receipt},
            )
