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

from ideas.admin import undo
from ideas.admin.buttons import as_shown, press
from ideas.choices import Status
from ideas.errors import Refusal
from ideas.forms.kept import KeptWords, still_asked
from ideas.forms.mergers import GroupForm, HandOverGroupForm, ReasonForm
from ideas.models import Idea
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.mergers import versions
from ideas.requests import StaffRequest
from ideas.services import screening

# act -> form, service, button
ACTS: dict[str, tuple[type[forms.Form], Callable[..., Any], Any]] = {
    "unmerge": (ReasonForm, screening.dissolve_merger, gettext_lazy("Take it out of the merger")),
    "dissolve": (GroupForm, screening.dissolve_merger, gettext_lazy("Dissolve the whole group")),
    "hand-over": (HandOverGroupForm, screening.hand_over_group, gettext_lazy("Have another idea lead the group")),
}
# The buttons of a merged group on the page of groups.
GROUP_ACTS = {
    "out": gettext_lazy("Take the ticked ones out"),
    "lead": gettext_lazy("Have the ticked one lead"),
    "dissolve": gettext_lazy("Dissolve the whole group"),
}


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
    moved = [idea.pk] if act == "unmerge" else list(rows.filter(merged_into=idea).values_list("pk", flat=True))
    done = form.is_valid() and press(
        request,
        lambda: service(idea=idea, moderator=request.user, at=request.at, **form.cleaned_data),
        _("%(receipt)s: %(act)s") % {"receipt": idea.receipt, "act": label},
        form,
    )
    if not done:
        return model_admin.show(request, pk, {act: form})
    _remember(request, rows, moved, label)
    return redirect("admin:ideas_idea_change", pk)


def context(request: StaffRequest, idea: Idea, bound: dict[Any, Any]) -> dict[str, Any]:
    """What templates/admin/ideas/idea/group.html shows; a form that was refused keeps what was typed."""
    offered = ["unmerge"] if idea.status == Status.MERGED else []
    merged = list(idea.merged.all())
    offered += ["dissolve", "hand-over"] if merged else []
    if not request.user.has_perm("ideas.screen_idea"):
        offered = []
    offered += [act for act in bound if act in ACTS and act not in offered]  # its words are not lost
    shown = {"seen": idea.version, "shown": versions([idea, *merged])}
    forms_of = {
        act: as_shown(bound[act], **shown) if act in bound else ACTS[act][0](initial=shown, prefix=act)
        for act in offered
    }
    return {
        "group_acts": [
            {"act": act, "label": ACTS[act][2], "form": form, "is_open": act in bound} for act, form in forms_of.items()
        ]
    }


def change_group(request: StaffRequest, ideas: IdeaQuerySet, leader: Idea, ticked: list[Idea]) -> bool:
    """One act on a group of the page of groups: all of it or nothing; True if it was done."""
    act, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    given: dict[str, Any] = {"moderator": request.user, "at": request.at, "reason": reason}
    given["shown"] = request.POST.get("seen", "")
    if told := still_asked([reason], request.POST.get("sure", "")):
        messages.error(request, f"{leader.receipt}: {KeptWords.question % {'found': told}}")
        return False
    moved = (
        [idea.pk for idea in ticked]
        if act == "out"
        else list(ideas.filter(merged_into=leader).values_list("pk", flat=True))
    )
    try:
        if act == "dissolve":
            screening.dissolve_merger(idea=leader, **given)
        elif act == "lead":
            _hand_over(leader, ticked, given)
        else:
            screening.dissolve_some(ideas=ticked, **given)
    except Refusal as refusal:
        messages.error(request, f"{leader.receipt}: {refusal.message}")
        return False
    messages.success(request, _("%(receipt)s: done.") % {"receipt": leader.receipt})
    _remember(request, ideas, moved, GROUP_ACTS[act])
    return True


def _remember(request: StaffRequest, ideas: IdeaQuerySet, moved: list[int], label: Any) -> None:
    """The ideas that an act moved, to be undone, the last one first: whoever leads now came first, and comes last."""
    rows = ideas.filter(pk__in=moved).by_receipt()
    undo.remember_many(request, label, [(idea.pk, idea.receipt, idea.version) for idea in rows])


def _hand_over(leader: Idea, ticked: list[Idea], given: dict[str, Any]) -> None:
    if len(ticked) != 1:
        raise Refusal(_("Tick the one idea that is to lead."))
    screening.hand_over_group(idea=leader, to=ticked[0], **given)
