"""What the panel rates by, and what it rated: criteria, ratings, marks. A missing mark is never zero."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign, Localized
from ideas.models.panel import Assignment
from ideas.models.people import User
from ideas.rules.ratings import HIGHEST, LOWEST, fingerprint


class Criterion(Localized):
    """One line of the rubric 评分标准, rated 1–10, with words for the low, middle and high end of its scale."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="criteria", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=30)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    hint = models.CharField(_("question"), max_length=120, blank=True)
    hint_en = models.CharField(_("question in English"), max_length=240, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("weight in percent"),
        default=0,
        validators=[MaxValueValidator(100)],
        help_text=_("The criteria that count make 100 together."),
    )
    is_advice = models.BooleanField(
        _("advice only"), default=False, help_text=_("Shown to the office, outside the total; its weight is 0.")
    )
    is_optional = models.BooleanField(
        _("optional"), default=False, help_text=_("Left out where a panellist gives no points; never counted as zero.")
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

    def clean(self) -> None:
        if bool(self.weight) == self.is_advice:
            raise ValidationError({"weight": _("A criterion that counts has a weight; one for advice has none (0).")})


class RatingQuerySet(models.QuerySet["Rating"]):
    def unrestricted(self) -> "RatingQuerySet":
        return self.filter(assignment__idea__restricted=False)

    def given(self) -> "RatingQuerySet":
        """Neither an abstention nor typed in from paper and not yet confirmed."""
        return self.filter(abstained=False).filter(models.Q(entered_by=None) | models.Q(confirmed_by__isnull=False))

    def counting(self) -> "RatingQuerySet":
        """Those given that nobody has decided to leave out."""
        return self.given().exclude(decision__counts=False)

    def waiting(self) -> "RatingQuerySet":
        """Typed in from paper and not confirmed by a second person, abstentions too."""
        return self.filter(entered_by__isnull=False, confirmed_by=None)


def is_waiting(entered_by: int | None, confirmed_by: int | None) -> bool:
    """Whether marks from paper wait for their second person; the same as RatingQuerySet.waiting()."""
    return entered_by is not None and confirmed_by is None


class Rating(models.Model):
    """One panellist's judgement of one idea; the marks are its parts. An abstention 弃评 has none.

    Marks from paper are typed in by one member of staff and count once another has confirmed them; `rated_at` is then
    the moment of typing. Who finds them wrong sends them back with a word, and they wait until they are mended.
    """

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="rating", verbose_name=_("assignment"))
    comment = models.TextField(_("comment"), blank=True)
    rated_at = models.DateTimeField(_("rated at"))
    # The panellist of the assignment when the marks were given: a mark never becomes somebody else's.
    given_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="given_ratings",
        verbose_name=_("given by"),
    )
    abstained = models.BooleanField(_("abstained"), default=False)
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="entered_ratings", verbose_name=_("typed in by")
    )
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="confirmed_ratings", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    returned_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="returned_ratings", verbose_name=_("sent back by")
    )
    returned_why = models.CharField(_("what is wrong"), max_length=300, blank=True)

    seal = models.CharField(max_length=100, blank=True, editable=False)  # the portal's word for all of it

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        default_permissions = ("view",)
        permissions = (("enter_rating", _("Can type in and confirm marks from paper")),)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("entered_by")),
                name="paper_marks_by_two_people",
            ),
        ]

    @property
    def counts(self) -> bool:
        return not self.abstained and not self.is_waiting

    @property
    def is_waiting(self) -> bool:
        return is_waiting(self.entered_by_id, self.confirmed_by_id)

    @property
    def version(self) -> str:
        """What a page that shows this rating carries along, so that an act on it falls if it has changed since."""
        points = {mark.criterion_id: mark.points for mark in self.marks.all()}
        people = (self.entered_by_id, self.returned_by_id, self.confirmed_by_id)
        return fingerprint(points, self.comment, self.abstained, *people)

    def sealed_facts(self, points: Mapping[int, int]) -> dict[str, Any]:
        """With the assignment, its panellist and its idea, so that no rating passes on another desk."""
        assignment = self.assignment
        return {
            "seat": [
                assignment.pk,
                assignment.idea_id,
                assignment.panellist_id,
                assignment.panellist.user_id,
                assignment.panellist.campaign_id,
            ],
            "marks": sorted([criterion, value] for criterion, value in points.items()),
            "comment": self.comment,
            "abstained": self.abstained,
            "at": int(self.rated_at.timestamp() * 1_000_000),
            "people": [self.given_by_id, self.entered_by_id, self.confirmed_by_id, self.returned_by_id],
            "returned_why": self.returned_why,
        }


class MarkDecision(models.Model):
    """Whether a rating counts whose giver had become somebody who may not rate the idea.

    It holds for the `grounds` (Bar) that there were; once there are others it is to be decided anew. Written by
    services.doubts only; the office's log keeps every decision, also those that were changed.
    """

    rating = models.OneToOneField(Rating, models.CASCADE, related_name="decision", verbose_name=_("rating"))
    grounds = models.JSONField(_("grounds"), default=list)
    counts = models.BooleanField(_("counts"))
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, models.PROTECT, related_name="mark_decisions", verbose_name=_("by whom"))

    class Meta:
        verbose_name = _("decision on a mark")
        verbose_name_plural = _("decisions on marks")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.rating_id}: {self.counts}"


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
