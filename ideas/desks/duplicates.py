"""Groups of waiting ideas that look like one issue: merge them into the first, or say that they are not the same.

Merged groups stand under an address of their own. Both come in pages; of a large group the list has the first part, and
its own pages have them all.
"""

from functools import partial
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.choices import Verdict
from ideas.desks import mergers, referring, undo
from ideas.desks.pages import needs, page, press, render
from ideas.forms.kept import private_in
from ideas.models import Campaign, Idea
from ideas.queries.access import screened_ideas
from ideas.queries.duplicates import alike_in, clusters_of
from ideas.queries.mergers import Group, Part, groups_of, merged_in
from ideas.requests import StaffRequest, row_key
from ideas.services.duplicates import judge_pair
from ideas.services.screening import merge_idea

PER_PAGE = 6
MERGE = gettext_lazy("Merge the ticked ones into the first")


@needs("ideas.screen_idea")
def groups(request: StaffRequest, slug: str) -> HttpResponse:
    """The groups of a campaign, with `?merged` those that are merged; POST is one act on one of them."""
    campaign = get_object_or_404(Campaign, slug=slug)
    typed = None
    if request.POST.get("act") == "refer":
        return referring.refer_group(request, screened_ideas(request.user).filter(campaign=campaign))
    if request.method == "POST":
        if _press(request, campaign):
            return redirect(request.get_full_path())
        typed = request.POST
    is_merged = "merged" in request.GET or typed is not None
    shown = _merged_page(request, campaign) if is_merged else _alike_page(request, campaign)
    context = {
        "campaign": campaign,
        "is_merged": is_merged,
        "undoable": undo.undoable(request),
        **shown,
        **_typed_again(shown.get("groups", []), typed),
    }
    title = _("Ideas alike: %(campaign)s") % {"campaign": campaign}
    return render(
        request, "admin/ideas/idea/clusters.html", context, title=title, model=Idea, status=409 if typed else 200
    )


def _alike_page(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    ideas = screened_ideas(request.user)
    listed = _listed(request, alike_in(campaign, ideas))
    clusters = clusters_of(listed["page"].object_list, ideas)
    for idea in chain(*(cluster.ideas for cluster in clusters)):
        idea.campaign = campaign
    return {**listed, "clusters": clusters}


def _merged_page(request: StaffRequest, campaign: Campaign) -> dict[str, Any]:
    ideas = screened_ideas(request.user)
    listed = _listed(request, merged_in(campaign, ideas))
    groups = groups_of(listed["page"].object_list, ideas)
    for idea in chain(*([group.leader, *group.merged] for group in groups)):
        idea.campaign = campaign
    return {**listed, "groups": groups}


def _listed(request: StaffRequest, parts: list[Part]) -> dict[str, Any]:
    """A page of the groups, of each its first part; with `?group` (its leader) all parts of that one."""
    whole = row_key(request.GET.get("group", ""))
    shown = [part for part in parts if (part.keys[0] == whole if whole else part.number == 1)]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "count": 0 if whole else len(shown), "whole": whole}


def _typed_again(groups: list[Group], typed: Any) -> dict[str, Any]:
    """A refused reason: in the form where it was written, or above all where the page does not show that one now."""
    if typed is None:
        return {}
    reason, key = typed.get("reason", ""), f"{typed.get('leader')}-{typed.get('part', 1)}"
    is_there = any(group.key == key for group in groups)
    return {"typed": typed, "private": private_in([reason]), **({"typed_in": key} if is_there else {"words": reason})}


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
