"""What the office has decided in advance about referrals: a campaign's days and what it shows; which unit has what."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign
from ideas.models.people import Unit
from ideas.rules.referrals import MOST_DAYS, USUAL_DAYS, Days
from ideas.rules.referring import Rule, read_words


def _days(label: Any, usual: int, most: int, help_text: Any) -> models.PositiveSmallIntegerField:
    bounds = [MinValueValidator(1), MaxValueValidator(most)]
    return models.PositiveSmallIntegerField(label, default=usual, validators=bounds, help_text=help_text)


class CampaignDays(models.Model):
    """How many working days units have in a campaign unless a referral says otherwise; without a row, the usual ones.
    And whether everybody reads with an accepted idea that is shown, not only with a winner, what units do about it.

    A table of its own: what a campaign's row holds is vouched for, and follows from what was announced.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="referral_days", verbose_name=_("campaign"))
    acknowledge = _days(
        _("to acknowledge"), USUAL_DAYS.acknowledge, MOST_DAYS.acknowledge, _("Working days, from the day of sending.")
    )
    answer = _days(_("to answer"), USUAL_DAYS.answer, MOST_DAYS.answer, _("With a plan; counted from the same day."))
    finish = _days(
        _("to be done"), USUAL_DAYS.finish, MOST_DAYS.finish, _("Or to say when. Referrals that are sent keep theirs.")
    )

    show_way = models.BooleanField(
        _("show what units do"),
        default=False,
        help_text=_("Also with accepted ideas that everybody can read; with winners it is shown in any case."),
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


class ReferralRule(models.Model):
    """Ideas of a topic, of a street, with certain words are one unit's affair. It suggests and sends nothing.

    Topics and streets are kept by their names: those of another campaign are the same matter, and other rows.
    """

    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="referral_rules",
        verbose_name=_("campaign"),
        help_text=_("Empty: for every campaign."),
    )
    topic = models.CharField(_("topic"), max_length=30, blank=True)
    street = models.CharField(_("street or town"), max_length=40, blank=True)
    words = models.CharField(
        _("words"),
        max_length=200,
        blank=True,
        help_text=_("One of them stands in the title, the text or the place; with blanks or commas between them."),
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="referral_rules", verbose_name=_("responsible unit"))
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=100,
        help_text=_("Rules are read from the smallest number on; the first that suits counts."),
    )

    class Meta:
        verbose_name = _("rule for referring")
        verbose_name_plural = _("rules for referring")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.about} → {self.unit}"

    @property
    def about(self) -> str:
        return " · ".join(filter(None, [self.topic, self.street, "、".join(read_words(self.words))]))

    @property
    def rule(self) -> Rule:
        return Rule(self.topic, self.street, read_words(self.words))

    def clean(self) -> None:
        if self.rule == Rule():
            raise ValidationError(_("Name a topic, a street or words: otherwise the rule suits nothing."))
