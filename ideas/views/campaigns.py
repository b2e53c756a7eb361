"""What everybody may read of a campaign: the home page and the announcement."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ideas.choices import Phase
from ideas.queries import access
from ideas.requests import Request


@require_safe
def home(request: Request) -> HttpResponse:
    campaigns = [(campaign, campaign.phase(request.at)) for campaign in access.public_campaigns(request.at)]
    context = {
        "current": [row for row in campaigns if row[1] in (Phase.UPCOMING, Phase.COLLECTING, Phase.REVIEWING)],
        "past": [row for row in campaigns if row[1] == Phase.PUBLISHED],
    }
    return render(request, "campaigns/home.html", context)


@require_safe
def campaign(request: Request, slug: str) -> HttpResponse:
    row = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    context = {
        "campaign": row,
        "phase": row.phase(request.at),
        "topics": row.topics.all(),
        "criteria": row.criteria.all(),
    }
    return render(request, "campaigns/campaign.html", context)
