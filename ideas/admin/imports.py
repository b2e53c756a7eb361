"""Taking in a file in the admin: looked through first, then given once more, so that nothing is kept in between."""

import csv
import hashlib
import io
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from ideas.errors import Refusal
from ideas.forms.imports import Checked, ImportForm, check_file, template_rows
from ideas.models import Campaign
from ideas.queries.imports import twins
from ideas.requests import StaffRequest
from ideas.services.imports import import_rows

MOST_SHOWN = 200
SALT = "ideas.import"
PREVIEW_LIFE = 60 * 60  # seconds


def urls(model_admin: Any) -> list[URLPattern]:
    def page(request: StaffRequest) -> HttpResponse:
        return _page(model_admin, request)

    view = model_admin.admin_site.admin_view
    return [
        path("import/", view(page), name="ideas_idea_import"),
        path("import/<slug:slug>/template/", view(template), name="ideas_idea_import_template"),
    ]


def _may(request: StaffRequest) -> None:
    if not request.user.has_perm("ideas.import_idea"):
        raise PermissionDenied


def template(request: StaffRequest, slug: str) -> HttpResponse:
    """The empty table of a campaign, with one example."""
    _may(request)
    text = io.StringIO()
    csv.writer(text).writerows(template_rows(get_object_or_404(Campaign, slug=slug)))
    headers = {"Content-Disposition": f'attachment; filename="import-{slug}.csv"'}
    return HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _page(model_admin: Any, request: StaffRequest) -> HttpResponse:
    _may(request)
    if request.method != "POST":
        return _show(model_admin, request, ImportForm(at=request.at))
    form = ImportForm(request.POST, request.FILES, at=request.at)
    if not form.is_valid():
        return _show(model_admin, request, form, status=422)
    campaign, content = form.cleaned_data["campaign"], form.cleaned_data["file"]
    try:
        checked = check_file(content, campaign=campaign, at=request.at)
        if "take" in request.POST and not checked.faults:
            _same_file(request, campaign, content)
            done = import_rows(
                campaign=campaign,
                rows=checked.rows,
                manager=request.user,
                at=request.at,
                tell=form.cleaned_data["tell"],
                form=request.POST["seal"],
            )
            messages.success(request, _("%(done)s ideas were taken in.") % {"done": done})
            return redirect("admin:ideas_idea_changelist")
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _show(model_admin, request, form, status=422)
    return _show(model_admin, request, form, checked=checked, seal=_seal(request, campaign, content))


def _what(request: StaffRequest, campaign: Campaign, content: bytes) -> list[Any]:
    return [request.user.pk, campaign.pk, hashlib.sha256(content).hexdigest()]


def _seal(request: StaffRequest, campaign: Campaign, content: bytes) -> str:
    """Who looked through which file for which campaign; of the file only its digest."""
    return signing.dumps(_what(request, campaign, content), salt=SALT)


def _same_file(request: StaffRequest, campaign: Campaign, content: bytes) -> None:
    try:
        seen = signing.loads(request.POST.get("seal", ""), salt=SALT, max_age=PREVIEW_LIFE)
    except signing.BadSignature:
        seen = None
    if seen != _what(request, campaign, content):
        raise Refusal(_("This is not the file that was looked through last. Please look it through first."))


def _show(
    model_admin: Any,
    request: StaffRequest,
    form: ImportForm,
    *,
    checked: Checked | None = None,
    seal: str = "",
    status: int = 200,
) -> HttpResponse:
    campaign = form.cleaned_data["campaign"] if checked else None
    alike = twins(campaign, checked.for_twins()) if campaign and checked and not checked.faults else []
    faults = checked.faults if checked else []
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Import ideas from a file"),
        "form": form,
        "campaigns": form.campaigns,
        "checked": checked,
        "rows": len(checked.rows) if checked else 0,
        "faults": faults[:MOST_SHOWN],
        "more_faults": max(len(faults) - MOST_SHOWN, 0),
        "alike": alike[:MOST_SHOWN],
        "more_alike": max(len(alike) - MOST_SHOWN, 0),
        "seal": seal if checked and checked.rows and not faults else "",
    }
    answer = TemplateResponse(request, "admin/ideas/idea/import.html", context, status=422 if faults else status)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
