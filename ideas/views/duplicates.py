"""Ideas alike, while somebody is still writing: the form's script asks, a fragment of the page answers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ideas.queries import access
from ideas.queries.duplicates import similar_shown
from ideas.requests import Request


@never_cache
@require_POST
def similar(request: Request, slug: str) -> HttpResponse:
    """Up to three shown ideas like what is typed so far, or nothing at all. What is typed is not kept."""
    get_object_or_404(access.public_campaigns(request.at), slug=slug)
    found = similar_shown(request.POST.dict(), at=request.at)
    return render(request, "duplicates/similar.html", {"similar": found}) if found else HttpResponse()
