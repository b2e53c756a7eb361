"""What the panel rates by, and what it rated: criteria, ratings, marks. A missing mark is never zero."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign, Localized
from ideas.models.panel import Assignment
from ideas.rules.ratings import HIGHEST, LOWEST


class Criterion(Localized):
    """One line of the rubric 评分标准, rated 1–10, with words for the low, middle and high end of its scale."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="criteria", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=30)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    hint = models.CharField(_("question"), max_length=120, blank=True)
    hint_en = models.CharField(_("question in English"), max_length=240, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight in percent"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    low = models.CharField(_("1–3 means"), max_length=40)
    low_en = models.CharField(_("1–3 means, in English"), max_length=80, blank=True)
    middle = models.CharField(_("4–7 means"), max_length=40)
    middle_en = models.CharField(_("4–7 means, in English"), max_length=80, blank=True)
    high = models.CharField(_("8–10 means"), max_length=40)
    high_en = models.CharField(_("8–10 means, in English"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text("name")[0]


class Rating(models.Model):
    """One panellist's judgement of one idea; the marks are its parts."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="rating", verbose_name=_("assignment"))
    comment = models.TextField(_("comment"), blank=True)
    rated_at = models.DateTimeField(_("rated at"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")


class Mark(models.Model):
    """The points for one criterion."""

    rating = models.ForeignKey(Rating, models.CASCADE, related_name="marks", verbose_name=_("rating"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="marks", verbose_name=_("criterion"))
    points = models.PositiveSmallIntegerField(
        _("points"), validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)]
    )

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(fields=["rating", "criterion"], name="criterion_once_per_rating"),
            models.CheckConstraint(condition=models.Q(points__range=(LOWEST, HIGHEST)), name="points_in_range"),
        ]
