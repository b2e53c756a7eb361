"""The board of units: who has how much, what is late, and how long answers take; each number leads to its referrals."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from ideas.desks.pages import needs, page, render
from ideas.models import Campaign, Referral
from ideas.queries.board import Tally
from ideas.queries.board import board as count_board
from ideas.requests import StaffRequest, row_key

PER_PAGE = 50
PICTURED = 12  # units of a picture
SHOWN = ("all", "open", "due", "overdue", "returned", "answered", "in_time", "late", "judged", "solved", "satisfied")


def campaign_of(request: StaffRequest) -> Campaign | None:
    """The one that the address names; without one, all of them."""
    asked = request.GET.get("campaign", "")
    return get_object_or_404(Campaign, pk=row_key(asked)) if asked else None


@needs("ideas.view_referral")
def board(request: StaffRequest) -> HttpResponse:
    campaign = campaign_of(request)
    found = count_board(request.user, request.at, campaign)
    shown = Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "board": found,
        "page": shown,
        "lines": [{"row": row, "numbers": links(row.tally, campaign, unit=row.key)} for row in shown],
        "total": links(found.total, campaign),
        "pictured": [row for row in found.rows[:PICTURED] if row.tally["open"]],
        "most": max((row.tally["open"] for row in found.rows), default=0),
        "campaign": campaign,
        "campaigns": Campaign.objects.newest_first()[:PER_PAGE],
    }
    return render(request, "admin/ideas/referral/board.html", context, title=_("Board of units"), model=Referral)


def links(tally: Tally, campaign: Campaign | None, unit: int | None = None) -> list[dict[str, Any]]:
    """Each number with the address of exactly the referrals that it counts."""
    where = {"campaign__id__exact": campaign.pk if campaign else None, "unit__id__exact": unit}
    narrowed = {name: value for name, value in where.items() if value is not None}
    changelist = reverse("admin:ideas_referral_changelist")
    return [
        {"name": name, "number": tally[name], "url": f"{changelist}?{urlencode({'count': name, **narrowed})}"}
        for name in SHOWN
    ]


urls = [page("board/", board, "ideas_referral_board")]
