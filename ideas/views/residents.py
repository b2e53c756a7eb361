"""Following an idea with its receipt number and query code."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ideas.forms.residents import TrackForm
from ideas.models import Idea
from ideas.queries import access
from ideas.queries.residents import time_line
from ideas.requests import Request

TRACKED = "tracked"  # in the session: [primary key, until when]
STAY = timedelta(minutes=30)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: Request) -> HttpResponse:
    """POST a pair to open an idea for half an hour; GET shows the open one, or the form."""
    if request.method != "POST":
        idea = _tracked(request)
        if idea is None:
            return render(request, "residents/track.html", {"form": TrackForm()})
        return render(request, "residents/idea.html", {"idea": idea, "steps": time_line(idea)})
    request.session.pop(TRACKED, None)
    form = TrackForm(request.POST)
    if "close" in request.POST:
        return redirect("track")
    if form.is_valid():
        idea = access.idea_by_code(form.cleaned_data["receipt"], form.cleaned_data["code"])
        if idea is not None:
            request.session[TRACKED] = [idea.pk, (request.at + STAY).isoformat()]
            return redirect("track")
        form.add_error(None, _("We know no idea with this number and code. Please compare both with your receipt."))
    return render(request, "residents/track.html", {"form": form})


def _tracked(request: Request) -> Idea | None:
    key, until = request.session.get(TRACKED, (None, None))
    if key is None or datetime.fromisoformat(until) <= request.at:
        return None
    return access.tracked_idea(key)
