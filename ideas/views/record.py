"""The public edition of a sealed record, for everybody who wants to recompute a published list."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ideas.exports.record import SCRIPT, file_name, record_file, script_file
from ideas.models import SealedRecord
from ideas.queries import access
from ideas.queries.record import public_record
from ideas.requests import Request
from ideas.views.everybody import for_everybody


def _kept(request: Request, slug: str) -> SealedRecord:
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    kept = public_record(campaign)
    if kept is None:
        raise Http404
    return kept


@for_everybody()
@require_safe
def record(request: Request, slug: str) -> HttpResponse:
    kept = _kept(request, slug)
    names = {"file_name": file_name(kept), "script_name": SCRIPT.name}
    command = f"python3 {SCRIPT.name} {file_name(kept)}"
    context = {"campaign": kept.campaign, "record": kept, "command": command, **names}
    return render(request, "record/record.html", context)


@require_safe
def download(request: Request, slug: str) -> HttpResponseBase:
    return record_file(_kept(request, slug))


@require_safe
def script(request: Request, slug: str) -> HttpResponse:
    _kept(request, slug)
    return script_file()
