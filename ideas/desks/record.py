"""The papers of a list: the minutes to be printed and signed, their scan, and the sealed records as files."""

from typing import Any
from uuid import UUID

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from ideas.choices import Edition
from ideas.desks.pages import page, press
from ideas.errors import Refusal
from ideas.exports.record import record_file
from ideas.models import Shortlist, User
from ideas.models.record import minutes_store
from ideas.queries import access
from ideas.queries.record import latest_record, records_of
from ideas.queries.shortlist import members_of, quota_lines
from ideas.requests import StaffRequest
from ideas.rules.record import MOST_SCAN_BYTES, SCANS
from ideas.services.record import attach_minutes


def _row(request: HttpRequest, pk: int) -> Shortlist:
    return get_object_or_404(access.shortlists(request.user), pk=pk)


def minutes(request: StaffRequest, pk: int) -> HttpResponse:
    """评审纪要: the page that is printed and signed."""
    row = _row(request, pk)
    entries = list(row.entries.select_related("idea__topic", "idea__area", "tier"))
    context = {
        "shortlist": row,
        "campaign": row.campaign,
        "record": latest_record(row.campaign, Edition.ARCHIVE) if row.is_sealed else None,
        "entries": entries,
        "has_tiers": row.campaign.tiers.exists(),
        "quotas": quota_lines(members_of(row), [entry.idea_id for entry in entries]),
        "tied": access.mask_restricted_receipts(request.user, row.tied),
        "exchanges": _exchanges(row, request.user),
        "pairs": access.visible_to(
            request.user,
            row.campaign.incompatible.select_related("first", "second"),
            "first__restricted",
            "second__restricted",
        ),
        "candidates": len(row.candidates),
    }
    return TemplateResponse(request, "shortlist/minutes.html", context)


def _exchanges(row: Shortlist, user: User) -> list[dict[str, Any]]:
    """The exchanges as they were made; an idea that was taken off and restricted later is not named."""
    made = list(row.exchanges.made().select_related("removed", "added", "proposed_by", "decided_by"))
    names = iter(
        access.mask_restricted_receipts(
            user, [idea.receipt for exchange in made for idea in (exchange.removed, exchange.added)]
        )
    )
    return [{"exchange": exchange, "removed": next(names), "added": next(names)} for exchange in made]


def record(request: StaffRequest, pk: int, number: int, edition: str) -> HttpResponseBase:
    kept = get_object_or_404(records_of(_row(request, pk).campaign), number=number, edition=edition)
    return record_file(kept)


@csrf_exempt  # checked inside: the check reads the form, and the files must be told where to go before that
def attach(request: StaffRequest, pk: int) -> HttpResponse:
    request.upload_handlers = [TemporaryFileUploadHandler(request)]
    return _attach(request, pk)


@csrf_protect
def _attach(request: StaffRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    if request.method != "POST":
        return redirect("admin:ideas_shortlist_change", pk)

    def act() -> None:
        file = request.FILES.get("scan")
        if file is None:
            raise Refusal(_("Choose the scanned file first."))
        content = file.read(MOST_SCAN_BYTES + 1)
        attach_minutes(shortlist=row, content=content, manager=request.user, at=request.at)

    press(request, act, _("The signed minutes are kept."))
    return redirect("admin:ideas_shortlist_change", pk)


def scan(request: StaffRequest, pk: int, key: UUID) -> HttpResponseBase:
    """A scan, for those who may see the list; always as a download, so that nothing in it runs."""
    row = _row(request, pk)
    kept = get_object_or_404(row.campaign.signed_minutes, key=key)
    try:
        file = minutes_store().open(kept.file_name)
    except FileNotFoundError:
        raise Http404 from None
    name = f"{row.campaign.slug}-minutes-{kept.number}.{kept.kind}"
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(file, as_attachment=True, filename=name, content_type=SCANS[kept.kind], headers=headers)


urls = [
    page("<int:pk>/minutes/", minutes, "ideas_shortlist_minutes"),
    page("<int:pk>/scan/", attach, "ideas_shortlist_scan"),
    page("<int:pk>/scan/<uuid:key>/", scan, "ideas_shortlist_scan_file"),
    page("<int:pk>/record/<int:number>/<str:edition>.json", record, "ideas_shortlist_record"),
]
