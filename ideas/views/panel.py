"""A panellist's desk: own progress and own ideas, nothing of anybody else."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ideas.queries import access
from ideas.queries.ratings import progress_of
from ideas.requests import StaffRequest


@never_cache
@login_required
@require_safe
def desk(request: StaffRequest) -> HttpResponse:
    seats = access.seats(request.user)
    blocks = [
        {
            "progress": progress,
            "is_open": progress.campaign.rating_is_open(request.at),
            "seats": seats.filter(panellist__campaign=progress.campaign).select_related("rating").order_by("id"),
        }
        for progress in progress_of(request.user)
    ]
    return render(request, "panel/desk.html", {"blocks": blocks})
