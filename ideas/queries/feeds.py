"""What feeds tell of a campaign: milestones of units that everybody can read of on the page of an idea."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from ideas.choices import Status
from ideas.models import Campaign, Idea, Milestone, Referral, ReferralIdea
from ideas.queries.access import shown_ideas
from ideas.queries.referrals import told

NEWEST = 50


@dataclass(frozen=True)
class News:
    """A milestone, the idea on whose page it stands, and since when it says what it says."""

    milestone: Milestone
    idea: Idea
    at: datetime

    @property
    def is_done(self) -> bool:
        return self.milestone.done_released_at is not None


def milestone_news(campaign: Campaign, at: datetime) -> list[News]:
    """The newest first: of winners, and of other ideas where the campaign shows what units do. Three queries."""
    is_winner = Q(status=Status.AWARDED, campaign__released_at__isnull=False)
    ideas = shown_ideas(at).filter(campaign=campaign)
    ideas = ideas.filter(is_winner | Q(campaign__show_ideas=True, campaign__referral_days__show_way=True))
    places = ReferralIdea.objects.standing().filter(idea__in=ideas.order_by().values("pk"))
    given = told(Referral.objects.unrestricted().filter(campaign=campaign, pk__in=places.values("referral")))
    rows = Milestone.objects.public().filter(referral__in=given.order_by().values("pk"), released_at__isnull=False)
    since = Coalesce("done_released_at", "released_at")
    newest: Any = rows.select_related("unit").annotate(since=since).order_by("-since", "-pk")[:NEWEST]
    led_by: Any = places.filter(referral__in=[row.referral_id for row in newest]).order_by("-pk")
    leading = dict(led_by.values_list("referral", "idea"))  # of several places the one that was named first
    found = ideas.in_bulk(list(leading.values()))
    told_of = [(row, found.get(leading.get(row.referral_id, 0))) for row in newest]
    return [News(row, idea, row.since) for row, idea in told_of if idea]
