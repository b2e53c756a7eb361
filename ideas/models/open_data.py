"""Whether a campaign gives out what is public of it as files that programs read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign


class OpenData(models.Model):
    """A table of its own, as `CampaignDays`: what a campaign's row holds is vouched for. Without a row it is off."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="open_data", verbose_name=_("campaign"))
    is_on = models.BooleanField(
        _("open data"),
        default=False,
        help_text=_(
            "What everybody can read of ideas and winners, the figures and the published record are files to download, "
            "without names."
        ),
    )

    class Meta:
        verbose_name = _("open data")
        verbose_name_plural = _("open data")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return str(self.campaign)
