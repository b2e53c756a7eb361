"""What the office has decided in advance about referrals: how many working days a campaign gives."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign
from ideas.rules.referrals import MOST_DAYS, USUAL_DAYS, Days


def _days(label: Any, usual: int, most: int, help_text: Any) -> models.PositiveSmallIntegerField:
    bounds = [MinValueValidator(1), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(label, default=usual, validators=bounds, help_text=help_text)


class CampaignDays(models.Model):
    """How many working days units have in a campaign unless a referral says otherwise; without a row, the usual ones.

    A table of its own: what a campaign's row holds is vouched for, and this is told to nobody outside.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="referral_days", verbose_name=_("campaign"))
    acknowledge = _days(
        _("to acknowledge"), USUAL_DAYS.acknowledge, MOST_DAYS.acknowledge, _("Working days, from the day of sending.")
    )
    answer = _days(_("to answer"), USUAL_DAYS.answer, MOST_DAYS.answer, _("With a plan; counted from the same day."))
    finish = _days(
        _("to be done"), USUAL_DAYS.finish, MOST_DAYS.finish, _("Or to say when. Referrals that are sent keep theirs.")
    )

    class Meta:
        verbose_name = _("working days of units")
        verbose_name_plural = _("working days of units")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return f"{self.acknowledge} · {self.answer} · {self.finish}"

    def clean(self) -> None:
        given = (self.acknowledge, self.answer, self.finish)
        if None not in given and list(given) != sorted(given):
            raise ValidationError({"finish": _("Each step takes at least as long as the one before it.")})

    @property
    def days(self) -> Days:
        return Days(self.acknowledge, self.answer, self.finish)
