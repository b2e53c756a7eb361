"""What a campaign prints besides its announcement: where slips are handed in, the wording of its certificates."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign, Localized
from ideas.rules.certificates import PLACES, unknown_places


class CampaignPapers(Localized):
    """A campaign's own words for what it prints; what is empty, or without a row, is worded as usual.

    A table of its own, as CampaignDays: what a campaign's row holds is vouched for, and follows from its announcement.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="papers", verbose_name=_("campaign"))
    certificate = models.TextField(
        _("certificate"),
        max_length=300,
        blank=True,
        help_text=_(
            "The first line addresses whoever is honoured. Filled in: {name} {title} {tier} {campaign} {organiser} "
            "{day}. Empty: the usual wording."
        ),
    )
    certificate_en = models.TextField(_("certificate in English"), max_length=600, blank=True)

    drop_off = models.CharField(
        _("where slips are handed in"),
        max_length=120,
        blank=True,
        help_text=_("Stands on the poster and on the slip: the place, and when it is open."),
    )
    drop_off_en = models.CharField(_("where slips are handed in, in English"), max_length=240, blank=True)

    class Meta:
        verbose_name = _("papers of a campaign")
        verbose_name_plural = _("papers of a campaign")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return str(self.campaign)

    def clean(self) -> None:
        places = " ".join(f"{{{name}}}" for name in PLACES)
        errors = {
            field: _("%(found)s stands for nothing. There are: %(places)s")
            % {"found": " ".join(unknown), "places": places}
            for field in ("certificate", "certificate_en")
            if (unknown := unknown_places(getattr(self, field)))
        }
        if errors:
            raise ValidationError(errors)
