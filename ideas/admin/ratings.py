"""The manager's view of the marks: the standing with its doubts, and a sheet for each idea that says why its rank."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from ideas.models import Campaign, Idea
from ideas.queries import access
from ideas.queries.paper import waiting_in
from ideas.queries.ratings import RATED
from ideas.queries.standing import Overview, why
from ideas.requests import StaffRequest

PAGE = 100


def _campaign(request: StaffRequest, pk: int) -> Campaign:
    """Nothing of a standing for those who may not see the list."""
    if not request.user.has_perm("ideas.view_shortlist"):
        raise PermissionDenied
    return get_object_or_404(Campaign, pk=pk)


def standing(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    overview = Overview(campaign)
    page = Paginator(overview.lines, PAGE).get_page(request.GET.get("page"))
    wished = overview.wished
    shown = {line.score.idea for line in (*page.object_list, *wished)}
    ideas = access.screened_ideas(request.user).filter(pk__in=shown).only("id", "receipt", "title").in_bulk()
    names = {member.pk: str(member) for member in campaign.panellists.select_related("user")}
    context = {
        **admin.site.each_context(request),
        "campaign": campaign,
        "overview": overview,
        "waiting": waiting_in(campaign).count(),
        "page": page,
        "rows": [(line, ideas.get(line.score.idea)) for line in page.object_list],
        "wished": [(line, ideas.get(line.score.idea)) for line in wished],
        "habits": [(habit, names[habit.panellist]) for habit in overview.habits],
        "agreement": overview.agreement,
        "title": campaign,
        "opts": Campaign._meta,
    }
    return TemplateResponse(request, "admin/ideas/campaign/standing.html", context)


def sheet(request: StaffRequest, pk: int, idea: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    rated = access.screened_ideas(request.user).filter(campaign=campaign, status__in=RATED)
    row: Idea = get_object_or_404(rated, pk=idea)
    context = {
        **admin.site.each_context(request),
        "campaign": campaign,
        "idea": row,
        "title": row.receipt,
        "opts": Campaign._meta,
    }
    return TemplateResponse(
        request, "admin/ideas/campaign/why.html", {**context, **why(Overview(campaign), row), "at": request.at}
    )
