"""The winners, for everybody; nothing before release."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ideas.models import Campaign
from ideas.queries import access
from ideas.queries.winners import Choice, beside, cards_of, choices_of, narrowed
from ideas.requests import Request
from ideas.services.release import release_for_reader
from ideas.views.everybody import for_everybody
from ideas.views.ways import way_of

NARROWED_BY = ("topic", "street", "state")
LABELS = {
    "topic": gettext_lazy("Topics"),
    "street": gettext_lazy("Streets and towns"),
    "state": gettext_lazy("What became of it"),
}


def _released(request: Request, slug: str) -> Campaign:
    campaign = get_object_or_404(access.public_campaigns(request.at), slug=slug)
    if not campaign.is_released and release_for_reader(at=request.at):
        campaign.refresh_from_db()
    if not campaign.is_released:
        raise Http404
    return campaign


@for_everybody(*NARROWED_BY)
@require_safe
def winners(request: Request, slug: str) -> HttpResponse:
    """All of them, or those of a topic, a street, a state (`?topic=`, `?street=`, `?state=`)."""
    campaign = _released(request, slug)
    cards = cards_of(access.public_winners(campaign))
    chosen = {name: request.GET[name] for name in NARROWED_BY if request.GET.get(name)}
    choices = choices_of(cards, chosen)
    if any(not any(choice.is_chosen for choice in choices.get(name, ())) for name in chosen):
        return redirect("winners", slug)  # the link was never ours, or none of that is there any more
    context = {
        "campaign": campaign,
        "cards": narrowed(cards, chosen),
        "total": len(cards),
        "chosen": chosen,
        "choices": [(LABELS[name], _links(slug, chosen, name, rows)) for name, rows in choices.items()],
    }
    return render(request, "shortlist/winners.html", context)


def _links(slug: str, chosen: dict[str, str], name: str, rows: list[Choice]) -> list[tuple[Choice, str]]:
    """Each choice with its address; one that is made leads back to all."""
    base, found = reverse("winners", args=[slug]), []
    for row in rows:
        query = {**chosen, name: row.value}
        if row.is_chosen:
            del query[name]
        found.append((row, f"{base}?{urlencode(query)}" if query else base))
    return found


@for_everybody()
@require_safe
def winner(request: Request, slug: str, receipt: str) -> HttpResponse:
    campaign = _released(request, slug)
    idea = get_object_or_404(access.public_winners(campaign), receipt=receipt)
    cards = cards_of(access.public_winners(campaign))
    context = {
        "campaign": campaign,
        "idea": idea,
        "card": next(card for card in cards if card.idea == idea),
        "beside_it": beside(cards, idea),
        "own_address": request.build_absolute_uri(request.path),
        **way_of(idea, request.at),
    }
    return render(request, "shortlist/winner.html", context)
