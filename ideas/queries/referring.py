"""What the office has decided in advance about referrals, as the form of a new one and its service read it."""

from ideas.models import Campaign, CampaignDays
from ideas.rules.referrals import USUAL_DAYS, Days


def days_of(campaign: Campaign) -> Days:
    """How many working days a campaign gives; asked for each time, so that a change counts from then on."""
    row = CampaignDays.objects.filter(campaign=campaign).first()
    return row.days if row else USUAL_DAYS
