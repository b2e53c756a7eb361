"""The score card 成绩单: figures that the office gives of a campaign or of a year, each with its day and its source."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign, Localized


class ScoreFigure(Localized):
    """One figure, as a newspaper prints it: large number, unit, what it says, compared with what, from where.

    Typed in by the office, never counted by the portal: what the portal counts itself stands in Campaign.figures.
    """

    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="score_figures",
        verbose_name=_("campaign"),
        help_text=_("Or a year below, not both."),
    )
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=[MinValueValidator(2000), MaxValueValidator(2199)]
    )
    name = models.CharField(_("what it says"), max_length=40)
    name_en = models.CharField(_("what it says, in English"), max_length=80, blank=True)
    value = models.CharField(_("number"), max_length=12, help_text=_("As it is printed: 340, 98.6, 1.2."))
    unit = models.CharField(_("unit of the number"), max_length=10, blank=True)
    unit_en = models.CharField(_("unit of the number, in English"), max_length=20, blank=True)
    comparison = models.CharField(
        _("comparison"), max_length=60, blank=True, help_text=_("With what it was before, for example.")
    )
    comparison_en = models.CharField(_("comparison in English"), max_length=120, blank=True)
    source = models.CharField(_("where it is from"), max_length=80)
    source_en = models.CharField(_("where it is from, in English"), max_length=160, blank=True)
    on = models.DateField(_("as of the day"), help_text=_("It is shown from this day on."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("figure of the score card")
        verbose_name_plural = _("score card")
        ordering = ("-on", "position", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(campaign=None) ^ models.Q(year=None), name="score_of_a_campaign_or_of_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.text('name')[0]} {self.value}{self.text('unit')[0]}"

    def clean(self) -> None:
        if (self.campaign_id is None) == (self.year is None):
            raise ValidationError({"year": _("Give a campaign or a year, not both.")})
