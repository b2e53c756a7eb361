"""Groups of waiting ideas that look like one issue: merge them into the first, or say that they are not the same."""

from functools import partial
from itertools import chain

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.choices import Verdict
from ideas.desks import mergers, undo
from ideas.desks.pages import needs, page, press, render
from ideas.forms.kept import private_in
from ideas.models import Campaign, Idea
from ideas.queries.access import screened_ideas
from ideas.queries.duplicates import clusters
from ideas.queries.mergers import groups_of
from ideas.requests import StaffRequest, row_key
from ideas.services.duplicates import judge_pair
from ideas.services.screening import merge_idea

PER_PAGE = 50
MERGE = gettext_lazy("Merge the ticked ones into the first")


@needs("ideas.screen_idea")
def groups(request: StaffRequest, slug: str) -> HttpResponse:
    """The groups of a campaign, merged ones below; POST is one act on one of them."""
    campaign = get_object_or_404(Campaign, slug=slug)
    typed = None
    if request.method == "POST":
        if _press(request, campaign):
            return redirect(request.path)
        typed = request.POST
    alike = clusters(campaign, screened_ideas(request.user), most=PER_PAGE)
    merged = groups_of(campaign, screened_ideas(request.user), most=PER_PAGE)
    shown = [group.ideas for group in alike] + [[group.leader, *group.merged] for group in merged]
    for idea in chain(*shown):
        idea.campaign = campaign
    context = {
        "campaign": campaign,
        "clusters": alike,
        "groups": merged,
        "undoable": undo.undoable(request),
        "typed": typed,
        "private": private_in([typed.get("reason", "")]) if typed else "",
    }
    title = _("Ideas alike: %(campaign)s") % {"campaign": campaign}
    return render(
        request, "admin/ideas/idea/clusters.html", context, title=title, model=Idea, status=409 if typed else 200
    )


def _press(request: StaffRequest, campaign: Campaign) -> bool:
    """One act on the ticked ideas of one group. Of ideas alike each row is done or refused for itself; a merged group
    changes as a whole. False: nothing was done, and the page keeps what was typed."""
    ideas = screened_ideas(request.user).filter(campaign=campaign).select_related("campaign", "resident")
    keys = [row_key(key) for key in request.POST.getlist("idea")]
    rows = list(ideas.filter(pk__in=keys).by_receipt())
    wished = request.POST.get("leader", "")
    leader = ideas.filter(pk=row_key(wished)).first()
    if leader and request.POST.get("act") in mergers.GROUP_ACTS:
        return mergers.change_group(request, ideas, leader, rows)
    if leader is None or not rows:
        messages.error(request, _("Tick at least one idea."))
        return True
    merged = []
    for idea in rows:
        done = f"{idea.receipt} → {leader.receipt}"
        is_done = press(request, partial(_act, request, idea, leader), done, prefix=f"{idea.receipt}: ")
        if is_done and request.POST.get("act") == "merge":
            merged.append((idea.pk, idea.receipt, idea.version))
    if merged:
        undo.remember_many(request, MERGE, merged)
    return True


def _act(request: StaffRequest, idea: Idea, leader: Idea) -> None:
    """Merge one idea into the first of its group, or tell the two apart, as the page showed them."""
    shown = _shown(request)
    seen, first = shown.get(idea.pk, 0), shown.get(leader.pk, 0)
    if request.POST.get("act") == "merge":
        merge_idea(
            idea=idea,
            into=leader,
            moderator=request.user,
            at=request.at,
            expected_version=seen,
            expected_into_version=first,
        )
        return
    verdict, pair = Verdict.DIFFERENT, (first, seen)
    judge_pair(one=leader, other=idea, verdict=verdict, moderator=request.user, at=request.at, expected_version=pair)


def _shown(request: StaffRequest) -> dict[int, int]:
    """The versions of the group's ideas that the page showed."""
    pairs = (part.partition(":") for part in request.POST.get("seen", "").split(","))
    return {row_key(key): row_key(version) for key, _colon, version in pairs}


urls = [page("alike/<slug:slug>/", groups, "ideas_idea_clusters")]
