"""What everybody may read of a campaign: the home page, the announcement, and the ideas where it shows them."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ideas.choices import FollowUp, Phase
from ideas.models import Campaign
from ideas.queries import access
from ideas.queries.campaigns import course_of, page_of
from ideas.queries.notices import days_of, last_notice
from ideas.queries.referring import shows_way
from ideas.queries.score_card import newest_card
from ideas.queries.winners import cards_of
from ideas.requests import Request
from ideas.views.everybody import for_everybody
from ideas.views.ways import way_of

FIRST = (Phase.COLLECTING, Phase.REVIEWING, Phase.UPCOMING)  # which campaign stands first on the home page
SHOWN = 3  # winners of the last campaign there


@for_everybody()
@require_safe
def home(request: Request) -> HttpResponse:
    """The campaign that matters today, the others, and what became of the last one's winners."""
    campaigns = [(campaign, campaign.phase(request.at)) for campaign in access.public_campaigns(request.at)]
    now = sorted((row for row in campaigns if row[1] in FIRST), key=lambda row: FIRST.index(row[1]))
    past = [row for row in campaigns if row[1] == Phase.PUBLISHED]
    last = past[0][0] if past else None
    cards = cards_of(access.public_winners(last)) if last else []
    context = {
        "hero": now[0] if now else None,
        "current": now[1:],
        "past": past,
        "last": last,
        "cards": sorted(cards, key=lambda card: (card.photo is None, card.rank))[:SHOWN],
        "total": len(cards),
        "score_card": newest_card(request.at),
        "done": sum(card.follow_up == FollowUp.DONE for card in cards),
    }
    return render(request, "campaigns/home.html", context)


@for_everybody()
@require_safe
def campaign(request: Request, slug: str) -> HttpResponse:
    row = get_object_or_404(access.public_campaigns(request.at).select_related("notice_term", "open_data"), slug=slug)
    context = {
        "campaign": row,
        "phase": row.phase(request.at),
        "topics": row.topics.all(),
        "criteria": row.criteria.all(),
        "course": course_of(row, request.at),
        "notice_days": days_of(row),
        "notice": last_notice(row) if row.phase(request.at) == Phase.REVIEWING else None,
    }
    return render(request, "campaigns/campaign.html", context)


@for_everybody("topic", "after")
@require_safe
def ideas(request: Request, slug: str) -> HttpResponse:
    """Twenty ideas, newest first; `?topic=` narrows, `?after=` goes on behind a receipt number."""
    row = _showing(request, slug)
    topics = list(row.topics.all())
    topic = next((topic for topic in topics if topic.slug == request.GET.get("topic")), None)
    after = request.GET.get("after", "")
    page = page_of(access.public_ideas(row), topic=topic, after=after)
    if page is None or (topic is None and "topic" in request.GET):
        # The idea that the link stood under is no longer there (declined since), or the link was never ours.
        return redirect(reverse("ideas", args=[slug]) + (f"?topic={topic.slug}" if topic else ""))
    context = {"campaign": row, "phase": row.phase(request.at), "topics": topics, "topic": topic, "after": after}
    return render(request, "campaigns/ideas.html", {**context, "page": page})


@for_everybody()
@require_safe
def idea(request: Request, slug: str, receipt: str) -> HttpResponse:
    row = _showing(request, slug)
    shown = get_object_or_404(access.public_ideas(row), receipt=receipt)
    context = {"campaign": row, "idea": shown, "photos": access.released_photos(shown)}
    way = way_of(shown, request.at) if shows_way(row) else {}
    return render(request, "campaigns/idea.html", {**context, **way})


def _showing(request: Request, slug: str) -> Campaign:
    """A public campaign that shows its ideas; every other one looks as if it did not exist."""
    row = get_object_or_404(access.public_campaigns(request.at).select_related("referral_days"), slug=slug)
    if not row.show_ideas:
        raise Http404
    return row
