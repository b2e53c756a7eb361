"""Panels on paper: the sheets to print, to type in, to compare and to confirm."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ideas.admin.lists import row_key
from ideas.errors import Refusal
from ideas.forms.paper import BackForm, RowForm
from ideas.models import Assignment, Campaign, Panellist
from ideas.queries import access
from ideas.queries.paper import Row, numbered, rows_of, sheets_of
from ideas.requests import StaffRequest
from ideas.services import paper as services

LINES = 20  # on a page that is typed in or compared: little is at stake at once, and a page of print is about as long


def urls(view: Callable[..., Any]) -> list[URLPattern]:
    pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
        "paper": ("", overview),
        "paper_sheet": ("<int:member>/", sheet),
        "paper_compare": ("<int:member>/compare/", compare),
        "paper_print": ("<int:member>/print/", printed),
    }
    return [
        path(f"<int:pk>/paper/{end}", view(page), name=f"ideas_campaign_{name}") for name, (end, page) in pages.items()
    ]


def _campaign(request: StaffRequest, pk: int) -> Campaign:
    """Only for those who type in, and nobody who rates blindly in this campaign."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if not access.may_see_paper(request.user, campaign):
        raise PermissionDenied
    return campaign


def _member(campaign: Campaign, pk: int) -> Panellist:
    return get_object_or_404(campaign.panellists.select_related("user__unit"), pk=pk)


def _context(campaign: Campaign, **more: Any) -> dict[str, Any]:
    is_over = hasattr(campaign, "shortlist")
    return {
        "campaign": campaign, "is_over": is_over, "title": campaign, "opts": Campaign._meta, **more,
    }  # fmt: skip


def overview(request: StaffRequest, pk: int) -> HttpResponse:
    """Every panellist's sheet: how far it is, and where to print, type in and compare it."""
    campaign = _campaign(request, pk)
    sheets = sheets_of(campaign)
    context = _context(campaign, sheets=sheets, waiting=sum(row.waiting for row in sheets))
    return _page(request, "paper", context)


def sheet(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    """Type in a page of a sheet. Good lines are kept at once; bad ones stay as they were typed, with their faults."""
    campaign = _campaign(request, pk)
    panellist = _member(campaign, member)
    lines, posted = numbered(panellist.assignments.all()), _posted(request)
    page = Paginator(lines, LINES).get_page(request.GET.get("page"))
    # A line that left meanwhile moves others to the page before: they are read all the same.
    moved = [line for line in lines if line[1] in posted and line not in page.object_list]
    criteria = list(campaign.criteria.all())
    rows, forms = rows_of([*page.object_list, *moved]), dict[int, RowForm]()
    for row in rows:
        typed = row.assignment.pk in posted
        if typed or not row.is_fixed:
            forms[row.assignment.pk] = RowForm(request.POST if typed else None, row=row, criteria=criteria)
    if request.method == "POST":
        _give_back(request, posted - {key for _number, key in lines}, criteria)
        saved = sum(_save(request, form) for form in forms.values() if form.is_bound)
        bad = [form for form in forms.values() if form.errors]
        if saved:
            messages.success(request, ngettext("%d line saved.", "%d lines saved.", saved) % saved)
        if not bad:
            onward = page.number + 1 if "next" in request.POST and page.has_next() else page.number
            answer = redirect("admin:ideas_campaign_paper_sheet", pk, member)
            answer["Location"] += f"?page={onward}"
            return answer
        rows = _fresh(rows, forms)
    context = _context(
        campaign, member=panellist, page=page, criteria=criteria,
        lines=[(row, forms.get(row.assignment.pk)) for row in rows],
        faults=[fault for form in forms.values() if form.errors for fault in _faults(form)],
    )  # fmt: skip
    return _page(request, "paper_sheet", context, status=422 if context["faults"] else 200)


def _posted(request: StaffRequest) -> set[int]:
    """The seats of which a line was sent."""
    names = [name.split("-") for name in request.POST if name.startswith("seat-") and name.endswith("-seen")]
    return {row_key(parts[1]) for parts in names if len(parts) == 3}


def _give_back(request: StaffRequest, gone: set[int], criteria: list[Any]) -> None:
    """What was typed into lines that have left the sheet: their idea was restricted, their seat taken away."""
    for key in sorted(gone):
        names = [*(f"criterion-{criterion.pk}" for criterion in criteria), "comment"]
        typed = [text for name in names if (text := request.POST.get(f"seat-{key}-{name}", "").strip())]
        if typed:
            words = _("A line that you filled in is not on this sheet any more. It was not saved: %(typed)s")
            messages.warning(request, words % {"typed": " · ".join(typed)})


def _save(request: StaffRequest, form: RowForm) -> bool:
    """Whether the line was written; a refusal stays with the line."""
    if not form.is_valid() or form.is_unchanged:
        return False
    given, assignment = form.cleaned_data, form.row.assignment
    common: dict[str, Any] = {"assignment": assignment, "clerk": request.user, "at": request.at}
    try:
        if given["aside"]:
            services.enter_recusal(reason=given["comment"], **common)
        elif form.is_blank:
            services.take_away(expected_version=given["seen"], **common)
        else:
            services.enter_rating(
                points=form.points(),
                comment=given["comment"],
                abstained=given["abstained"],
                expected_version=given["seen"],
                **common,
            )
    except Refusal as refusal:
        form.add_error(None, f"{form.row.idea.receipt}: {refusal.message}")
        return False
    return True


def _fresh(rows: list[Row], forms: dict[int, RowForm]) -> list[Row]:
    """The lines as they stand now. Good ones get a form of what was kept; bad ones keep what was typed."""
    found = rows_of([(row.number, row.assignment.pk) for row in rows])
    for row in found:
        form = forms.get(row.assignment.pk)
        if form and form.errors:
            form.look_again(row)
        elif form:
            if row.is_fixed:
                del forms[row.assignment.pk]
            else:
                forms[row.assignment.pk] = RowForm(row=row, criteria=form.criteria)
    return found


def _faults(form: RowForm) -> list[tuple[str, str]]:
    """(where it is, what it is) of every fault of a line."""
    anchors = {name: form[name].id_for_label for name in form.fields}
    line = f"line-{form.row.assignment.pk}"
    return [(anchors.get(name, line), str(fault)) for name, faults in form.errors.items() for fault in faults]


def compare(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    """What waits on a sheet, beside the paper: confirm a line, confirm the page, send a line back."""
    campaign = _campaign(request, pk)
    panellist = _member(campaign, member)
    faulty: tuple[int, BackForm] | None = None
    if request.method == "POST":
        faulty = _compared(request, panellist)
        if faulty is None:
            return redirect("admin:ideas_campaign_paper_compare", pk, member)
    waiting = set(panellist.assignments.waiting_paper().values_list("pk", flat=True))
    lines = [line for line in numbered(panellist.assignments.all()) if line[1] in waiting]
    page = Paginator(lines, LINES).get_page(request.GET.get("page"))
    criteria = list(campaign.criteria.all())
    rows = rows_of(page.object_list)
    back = {row.assignment.pk: BackForm(auto_id=f"back-{row.assignment.pk}-%s") for row in rows}
    back |= dict([faulty]) if faulty else {}
    own = [row for row in rows if row.rating and row.rating.entered_by_id != request.user.pk]
    context = _context(
        campaign, member=panellist, page=page, criteria=criteria, mine=len(rows) - len(own), theirs=own,
        lines=[(row, _points(row, criteria), back[row.assignment.pk]) for row in rows],
    )  # fmt: skip
    return _page(request, "paper_compare", context, status=422 if faulty else 200)


def _points(row: Row, criteria: list[Any]) -> list[int | None]:
    given = {mark.criterion_id: mark.points for mark in row.rating.marks.all()} if row.rating else {}
    return [given.get(criterion.pk) for criterion in criteria]


def _compared(request: StaffRequest, panellist: Panellist) -> tuple[int, BackForm] | None:
    """Do what was pressed. Gives (seat, form) where something typed must be shown again."""
    act, common = request.POST.get("act", ""), dict[str, Any](clerk=request.user, at=request.at)
    if act == "all":
        pairs = (pair.partition(":") for pair in request.POST.getlist("line"))
        seen = {row_key(key): mark for key, _sep, mark in pairs}
        if request.POST.get("compared") != "on":
            messages.error(request, _("Tick that you have compared the whole page with the signed sheet."))
        else:
            _press(request, partial(services.confirm_sheet, panellist=panellist, expected_version=seen, **common))
        return None
    key = request.POST.get("seat", "")
    assignment = get_object_or_404(Assignment.objects.select_related("panellist"), pk=row_key(key), panellist=panellist)
    about: dict[str, Any] = {"assignment": assignment, "expected_version": request.POST.get("seen", ""), **common}
    if act == "confirm":
        _press(request, partial(services.confirm_rating, **about))
        return None
    form = BackForm(request.POST, auto_id=f"back-{assignment.pk}-%s")
    if not form.is_valid():
        return assignment.pk, form
    try:
        services.send_back(why=form.cleaned_data["why"], **about)
    except Refusal as refusal:
        form.add_error(None, refusal.message)
        return assignment.pk, form
    messages.success(request, _("Sent back: %(receipt)s") % {"receipt": assignment.idea.receipt})
    return None


def _press(request: StaffRequest, act: Callable[[], Any]) -> None:
    try:
        number = act() or 1
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, ngettext("%d line confirmed.", "%d lines confirmed.", number) % number)


def printed(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    """The blank sheet for one panellist, and on request what the ideas say; nothing of any proposer."""
    campaign = _campaign(request, pk)
    if not request.user.has_perm("ideas.assign_panel"):
        raise PermissionDenied
    panellist = _member(campaign, member)
    rows = [row for row in rows_of(numbered(panellist.assignments.all())) if not row.is_aside]
    context = _context(
        campaign, member=panellist, criteria=list(campaign.criteria.all()), rows=rows, at=request.at, is_sheet=True,
        with_texts="texts" in request.GET,
    )  # fmt: skip
    return TemplateResponse(request, "panel/paper.html", context)


def _page(request: StaffRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    shown = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/ideas/campaign/{name}.html", shown, status=status)
