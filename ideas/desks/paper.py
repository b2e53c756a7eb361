"""Panels on paper: the sheets to print, to type in, to compare and to confirm."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ideas.desks.pages import needs, page, press, render
from ideas.errors import Refusal
from ideas.forms.paper import BackForm, BaseSheet, RowForm, SheetFormSet
from ideas.models import Assignment, Campaign, Panellist
from ideas.queries import access
from ideas.queries.paper import Row, numbered, rows_of, sheets_of
from ideas.requests import StaffRequest, row_key
from ideas.services import paper as services

PRINTED = 100  # on one part of a sheet: about five pages
LINES = 20  # on a page that is typed in or compared: little is at stake at once, and a page of print is about as long


def _campaign(request: StaffRequest, pk: int) -> Campaign:
    """Only for those who type in, and nobody who rates blindly in this campaign."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if not access.may_see_paper(request.user, campaign):
        raise PermissionDenied
    return campaign


def _member(campaign: Campaign, pk: int) -> Panellist:
    return get_object_or_404(campaign.panellists.select_related("user__unit"), pk=pk)


def overview(request: StaffRequest, pk: int) -> HttpResponse:
    """Every panellist's sheet: how far it is, and where to print, type in and compare it."""
    campaign = _campaign(request, pk)
    sheets = sheets_of(campaign)
    return _page(request, campaign, "paper", {"sheets": sheets, "waiting": sum(row.waiting for row in sheets)})


def sheet(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    """Type in a page of a sheet. Good lines are kept at once; bad ones stay as they were typed, with their faults."""
    campaign = _campaign(request, pk)
    panellist = _member(campaign, member)
    lines, sent = numbered(panellist.assignments.all()), _sent_lines(request)
    part = Paginator(lines, LINES).get_page(request.GET.get("page"))
    # A line that left meanwhile moves others to the page before: they are read all the same.
    moved = [line for line in lines if line[1] in sent and line not in part.object_list]
    criteria = list(campaign.criteria.all())
    shown = [*part.object_list, *moved]
    forms = SheetFormSet(request.POST, rows=rows_of(shown), criteria=criteria, sent=sent)
    faults: list[tuple[str, str]] = []
    if request.method == "POST":
        _give_back(request, sent - {key for _number, key in lines}, criteria)
        faults = _save_lines(request, forms)
        if not faults:
            onward = part.number + 1 if "next" in request.POST and part.has_next() else part.number
            return redirect(f"{reverse('admin:ideas_campaign_paper_sheet', args=[pk, member])}?page={onward}")
        forms = forms.look_again(rows_of(shown))
    context = {"member": panellist, "page": part, "criteria": criteria, "lines": forms.forms, "faults": faults}
    return _page(request, campaign, "paper_sheet", context, status=422 if faults else 200)


def _sent_lines(request: StaffRequest) -> set[int]:
    """The assignments of which a line was sent."""
    names = [name.split("-") for name in request.POST if name.startswith("seat-") and name.endswith("-seen")]
    return {row_key(parts[1]) for parts in names if len(parts) == 3}


def _save_lines(request: StaffRequest, forms: BaseSheet) -> list[tuple[str, str]]:
    """Write the good lines that were sent; return the faults of the others."""
    saved = sum(_save(request, form) for form in forms)
    if saved:
        messages.success(request, ngettext("%d line saved.", "%d lines saved.", saved) % saved)
    return [fault for form in forms for fault in form.faults()]


def _give_back(request: StaffRequest, gone: set[int], criteria: list[Any]) -> None:
    """What was typed into lines that have left the sheet: their idea was restricted, their assignment taken away."""
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
    part = Paginator(lines, LINES).get_page(request.GET.get("page"))
    criteria = list(campaign.criteria.all())
    rows = rows_of(part.object_list)
    back = {row.assignment.pk: BackForm(auto_id=f"back-{row.assignment.pk}-%s") for row in rows}
    back |= dict([faulty]) if faulty else {}
    own = [row for row in rows if row.rating and row.rating.entered_by_id != request.user.pk]
    context = {
        "member": panellist,
        "page": part,
        "criteria": criteria,
        "mine": len(rows) - len(own),
        "theirs": own,
        "lines": [(row, _points(row, criteria), back[row.assignment.pk]) for row in rows],
    }
    return _page(request, campaign, "paper_compare", context, status=422 if faulty else 200)


def _points(row: Row, criteria: list[Any]) -> list[int | None]:
    given = {mark.criterion_id: mark.points for mark in row.rating.marks.all()} if row.rating else {}
    return [given.get(criterion.pk) for criterion in criteria]


def _compared(request: StaffRequest, panellist: Panellist) -> tuple[int, BackForm] | None:
    """Do what was pressed. Returns (assignment, form) where something typed must be shown again."""
    act, common = request.POST.get("act", ""), dict[str, Any](clerk=request.user, at=request.at)
    if act == "all":
        pairs = (pair.partition(":") for pair in request.POST.getlist("line"))
        seen = {row_key(key): mark for key, _sep, mark in pairs}
        if request.POST.get("compared") != "on":
            messages.error(request, _("Tick that you have compared the whole page with the signed sheet."))
        else:
            press(
                request,
                partial(services.confirm_sheet, panellist=panellist, expected_version=seen, **common),
                _confirmed,
            )
        return None
    key = request.POST.get("seat", "")
    assignment = get_object_or_404(Assignment.objects.select_related("panellist"), pk=row_key(key), panellist=panellist)
    about: dict[str, Any] = {"assignment": assignment, "expected_version": request.POST.get("seen", ""), **common}
    if act == "confirm":
        press(request, partial(services.confirm_rating, **about), _confirmed)
        return None
    form = BackForm(request.POST, auto_id=f"back-{assignment.pk}-%s")
    if not form.is_valid():
        return assignment.pk, form
    act_back = partial(services.send_back, why=form.cleaned_data["why"], **about)
    done = _("Sent back: %(receipt)s") % {"receipt": assignment.idea.receipt}
    return None if press(request, act_back, done, form) else (assignment.pk, form)


def _confirmed(lines: int | None) -> str:
    number = lines or 1
    return ngettext("%d line confirmed.", "%d lines confirmed.", number) % number


@needs("ideas.assign_panel")
def printed(request: StaffRequest, pk: int, member: int) -> HttpResponse:
    """The blank sheet for one panellist, a long one in parts, and on request what the ideas say; nothing of any
    proposer."""
    campaign = _campaign(request, pk)
    panellist = _member(campaign, member)
    aside = set(panellist.assignments.exclude(recusal=None).values_list("pk", flat=True))
    lines = [line for line in numbered(panellist.assignments.all()) if line[1] not in aside]
    part = Paginator(lines, PRINTED).get_page(request.GET.get("page"))
    context = {
        "campaign": campaign,
        "member": panellist,
        "criteria": list(campaign.criteria.all()),
        "page": part,
        "rows": rows_of(part.object_list),
        "at": request.at,
        "is_sheet": True,
        "with_texts": "texts" in request.GET,
    }
    return TemplateResponse(request, "panel/paper.html", context)


def _page(
    request: StaffRequest, campaign: Campaign, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shown = {"campaign": campaign, "is_over": hasattr(campaign, "shortlist"), **context}
    template = f"admin/ideas/campaign/{name}.html"
    return render(request, template, shown, title=campaign, model=Campaign, status=status)


urls = [
    page("<int:pk>/paper/", overview, "ideas_campaign_paper"),
    page("<int:pk>/paper/<int:member>/", sheet, "ideas_campaign_paper_sheet"),
    page("<int:pk>/paper/<int:member>/compare/", compare, "ideas_campaign_paper_compare"),
    page("<int:pk>/paper/<int:member>/print/", printed, "ideas_campaign_paper_print"),
]
