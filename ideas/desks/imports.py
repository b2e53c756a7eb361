"""Taking in a file in the admin: looked through first, kept sealed for the confirmation, then taken in in steps.

What is long, looking through and taking in, is answered by a page that grows as it gets on. It needs no script, and
whoever closes it stops an import between two steps; the same file goes on there.
"""

import csv
import io
import logging
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
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
from ideas.forms.imports import Checked, FileCheck, ImportForm, template_rows
from ideas.models import Campaign, Idea
from ideas.queries.imports import FileComparison, PossibleDuplicate
from ideas.requests import StaffRequest, number_in
from ideas.services.imports import Begun, KeptFile, has_begun, keep_file, kept_file, rows_going_in

MOST_SHOWN = 200
AT_ONCE = 500  # rows that are in within a second or two: nobody needs to be told how far it is
EVERY_SECONDS = 1.0
HERE = "<!-- here -->"
TITLE = gettext_lazy("Import ideas from a file")
IN_ALREADY = gettext_lazy(
    "This file was taken in already; nothing went in twice. To take it in once more, look through it again."
)
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
    day = form.cleaned_data["day"]
    try:
        file = _file(request, form)
        check = FileCheck(file.content, campaign=file.campaign, at=request.at, columns=file.columns, day=day)
        is_taken = "take" in request.POST and _is_as_looked_through(request, form, file)
        kept = file if is_taken else keep_file(file=file, day=day, at=request.at)
        if len(check) > AT_ONCE:
            return _growing(_in_steps(request, form, check, kept, is_taken))
        _to_the_end(check)
        if is_taken and check.checked.may_be_taken:
            return _take(request, form, check.checked, kept)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return _show(request, form, status=422)
    begun = has_begun(kept.form)
    comparison = _comparison(check.checked, kept, begun)
    _to_the_end(comparison)
    found = _found(form, check.checked, kept, begun, comparison.found)
    return _show(request, form, found, status=422 if check.checked.faults else 200)


def _to_the_end(steps: Iterable[int]) -> None:
    for _done in steps:
        pass


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


def _take(request: StaffRequest, form: ImportForm, checked: Checked, kept: KeptFile) -> HttpResponse:
    steps, total = _going_in(request, form, checked, kept), len(checked.rows)
    is_in = next(steps) == total
    _to_the_end(steps)
    if is_in:
        messages.warning(request, IN_ALREADY)
    else:
        messages.success(request, _("%(done)s ideas were taken in.") % {"done": total})
    return redirect("admin:ideas_idea_changelist")


def _going_in(request: StaffRequest, form: ImportForm, checked: Checked, kept: KeptFile) -> Iterator[int]:
    return rows_going_in(
        campaign=kept.campaign, rows=checked.rows, manager=kept.manager, at=request.at,
        tell=form.cleaned_data["tell"], form=kept.form, turn=_turn(request),
    )  # fmt: skip


def _turn(request: StaffRequest) -> int:
    return number_in(request.POST["take"]) or 1


def _growing(parts: Iterator[str]) -> StreamingHttpResponse:
    """A page that is sent on as it grows, by a proxy too: nobody collects or packs it on the way."""
    headers = {"Cache-Control": "no-store, private", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    return StreamingHttpResponse(parts, headers=headers)


class _GrowingPage:
    """The parts of the page that grows, one by one; the steps that are counted stand in its list."""

    def __init__(self, request: StaffRequest, form: ImportForm, kept: KeptFile, is_taken: bool) -> None:
        self.request, self.form, self.kept, self.is_taken = request, form, kept, is_taken
        asked = {"campaign": kept.campaign.pk, "kept": kept.key, "day": kept.day or ""}
        if is_taken:
            asked |= {"take": _turn(request), "tell": "on" if form.cleaned_data["tell"] else ""}
        frame = admin.site.each_context(request)
        self._context = {**frame, "opts": Idea._meta, "title": TITLE, "asked": asked, "is_taken": is_taken}

    def part(self, name: str, **more: Any) -> str:
        return render_to_string(f"admin/ideas/idea/{name}.html", {**self._context, **more}, self.request)

    def counted(self, step: str, steps: Iterable[int], rows: int, done: int = 0) -> Iterator[str]:
        """How far a step is, once a second."""
        self._context.update(step=step, rows=rows, done=done)
        yield self.part("importing_step")
        shown = time.monotonic()
        for self._context["done"] in steps:
            if time.monotonic() - shown >= EVERY_SECONDS:
                shown = time.monotonic()
                yield self.part("importing_step")


def _in_steps(
    request: StaffRequest, form: ImportForm, check: FileCheck, kept: KeptFile, is_taken: bool
) -> Iterator[str]:
    """The parts of the page: its head, how far it is once a second, how it ended or what was found.

    The middleware is through by then: what is to be told stands in the page.
    """
    page = _GrowingPage(request, form, kept, is_taken)
    with override(request.LANGUAGE_CODE):
        head, middle, foot = page.part("importing").split(HERE)
        yield head
        end = yield from _to_its_end(page, check)
        yield middle + end + foot


def _to_its_end(page: _GrowingPage, check: FileCheck) -> Generator[str, None, str]:
    """How far it is; returns what lies upon that in the end: how it ended, or what was found."""
    try:
        yield from page.counted("check", check, len(check))
        if page.is_taken and check.checked.may_be_taken:
            steps = _going_in(page.request, page.form, check.checked, page.kept)
            before = next(steps)
            yield from page.counted("in", steps, len(check), before)
            return page.part("importing_end", in_already=IN_ALREADY if before == len(check) else "")
        begun = has_begun(page.kept.form)
        comparison = _comparison(check.checked, page.kept, begun)
        yield from page.counted("compare", comparison, len(comparison))
        return page.part("import_desk", **_found(page.form, check.checked, page.kept, begun, comparison.found))
    except Refusal as refusal:
        return page.part("importing_end", reason=refusal.message)
    except DatabaseError:
        log.exception("An import stopped.")
        return page.part("importing_end", reason=_("The database did not answer."))


def _comparison(checked: Checked, kept: KeptFile, begun: Begun | None) -> FileComparison:
    """Of the rows that may still go in."""
    rows = [] if checked.faults else checked.for_comparison()[_gone_in(begun) :]
    return FileComparison(kept.campaign, rows)


def _gone_in(begun: Begun | None) -> int:
    """How many rows of an import that was interrupted are in."""
    return begun.done if begun and not begun.is_in else 0


def _found(
    form: ImportForm, checked: Checked, kept: KeptFile, begun: Begun | None, alike: list[PossibleDuplicate]
) -> dict[str, Any]:
    """What the page says of a file."""
    return {
        "form": form,
        "campaigns": form.campaigns,
        "checked": checked,
        "rows": len(checked.rows),
        "notes": checked.notes,
        "columns": checked.columns,
        "fields": [(name, names[0]) for name, names in HEADS.items()],
        "faults": checked.faults[:MOST_SHOWN],
        "more_faults": max(len(checked.faults) - MOST_SHOWN, 0),
        "alike": alike[:MOST_SHOWN],
        "more_alike": max(len(alike) - MOST_SHOWN, 0),
        "kept": str(kept.key),
        "done": _gone_in(begun),
        "earlier": begun if begun and begun.is_in else None,
        "turn": begun.turn + begun.is_in if begun else 1,
        "may_take": checked.may_be_taken,
    }


def _show(
    request: StaffRequest, form: ImportForm, found: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = found or {"form": form, "campaigns": form.campaigns}
    answer = render(request, "admin/ideas/idea/import.html", context, title=TITLE, model=Idea, status=status)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


urls = [
    page("import/", take_in, "ideas_idea_import"),
    page("import/<slug:slug>/template/", template, "ideas_idea_import_template"),
]
