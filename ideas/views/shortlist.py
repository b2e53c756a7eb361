"""The winners, for everybody; nothing before release."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ideas.models import Campaign
from ideas.queries import access
from ideas.requests import Request
from ideas.services.release import release_for_reader
from ideas.views.everybody import for_everybody
from ideas.views.ways import way_of


def _released(request: Request, slug: str) -> Campaign:
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if not campaign.is_released and release_for_reader(at=request.at):
        campaign.refresh_from_db()
    if not campaign.is_released:
        raise Http404
    return campaign


@for_everybody()
@require_safe
def winners(request: Request, slug: str) -> HttpResponse:
    campaign = _released(request, slug)
    context = {"campaign": campaign, "winners": access.public_winners(campaign)}
    return render(request, "shortlist/winners.html", context)


@for_everybody()
@require_safe
def winner(request: Request, slug: str, receipt: str) -> HttpResponse:
    campaign = _released(request, slug)
    idea = get_object_or_404(access.public_winners(campaign), receipt=receipt)
    context = {"campaign": campaign, "idea": idea, **way_of(idea, request.at)}
    return render(request, "shortlist/winner.html", context)
