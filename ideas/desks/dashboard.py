"""The dashboard of a campaign, and what the first page of the admin says is waiting."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from ideas.desks.pages import needs, page, render
from ideas.models import Campaign
from ideas.queries import restricted, stats
from ideas.queries.access import lists_for_a_second
from ideas.queries.board import counted
from ideas.queries.notices import objections_for
from ideas.queries.paper import to_confirm
from ideas.queries.referrals import office_referrals, waiting_for_office
from ideas.requests import StaffRequest


@needs("ideas.view_idea")
def dashboard(request: StaffRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign, pk=pk)
    figures = stats.dashboard(campaign, request.at)
    shown = {
        "campaign": campaign,
        "figures": figures,
        "at": figures.at,
        "groups": [
            (_("By topic"), _("Topic"), figures.topics),
            (_("By street"), _("Street or town"), figures.streets),
            (_("By way in"), _("Way in"), figures.sources),
        ],
    }
    return render(request, "admin/ideas/campaign/dashboard.html", shown, title=campaign, model=Campaign)


def first_page(request: StaffRequest) -> dict[str, Any]:
    """What waits for this person, each as a link, the alerts, and the campaigns with their dashboards."""
    queue, user = reverse("admin:ideas_idea_changelist"), request.user
    words = {
        "to_screen": (_("ideas wait to be screened"), queue),
        "lapse_soon": (_("questions lapse within two days"), f"{queue}?status=returned&due=2"),
        "texts_to_check": (_("texts wait for your check"), reverse("admin:ideas_pendingtext_changelist")),
        "given_up": (_("messages could not be sent"), reverse("admin:ideas_message_changelist") + "?given_up=1"),
    }
    waiting = stats.waiting_for(user, request.at)
    kept = restricted.waiting(user)
    if kept:
        waiting["restricted"] = f"{kept.number:,}"
        words["restricted"] = (_("restricted ideas wait to be handed over"), reverse("admin:ideas_idea_restricted"))
    paper = to_confirm(user).order_by("assignment_id")
    first = paper.values_list("assignment__panellist__campaign", flat=True).first()
    if first:  # most campaigns have no paper: nothing is said of it then
        waiting["paper"] = stats.capped(paper)
        words["paper"] = (
            _("lines from paper wait for your confirmation"),
            reverse("admin:ideas_campaign_paper", args=[first]),
        )
    second = lists_for_a_second(user)
    if lists := list(second.values_list("pk", flat=True)[:2]):
        waiting["lists"] = stats.capped(second)
        one = reverse("admin:ideas_shortlist_change", args=[lists[0]])
        words["lists"] = (
            _("lists wait for your consent or signature"),
            one if len(lists) == 1 else reverse("admin:ideas_shortlist_changelist"),
        )
    objections = objections_for(user).waiting()
    if user.has_perm("ideas.decide_objection") and (number := stats.capped(objections)) != "0":
        waiting["objections"] = number
        words["objections"] = (
            _("objections wait for a decision"),
            reverse("admin:ideas_objection_changelist") + "?state__exact=open",
        )
    sees = user.has_perm("ideas.view_idea") and user.has_perm("ideas.view_campaign")
    return {
        "waiting": [*((number, *words[name]) for name, number in waiting.items()), *_at_units(request)],
        "kept_for": request.at - kept.since if kept and kept.since else None,
        "alerts": stats.alerts(user, request.at),
        "campaigns": list(Campaign.objects.newest_first()[:5]) if sees else [],
        "sees_units": user.has_perm("ideas.view_referral"),
        "may_screen": user.has_perm("ideas.screen_idea"),
        "at": request.at,
    }


def _at_units(request: StaffRequest) -> Iterator[tuple[str, str, str]]:
    """What units wait for and what they are late with: the number, its words, the list of exactly these; nothing of
    what is not there."""
    rows, listed = office_referrals(request.user), reverse("admin:ideas_referral_changelist")
    found = {"count=overdue": (counted(rows, "overdue", localdate(request.at)), _("referrals are overdue"))}
    if request.user.has_perm("ideas.refer_idea"):
        words = {
            "question": _("questions of units wait for the office"),
            "return": _("returns wait for a decision"),
            "release": _("answers of units wait to be released"),
            "milestone": _("referrals have milestones to be released"),
            "done": _("referrals are reported done"),
        }
        waiting = {f"waits={name}": (rows.filter(waiting_for_office(name)), said) for name, said in words.items()}
        found = waiting | found
    for query, (counted_rows, said) in found.items():
        if (number := stats.capped(counted_rows)) != "0":
            yield number, said, f"{listed}?{query}"


urls = [page("<int:pk>/dashboard/", dashboard, "ideas_campaign_dashboard")]
