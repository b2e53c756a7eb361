"""The manager's view of the marks: the standing with its doubts, and a sheet for each idea that says why its rank."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from ideas.admin.buttons import as_shown
from ideas.errors import Refusal
from ideas.forms.panel import DoubtForm
from ideas.models import Campaign, Idea
from ideas.queries import access
from ideas.queries.doubts import doubts_of, groups_of
from ideas.queries.paper import waiting_in
from ideas.queries.ranking import Overview, why
from ideas.queries.ratings import RATED
from ideas.requests import StaffRequest
from ideas.services.doubts import decide_marks

PAGE = 100


def _campaign(request: StaffRequest, pk: int) -> Campaign:
    """Nothing of a standing for those who may not see the list."""
    if not request.user.has_perm("ideas.view_shortlist"):
        raise PermissionDenied
    return get_object_or_404(Campaign, pk=pk)


def ranking(request: StaffRequest, pk: int) -> HttpResponse:
    """The standing; marks that may not count stand above it, each group with the form that decides it."""
    campaign = _campaign(request, pk)
    groups = groups_of(doubts_of(campaign))
    forms = {group.key: DoubtForm(group=group) for group in groups}
    if request.method == "POST":
        key = request.POST.get("group", "")
        group = next((group for group in groups if group.key == key), None)
        if group is None:
            messages.error(request, _("Something has changed about these marks meanwhile. Look at them again."))
            return _show(request, campaign, forms, words=request.POST.get("reason", ""), status=409)
        forms[key] = form = DoubtForm(request.POST, group=group)
        if form.is_valid() and _decided(request, campaign, form):
            messages.success(request, _("Decided."))
            return redirect("admin:ideas_campaign_ranking", pk)
    return _show(request, campaign, forms)


def _decided(request: StaffRequest, campaign: Campaign, form: DoubtForm) -> bool:
    given = form.cleaned_data
    try:
        decide_marks(
            campaign=campaign,
            ratings=given["ratings"],
            expected_bars=form.group.bars,
            counts=request.POST.get("act") == "count",
            reason=given["reason"],
            manager=request.user,
            at=request.at,
            decided=given["shown"],
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal.message))
        as_shown(form, shown=form.group.shown)
        return False
    return True


def _show(
    request: StaffRequest, campaign: Campaign, forms: dict[str, DoubtForm], words: str = "", status: int = 200
) -> HttpResponse:
    """The page; `words` are those whose form stands there no more."""
    overview = Overview(campaign)
    shortlist = getattr(campaign, "shortlist", None)
    page = Paginator(overview.lines, PAGE).get_page(request.GET.get("page"))
    wished = overview.wished
    shown = {line.score.idea for line in (*page.object_list, *wished)}
    ideas = access.screened_ideas(request.user).filter(pk__in=shown).only("id", "receipt", "title").in_bulk()
    names = {member.pk: str(member) for member in campaign.panellists.select_related("user")}
    context = {
        **admin.site.each_context(request),
        "campaign": campaign,
        "words": words,
        "overview": overview,
        "waiting": waiting_in(campaign).count(),
        "doubts": list(forms.values()),
        "is_listed": shortlist is not None,
        "may_decide": request.user.has_perm("ideas.propose_shortlist") and not (shortlist and shortlist.is_sealed),
        "page": page,
        "rows": [(line, ideas.get(line.score.idea)) for line in page.object_list],
        "wished": [(line, ideas.get(line.score.idea)) for line in wished],
        "habits": [(habit, names[habit.panellist]) for habit in overview.habits],
        "agreement": overview.agreement,
        "title": campaign,
        "opts": Campaign._meta,
    }
    status = 422 if any(form.errors for form in forms.values()) else status
    return TemplateResponse(request, "admin/ideas/campaign/standing.html", context, status=status)


def sheet(request: StaffRequest, pk: int, idea: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    rated = access.screened_ideas(request.user).filter(campaign=campaign, status__in=RATED)
    row: Idea = get_object_or_404(rated, pk=idea)
    context = {
        **admin.site.each_context(request),
        "campaign": campaign,
        "idea": row,
        "title": row.receipt,
        "opts": Campaign._meta,
    }
    return TemplateResponse(
        request, "admin/ideas/campaign/why.html", {**context, **why(Overview(campaign), row), "at": request.at}
    )
