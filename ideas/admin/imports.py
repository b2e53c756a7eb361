"""Taking in a file in the admin: looked through first, kept sealed for the confirmation, then taken in in steps."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from ideas.admin.lists import number_in
from ideas.errors import Refusal
from ideas.forms.columns import HEADS
from ideas.forms.imports import Checked, ImportForm, check_file, template_rows
from ideas.models import Campaign
from ideas.queries.imports import twins
from ideas.requests import StaffRequest
from ideas.services.imports import KeptFile, has_begun, import_rows, keep_file, kept_file

MOST_SHOWN = 200


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
    try:
        file = _file(request, form)
        checked = check_file(
            file.content, campaign=file.campaign, at=request.at, columns=file.columns, day=form.cleaned_data["day"]
        )
        if "take" in request.POST and checked.may_be_taken and _is_as_looked_through(request, form, file):
            return _take(request, form, file, checked)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _show(model_admin, request, form, status=422)
    kept = keep_file(file=file, day=form.cleaned_data["day"], at=request.at)
    return _show(model_admin, request, form, checked=checked, kept=kept)


def _file(request: StaffRequest, form: ImportForm) -> KeptFile:
    """The file that was given now, or the one that was looked through last, with what was said of its columns."""
    given, campaign, manager = form.cleaned_data["file"], form.cleaned_data["campaign"], request.user
    kept = kept_file(key=form.cleaned_data["kept"], manager=manager, at=request.at)
    if given is not None and (kept is None or given != kept.content):
        return KeptFile(campaign, manager, given)
    if kept is None:
        raise Refusal(_("The file is not kept any more. Please choose it once more."))
    is_said = any(name.startswith("column-") for name in request.POST)
    columns = _columns(request) if is_said else kept.columns
    return replace(kept, columns=columns, looked_through=kept.columns, of_campaign=kept.campaign, campaign=campaign)


def _columns(request: StaffRequest) -> dict[int, str]:
    """What was said of the columns whose heads are not known: column-3=phone; "-" is not said yet."""
    said = {name.removeprefix("column-"): value for name, value in request.POST.items() if name.startswith("column-")}
    places = {place: value for name, value in said.items() if (place := number_in(name)) is not None}
    return {place: value for place, value in places.items() if value in {*HEADS, ""}}


def _is_as_looked_through(request: StaffRequest, form: ImportForm, file: KeptFile) -> bool:
    """Whether the page showed what would be taken in now: this file, campaign, columns and day. Else it is shown."""
    shown = (_named(file.looked_through or {}), file.of_campaign, file.day)
    if file.key is None or shown != (_named(file.columns), file.campaign, form.cleaned_data["day"]):
        words = _("This is not what was looked through last. Look at what is read now, then take it in.")
        messages.warning(request, words)
        return False
    return True


def _named(columns: Mapping[int, str]) -> dict[int, str]:
    return {place: name for place, name in columns.items() if name}


def _take(request: StaffRequest, form: ImportForm, file: KeptFile, checked: Checked) -> HttpResponse:
    before = has_begun(str(file.key))
    done = import_rows(
        campaign=file.campaign,
        rows=checked.rows,
        manager=file.manager,
        at=request.at,
        tell=form.cleaned_data["tell"],
        form=str(file.key),
    )
    if before and before[0] == before[1]:
        messages.info(request, _("This file was taken in already; nothing was taken in twice."))
    messages.success(request, _("%(done)s ideas were taken in.") % {"done": done})
    return redirect("admin:ideas_idea_changelist")


def _show(
    model_admin: Any,
    request: StaffRequest,
    form: ImportForm,
    *,
    checked: Checked | None = None,
    kept: KeptFile | None = None,
    status: int = 200,
) -> HttpResponse:
    alike = twins(kept.campaign, checked.for_twins()) if kept and checked and not checked.faults else []
    faults = checked.faults if checked else []
    begun = has_begun(str(kept.key)) if kept else None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Import ideas from a file"),
        "form": form,
        "campaigns": form.campaigns,
        "checked": checked,
        "rows": len(checked.rows) if checked else 0,
        "notes": checked.notes if checked else [],
        "columns": checked.columns if checked else [],
        "fields": [(name, names[0]) for name, names in HEADS.items()],
        "faults": faults[:MOST_SHOWN],
        "more_faults": max(len(faults) - MOST_SHOWN, 0),
        "alike": alike[:MOST_SHOWN],
        "more_alike": max(len(alike) - MOST_SHOWN, 0),
        "kept": str(kept.key) if kept else "",
        "begun": begun if begun and begun[0] < begun[1] else None,
        "may_take": bool(checked and checked.may_be_taken),
    }
    answer = TemplateResponse(request, "admin/ideas/idea/import.html", context, status=422 if faults else status)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
