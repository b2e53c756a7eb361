"""Taking in a file in the admin: looked through first, kept sealed for the confirmation, then taken in in steps.

A long import is answered by a page that grows as the rows go in. It needs no script, and whoever closes it stops the
import between two steps; the same file goes on there.
"""

import csv
import io
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.db import Error as DatabaseError
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from ideas.desks.pages import needs, page, render
from ideas.errors import Refusal
from ideas.forms.columns import HEADS
from ideas.forms.imports import Checked, ImportForm, check_file, template_rows
from ideas.models import Campaign, Idea
from ideas.queries.imports import possible_duplicates
from ideas.requests import StaffRequest, number_in
from ideas.services.imports import KeptFile, has_begun, keep_file, kept_file, rows_going_in

MOST_SHOWN = 200
AT_ONCE = 500  # rows that are in within a second or two: nobody needs to be told how far it is
EVERY_SECONDS = 1.0
HERE = "<!-- here -->"
TITLE = gettext_lazy("Import ideas from a file")
log = logging.getLogger(__name__)


@needs("ideas.import_idea")
def template(request: StaffRequest, slug: str) -> HttpResponse:
    """The empty table of a campaign, with one example."""
    text = io.StringIO()
    csv.writer(text).writerows(template_rows(get_object_or_404(Campaign, slug=slug)))
    headers = {"Content-Disposition": f'attachment; filename="import-{slug}.csv"'}
    return HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@needs("ideas.import_idea")
def take_in(request: StaffRequest) -> HttpResponseBase:
    """Choose a file; look it through; take it in."""
    if request.method != "POST":
        return _show(request, ImportForm(at=request.at))
    form = ImportForm(request.POST, request.FILES, at=request.at)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        file = _file(request, form)
        checked = check_file(
            file.content, campaign=file.campaign, at=request.at, columns=file.columns, day=form.cleaned_data["day"]
        )
        if "take" in request.POST and checked.may_be_taken and _is_as_looked_through(request, form, file):
            return _take(request, form, file, checked)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _show(request, form, status=422)
    kept = keep_file(file=file, day=form.cleaned_data["day"], at=request.at)
    return _show(request, form, checked=checked, kept=kept)


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


def _take(request: StaffRequest, form: ImportForm, file: KeptFile, checked: Checked) -> HttpResponseBase:
    tell, total = form.cleaned_data["tell"], len(checked.rows)
    turn = number_in(request.POST["take"]) or 1
    steps = rows_going_in(
        campaign=file.campaign, rows=checked.rows, manager=file.manager, at=request.at, tell=tell, form=file.form,
        turn=turn,
    )  # fmt: skip
    before = next(steps)
    if total - before > AT_ONCE:
        asked = {"campaign": file.campaign.pk, "kept": file.key, "day": file.day or "", "tell": "on" if tell else ""}
        asked["take"] = str(turn)
        context = {
            **admin.site.each_context(request),
            "opts": Idea._meta,
            "title": TITLE,
            "rows": total,
            "asked": asked,
        }
        return _growing(_progress(request, context, before, steps))
    for _done in steps:
        pass
    if before == total:
        words = _(
            "This file was taken in already; nothing went in twice. To take it in once more, look through it again."
        )
        messages.warning(request, words)
    else:
        messages.success(request, _("%(done)s ideas were taken in.") % {"done": total})
    return redirect("admin:ideas_idea_changelist")


def _growing(parts: Iterator[str]) -> StreamingHttpResponse:
    """A page that is sent on as it grows, by a proxy too: nobody collects or packs it on the way."""
    headers = {"Cache-Control": "no-store, private", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    return StreamingHttpResponse(parts, headers=headers)


def _progress(request: StaffRequest, context: dict[str, Any], done: int, steps: Iterator[int]) -> Iterator[str]:
    """The page's parts: its head, how far it is once a second, how it ended. The middleware is through by then."""
    context["done"] = done

    def part(name: str, **more: Any) -> str:
        return render_to_string(f"admin/ideas/idea/{name}.html", {**context, **more}, request)

    with override(request.LANGUAGE_CODE):
        head, foot = part("importing").split(HERE)
        yield head + part("importing_step")
        shown = time.monotonic()
        try:
            for context["done"] in steps:
                if time.monotonic() - shown >= EVERY_SECONDS:
                    shown = time.monotonic()
                    yield part("importing_step")
        except Refusal as refusal:
            yield part("importing_end", reason=refusal.message)
        except DatabaseError:
            log.exception("An import stopped.")
            yield part("importing_end", reason=_("The database did not answer."))
        else:
            yield part("importing_end")
        yield foot


def _show(
    request: StaffRequest,
    form: ImportForm,
    *,
    checked: Checked | None = None,
    kept: KeptFile | None = None,
    status: int = 200,
) -> HttpResponse:
    faults = checked.faults if checked else []
    begun = has_begun(kept.form) if kept else None
    done = begun.done if begun and not begun.is_in else 0
    alike = (
        possible_duplicates(kept.campaign, checked.for_comparison()[done:]) if kept and checked and not faults else []
    )
    context = {
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
        "done": done,
        "earlier": begun if begun and begun.is_in else None,
        "turn": begun.turn + begun.is_in if begun else 1,
        "may_take": bool(checked and checked.may_be_taken),
    }
    status = 422 if faults else status
    answer = render(request, "admin/ideas/idea/import.html", context, title=TITLE, model=Idea, status=status)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


urls = [
    page("import/", take_in, "ideas_idea_import"),
    page("import/<slug:slug>/template/", template, "ideas_idea_import_template"),
]
