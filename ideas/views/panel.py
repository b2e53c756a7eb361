"""A panellist's desk: own progress and own ideas, nothing of anybody else."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas.queries import access
from ideas.queries.eligibility import not_theirs
from ideas.queries.panel import anonymised_titles, why_empty
from ideas.queries.ratings import progress_of
from ideas.requests import StaffRequest


@never_cache
@login_required
@require_safe
def desk(request: StaffRequest) -> HttpResponse:
    assignments = list(access.assignments(request.user).select_related("rating", "panellist__user").in_turn())
    theirs = not_theirs(assignments)
    assignments = [assignment for assignment in assignments if assignment.pk not in theirs]
    titles = anonymised_titles([assignment.idea_id for assignment in assignments])
    blocks = []
    for progress in progress_of(assignments):
        campaign = progress.campaign
        own = [assignment for assignment in assignments if assignment.panellist.campaign_id == campaign.pk]
        is_open = campaign.rating_is_open(request.at)
        following = (
            next((assignment for assignment in own if not hasattr(assignment, "rating")), None) if is_open else None
        )
        rows = [(assignment, titles[assignment.idea_id]) for assignment in own]
        blocks.append({"progress": progress, "is_open": is_open, "assignments": rows, "next": following})
    context = {"blocks": blocks, "gone": len(theirs), "why_empty": "" if blocks else why_empty(request.user)}
    return render(request, "panel/desk.html", context)
