"""The score cards: the newest for the home page, that of a campaign for its report."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from ideas.models import Campaign, ScoreFigure


@dataclass(frozen=True)
class ScoreCard:
    """Figures of one campaign, or of one year, in their order."""

    figures: list[ScoreFigure]

    @property
    def campaign(self) -> Campaign | None:
        return self.figures[0].campaign

    @property
    def year(self) -> int | None:
        return self.figures[0].year


def public_figures(at: datetime) -> QuerySet[ScoreFigure]:
    """Those whose day has come, of years and of campaigns that everybody may know of."""
    known = Q(campaign=None) | Q(campaign__announced_at__lte=at)
    return ScoreFigure.objects.filter(known, on__lte=localdate(at)).select_related("campaign")


def newest_card(at: datetime) -> ScoreCard | None:
    """The card to which the newest figure belongs, whole."""
    newest = public_figures(at).first()
    if newest is None:
        return None
    return card(public_figures(at).filter(campaign=newest.campaign_id, year=newest.year))


def card_of(campaign: Campaign, at: datetime) -> ScoreCard | None:
    return card(public_figures(at).filter(campaign=campaign))


def card(figures: QuerySet[ScoreFigure]) -> ScoreCard | None:
    found = list(figures.order_by("position", "id"))
    return ScoreCard(found) if found else None
