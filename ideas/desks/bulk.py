"""One decision on many ideas: the words are asked for once, each row is decided for itself and its result told."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ideas.desks import undo
from ideas.desks.pages import render
from ideas.errors import Refusal
from ideas.forms.bulk import AcceptMany, DeclineMany, ReturnMany, SortMany, TransferMany
from ideas.models import Area, Idea, Topic, Unit
from ideas.models.ideas import IdeaQuerySet
from ideas.queries.access import screened_ideas
from ideas.requests import StaffRequest, row_key
from ideas.services import screening

MOST_AT_ONCE = 500
STAYING = frozenset({"sort_many"})  # no decision: it is put right by doing it again


def sort_one(
    *,
    idea: Idea,
    moderator: Any,
    at: Any,
    topic: Topic | None,
    area: Area | None,
    unit: Unit | None,
    expected_version: int,
) -> None:
    screening.classify_idea(
        idea=idea,
        moderator=moderator,
        at=at,
        topic=topic or idea.topic,
        area=area or idea.area,
        unit=unit or idea.unit,
        expected_version=expected_version,
    )


BULK: dict[str, tuple[Any, type[forms.Form], Callable[..., Any]]] = {
    "accept_many": (gettext_lazy("Accept the chosen ideas"), AcceptMany, screening.accept_idea),
    "return_many": (gettext_lazy("Return the chosen ideas with a question"), ReturnMany, screening.return_idea),
    "decline_many": (gettext_lazy("Decline the chosen ideas"), DeclineMany, screening.decline_idea),
    "transfer_many": (gettext_lazy("Pass the chosen ideas to another channel"), TransferMany, screening.transfer_idea),
    "sort_many": (gettext_lazy("Assign topic, community or unit"), SortMany, sort_one),
}


def act_on_many(request: StaffRequest, queryset: IdeaQuerySet, name: str) -> HttpResponse | None:
    """Ask for the words, then act row by row; a row that is refused, or that somebody has changed since the page showed
    it, stops no other one. What came of it has a page of its own, where all of it can be undone."""
    if not request.user.has_perm("ideas.screen_idea"):
        raise PermissionDenied
    label, form_class, service = BULK[name]
    form = form_class(request.POST if "go" in request.POST else None)
    # Once asked, the ticked rows, also those that meanwhile have left the list as it is filtered.
    rows = screened_ideas(request.user).filter(pk__in=_ticked(request)) if form.is_bound else queryset
    rows = rows.select_related("campaign", "topic", "area", "unit", "resident").by_receipt()
    ideas = list(rows[: MOST_AT_ONCE + 1])
    if len(ideas) > MOST_AT_ONCE:
        messages.error(request, _("At most %(most)s at once, please.") % {"most": MOST_AT_ONCE})
        return None
    if name == "sort_many":
        campaigns = {idea.campaign_id for idea in ideas}
        form.fields["topic"].queryset = Topic.objects.filter(campaign__in=campaigns)  # type: ignore[attr-defined]
    refused: dict[int, str] = {}
    if form.is_bound and form.is_valid():
        refused = _decided(request, ideas, service, form.cleaned_data)
        done = [(idea.pk, idea.receipt, idea.version) for idea in ideas if idea.pk not in refused]
        if done:
            _say_gone(request, ideas)
            left_out = [(idea.pk, idea.receipt, refused[idea.pk]) for idea in ideas if idea.pk in refused]
            can_undo = name not in STAYING
            key = undo.remember_many(request, label, done, refused=left_out, undoable=can_undo)
            return redirect("admin:ideas_idea_acted", key)
        messages.error(request, _("Nothing was done. What you wrote is below."))
    if form.is_bound:
        _say_gone(request, ideas)
    context = {
        "rows": [(idea, refused.get(idea.pk, "")) for idea in ideas],
        "form": form,
        "name": name,
    }
    status = 409 if refused else 422 if form.errors else 200
    return render(request, "admin/ideas/idea/many.html", context, title=label, model=Idea, status=status)


def _ticked(request: StaffRequest) -> list[int]:
    return [row_key(key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)]


def _say_gone(request: StaffRequest, ideas: list[Idea]) -> None:
    """Of the ticked ideas, how many were taken away from this person's eyes since the page was shown."""
    gone = len(set(_ticked(request))) - len(ideas)
    if gone:
        words = ngettext(
            "%(n)s of the chosen ideas is not open to you any more; it was left out.",
            "%(n)s of the chosen ideas are not open to you any more; they were left out.",
            gone,
        )
        messages.warning(request, words % {"n": gone})


def _decided(
    request: StaffRequest, ideas: list[Idea], service: Callable[..., Any], given: dict[str, Any]
) -> dict[int, str]:
    """Decide each idea as the page showed it; returns those that were refused, with why."""
    refused = {}
    for idea in ideas:
        seen = row_key(request.POST.get(f"seen-{idea.pk}", ""))
        try:
            service(idea=idea, moderator=request.user, at=request.at, expected_version=seen, **given)
        except Refusal as refusal:
            refused[idea.pk] = str(refusal.message)
    return refused
