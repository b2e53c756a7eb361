"""The manager's view of the marks: the ranking with its doubts, and a sheet for each idea that says why its rank."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from ideas.desks.pages import as_shown, needs, page, press, render
from ideas.forms.panel import DoubtForm
from ideas.models import Campaign, Idea
from ideas.queries import access
from ideas.queries.doubts import doubts_of, groups_of
from ideas.queries.paper import waiting_in
from ideas.queries.ranking import Overview, why
from ideas.requests import StaffRequest
from ideas.rules.receipts import read_receipt
from ideas.rules.workflow import RATED
from ideas.services.doubts import decide_marks

PAGE = 50


@needs("ideas.view_shortlist")
def ranking(request: StaffRequest, pk: int) -> HttpResponse:
    """The ranking; marks that may not count stand above it, each group with the form that decides it."""
    campaign = get_object_or_404(Campaign, pk=pk)
    groups = groups_of(doubts_of(campaign))
    forms = {group.key: DoubtForm(group=group) for group in groups}
    if request.method == "POST":
        key = request.POST.get("group", "")
        group = next((group for group in groups if group.key == key), None)
        if group is None:
            messages.error(request, _("Something has changed about these marks meanwhile. Look at them again."))
            return _show(request, campaign, forms, words=request.POST.get("reason", ""), status=409)
        forms[key] = form = DoubtForm(request.POST, group=group)
        if form.is_valid() and press(request, partial(_decide, request, campaign, form), _("Decided."), form):
            return redirect("admin:ideas_campaign_ranking", pk)
        as_shown(form, shown=group.version)
    return _show(request, campaign, forms)


def _decide(request: StaffRequest, campaign: Campaign, form: DoubtForm) -> None:
    given = form.cleaned_data
    decide_marks(
        campaign=campaign,
        ratings=given["ratings"],
        expected_bars=form.group.bars,
        counts=request.POST.get("act") == "count",
        reason=given["reason"],
        manager=request.user,
        at=request.at,
        expected_versions=given["shown"],
    )


def _show(
    request: StaffRequest, campaign: Campaign, forms: dict[str, DoubtForm], words: str = "", status: int = 200
) -> HttpResponse:
    """The page; `words` are those whose form stands there no more."""
    overview = Overview(campaign)
    shortlist = getattr(campaign, "shortlist", None)
    found = _found(request, campaign)
    place = next((number for number, line in enumerate(overview.lines) if line.score.idea == found), None)
    asked = request.GET.get("page") or (place // PAGE + 1 if place is not None else 1)
    lines = Paginator(overview.lines, PAGE).get_page(asked)
    wished = overview.wished
    shown = {line.score.idea for line in (*lines.object_list, *wished)}
    ideas = access.screened_ideas(request.user).filter(pk__in=shown).only("id", "receipt", "title").in_bulk()
    names = {member.pk: str(member) for member in campaign.panellists.select_related("user")}
    context = {
        "campaign": campaign,
        "words": words,
        "overview": overview,
        "waiting": waiting_in(campaign).count(),
        "doubts": list(forms.values()),
        "is_listed": shortlist is not None,
        "may_decide": request.user.has_perm("ideas.propose_shortlist") and not (shortlist and shortlist.is_sealed),
        "page": lines,
        "found": found,
        "is_missing": "find" in request.GET and place is None,
        "cut_page": campaign.places // PAGE + 1,  # where the first one behind the cut stands
        "rows": [(line, ideas.get(line.score.idea)) for line in lines.object_list],
        "wished": [(line, ideas.get(line.score.idea)) for line in wished],
        "habits": [(habit, names[habit.panellist]) for habit in overview.habits],
        "agreement": overview.agreement,
    }
    status = 422 if any(form.errors for form in forms.values()) else status
    template = "admin/ideas/campaign/standing.html"
    return render(request, template, context, title=campaign, model=Campaign, status=status)


def _found(request: StaffRequest, campaign: Campaign) -> int | None:
    """The key of the idea whose receipt number is looked for."""
    receipt = read_receipt(request.GET.get("find", ""))
    ideas = access.screened_ideas(request.user).filter(campaign=campaign, receipt=receipt)
    return ideas.values_list("pk", flat=True).first() if receipt else None


@needs("ideas.view_shortlist")
def sheet(request: StaffRequest, pk: int, idea: int) -> HttpResponse:
    """Why an idea has its rank."""
    campaign = get_object_or_404(Campaign, pk=pk)
    rated = access.screened_ideas(request.user).filter(campaign=campaign, status__in=RATED)
    row: Idea = get_object_or_404(rated, pk=idea)
    context = {"campaign": campaign, "idea": row, **why(Overview(campaign), row), "at": request.at}
    return render(request, "admin/ideas/campaign/why.html", context, title=row.receipt, model=Campaign)


urls = [
    page("<int:pk>/standing/", ranking, "ideas_campaign_ranking"),
    page("<int:pk>/standing/<int:idea>/", sheet, "ideas_campaign_why"),
]
