"""Ending mergers and handing a group to another leader: buttons beside an idea and on the page of groups."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.choices import Status
from ideas.desks import undo
from ideas.desks.pages import as_shown, press
from ideas.errors import Refusal
from ideas.forms.kept import KeptWords, still_asked
from ideas.forms.mergers import GroupForm, HandOverGroupForm, ReasonForm
from ideas.models import Idea
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import screened_ideas
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


def act_on_group(request: StaffRequest, pk: int, act: str) -> tuple[str, forms.Form, int] | None:
    """One of `ACTS` on the group of an idea; (act, form, status) where it was refused, for the idea's page to show."""
    rows = screened_ideas(request.user)
    idea = get_object_or_404(rows.select_related("campaign", "merged_into", "resident"), pk=pk)
    if act not in ACTS:
        raise Http404
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
        return act, form, 409
    _remember(request, rows, moved, label)
    return None


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
    given["expected_group"] = request.POST.get("seen", "")
    if told := still_asked([reason], request.POST.get("sure", "")):
        messages.error(request, f"{leader.receipt}: {KeptWords.question % {'found': told}}")
        return False
    moved = (
        [idea.pk for idea in ticked]
        if act == "out"
        else list(ideas.filter(merged_into=leader).values_list("pk", flat=True))
    )
    acts: dict[str, Callable[[], Any]] = {
        "dissolve": partial(screening.dissolve_merger, idea=leader, **given),
        "lead": partial(_hand_over, leader, ticked, given),
        "out": partial(screening.dissolve_some, ideas=ticked, **given),
    }
    done = _("%(receipt)s: done.") % {"receipt": leader.receipt}
    if not press(request, acts[act], done, prefix=f"{leader.receipt}: "):
        return False
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
