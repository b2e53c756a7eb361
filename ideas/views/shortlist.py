"""The winners, for everybody; nothing before release."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from ideas.models import Campaign
from ideas.queries import access
from ideas.queries.referral_photos import before_and_after
from ideas.queries.tracking import share_of, way_at_units
from ideas.requests import Request
from ideas.services.release import release_for_reader
from ideas.views.everybody import for_everybody


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
    steps, to_come = way_at_units(idea, today=localdate(request.at))
    context = {"campaign": campaign, "idea": idea, "steps": steps, "to_come": to_come}
    context |= {"beside": before_and_after(idea) if steps else [], "share": share_of(steps, to_come)}
    return render(request, "shortlist/winner.html", context)
