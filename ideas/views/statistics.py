"""A campaign's figures, for everybody."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ideas.queries import access
from ideas.queries.statistics import statistics_of, titled
from ideas.requests import Request
from ideas.rules.statistics import LEAST
from ideas.views.everybody import for_everybody


@for_everybody()
@require_safe
def statistics(request: Request, slug: str) -> HttpResponse:
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    figures = statistics_of(campaign, request.at)
    context = {
        "campaign": campaign,
        "figures": figures,
        "groups": [
            (_("By topic"), _("Topic"), figures.topics),
            (_("By street"), _("Street or town"), figures.streets),
            (_("By way in"), _("Way in"), figures.sources),
        ],
        "issues": titled(campaign, figures, request.at),
        "least": LEAST,
    }
    return render(request, "campaigns/statistics.html", context)
