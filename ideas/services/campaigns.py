"""What belongs to a whole campaign: its counted figures."""

from datetime import datetime

from django.db.models import Count, Q

from ideas.choices import Status
from ideas.models import Campaign
from ideas.rules.workflow import VALID


def refresh_figures(*, campaign: Campaign, at: datetime) -> None:
    """Count the campaign's ideas once and keep the figures with their moment; public pages read only those.

    How many are chosen is nobody's business before release, so it stays out until then.
    """
    counted = campaign.ideas.unrestricted().aggregate(
        received=Count("id"),
        valid=Count("id", filter=Q(status__in=VALID)),
        chosen=Count("id", filter=Q(status=Status.AWARDED)),
    )
    if not campaign.is_released:
        del counted["chosen"]
    campaign.figures = {"at": at.isoformat(), **counted}
    campaign.save(update_fields=["figures"])
