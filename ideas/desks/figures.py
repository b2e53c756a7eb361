"""The sheet of figures: shares of units, topics or streets and their lists, on a page to print and as a file."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ideas.choices import Measure
from ideas.desks.pages import needs, page, render
from ideas.exports import referrals as exports
from ideas.forms.figures import FiguresForm
from ideas.models import Referral
from ideas.queries.board import Board, board
from ideas.requests import StaffRequest

PER_PAGE = 100


def _counted(request: StaffRequest, data: dict[str, Any]) -> tuple[Board, exports.Sheet]:
    found = board(request.user, request.at, data["campaign"], data["by"])
    return found, exports.sheet_of(found, by=data["by"], measure=data["measure"], limits=data["limits"])


@needs("ideas.view_referral")
def figures(request: StaffRequest) -> HttpResponse:
    form = FiguresForm(request.GET)
    context: dict[str, Any] = {"form": form, "definitions": exports.DEFINITIONS}
    if form.is_valid():
        found, sheet = _counted(request, form.cleaned_data)
        context |= {
            "board": found,
            "sheet": sheet,
            "page": Paginator(sheet.lines, PER_PAGE).get_page(request.GET.get("page")),
            "campaign": form.cleaned_data["campaign"],
            "measure": Measure(form.cleaned_data["measure"]).label,
            "file": f"{reverse('admin:ideas_referral_figures_file')}?{request.GET.urlencode()}",
        }
    status = 200 if form.is_valid() else 422
    title = _("Figures of referrals")
    return render(request, "admin/ideas/referral/figures.html", context, title=title, model=Referral, status=status)


@needs("ideas.view_referral")
def figures_file(request: StaffRequest) -> HttpResponseBase:
    """All rows of the same figures; who asks with limits that cannot be is led to the page that says why."""
    form = FiguresForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('admin:ideas_referral_figures')}?{request.GET.urlencode()}")
    found, sheet = _counted(request, form.cleaned_data)
    campaign = str(form.cleaned_data["campaign"] or _("All campaigns"))
    return exports.figures_file(sheet, found, campaign=campaign, measure=form.cleaned_data["measure"])


urls = [
    page("figures/", figures, "ideas_referral_figures"),
    page("figures/file/", figures_file, "ideas_referral_figures_file"),
]
