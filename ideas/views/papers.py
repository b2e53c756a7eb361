"""The poster and the blank slip of a campaign, for everybody to print."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ideas.choices import Phase
from ideas.queries import access
from ideas.queries.papers import paper_facts
from ideas.requests import Request
from ideas.rules.papers import title_size
from ideas.views.everybody import for_everybody

SIZES = ("a4", "a3")


@for_everybody("size")
@require_safe
def poster(request: Request, slug: str) -> HttpResponse:
    """A4, or A3 by `?size=a3`."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    size = request.GET.get("size", "")
    context = {
        "campaign": campaign,
        "topics": campaign.topics.all(),
        "size": size if size in SIZES else SIZES[0],
        "title_size": title_size(campaign.name),
        "is_sheet": True,
        **paper_facts(campaign),
    }
    return render(request, "papers/poster.html", context)


@for_everybody()
@require_safe
def slip(request: Request, slug: str) -> HttpResponse:
    """The blank slip, for residents to print while ideas are taken."""
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if campaign.phase(request.at) != Phase.COLLECTING:
        raise Http404
    return render(request, "entry/slip.html", {"campaign": campaign, "is_sheet": True, **paper_facts(campaign)})
