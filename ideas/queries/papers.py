"""What stands on a campaign's poster and slip, and where both are."""

from typing import Any

from ideas import conf
from ideas.models import Campaign, CampaignPapers


def paper_facts(campaign: Campaign) -> dict[str, Any]:
    """For the templates of both: the form's address for a QR code, and the row with the place to hand slips in."""
    return {"form_address": address_of(campaign, "submit"), "papers": _papers(campaign)}


def _papers(campaign: Campaign) -> CampaignPapers | None:
    """None where there is nothing to say of a place."""
    return CampaignPapers.objects.filter(campaign=campaign).exclude(drop_off="").first()


def address_of(campaign: Campaign, page: str = "") -> str:
    """Of a public page of a campaign; the staff's own process may not know it by name."""
    return "/".join(filter(None, (conf.site_url(), "campaigns", campaign.slug, page))) + "/"
