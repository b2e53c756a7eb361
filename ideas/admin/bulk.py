"""One decision on many ideas: the words are asked for once, each row is decided for itself and its result told."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.errors import Refusal
from ideas.forms.bulk import AcceptMany, DeclineMany, ReturnMany, SortMany, TransferMany
from ideas.models import Area, Idea, Topic, Unit
from ideas.models.ideas import IdeaQuerySet
from ideas.requests import StaffRequest
from ideas.services import screening

MOST_AT_ONCE = 500


def sort_one(*, idea: Idea, moderator: Any, at: Any, topic: Topic | None, area: Area | None, unit: Unit | None) -> None:
    screening.sort_idea(
        idea=idea,
        moderator=moderator,
        at=at,
        topic=topic or idea.topic,
        area=area or idea.area,
        unit=unit or idea.unit,
    )


BULK: dict[str, tuple[Any, type[forms.Form], Callable[..., Any]]] = {
    "accept_many": (gettext_lazy("Accept the chosen ideas"), AcceptMany, screening.accept_idea),
    "return_many": (gettext_lazy("Return the chosen ideas with a question"), ReturnMany, screening.return_idea),
    "decline_many": (gettext_lazy("Decline the chosen ideas"), DeclineMany, screening.decline_idea),
    "transfer_many": (gettext_lazy("Pass the chosen ideas to another channel"), TransferMany, screening.transfer_idea),
    "sort_many": (gettext_lazy("Assign topic, community or unit"), SortMany, sort_one),
}


def act_on_many(model_admin: Any, request: StaffRequest, queryset: IdeaQuerySet, name: str) -> HttpResponse | None:
    """Ask for the words, then act row by row; a row that is refused stops no other one."""
    if not request.user.has_perm("ideas.screen_idea"):
        raise PermissionDenied
    label, form_class, service = BULK[name]
    rows = queryset.select_related("campaign", "topic", "area", "unit", "resident").by_receipt()
    ideas = list(rows[: MOST_AT_ONCE + 1])
    if len(ideas) > MOST_AT_ONCE:
        messages.error(request, _("At most %(most)s at once, please.") % {"most": MOST_AT_ONCE})
        return None
    form = form_class(request.POST if "go" in request.POST else None)
    if name == "sort_many":
        campaigns = {idea.campaign_id for idea in ideas}
        form.fields["topic"].queryset = Topic.objects.filter(campaign__in=campaigns)  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        return _results(model_admin, request, label, _decided(request, ideas, service, form.cleaned_data))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": label,
        "ideas": ideas,
        "form": form,
        "name": name,
    }
    return TemplateResponse(request, "admin/ideas/idea/many.html", context, status=422 if form.errors else 200)


def _decided(
    request: StaffRequest, ideas: list[Idea], service: Callable[..., Any], given: dict[str, Any]
) -> list[tuple[Idea, str]]:
    """Each idea with why it was refused, "" where it was done."""
    results = []
    for idea in ideas:
        try:
            service(idea=idea, moderator=request.user, at=request.at, **given)
            results.append((idea, ""))
        except Refusal as refusal:
            results.append((idea, str(refusal.message)))
    return results


def _results(model_admin: Any, request: StaffRequest, label: Any, results: list[tuple[Idea, str]]) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": label,
        "results": results,
        "done": sum(not refusal for _idea, refusal in results),
        "refused": sum(bool(refusal) for _idea, refusal in results),
    }
    return TemplateResponse(request, "admin/ideas/idea/many.html", context)
