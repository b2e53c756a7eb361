"""A milestone 节点 of a referral: what its unit will have done by when, and what it says when that is done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import MilestoneState
from ideas.models.people import Unit
from ideas.models.referrals import Referral
from ideas.rules.milestones import AHEAD, PUBLIC


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def public(self) -> "MilestoneQuerySet":
        """What everybody may read who may read of the referral."""
        return self.filter(state__in=PUBLIC)

    def ahead(self) -> "MilestoneQuerySet":
        """Of these what is to come."""
        return self.filter(state__in=AHEAD)

    def drop(self) -> None:
        """Another unit makes a plan of its own: what is not done and public is followed no more."""
        rows = self.exclude(state=MilestoneState.DONE)
        rows.update(state=MilestoneState.DROPPED, released_at=None, done_on=None, done_words="")

    def standing(self) -> "MilestoneQuerySet":
        """Without what was taken back."""
        return self.exclude(state=MilestoneState.DROPPED)


class Milestone(models.Model):
    """Written by services.milestones only; who approved and released it stands in the referral's events.

    `words` and `done_words` are what residents read once each is released.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="milestones", verbose_name=_("referral"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    planned_on = models.DateField(_("planned for"))
    words = models.CharField(_("what will be done"), max_length=100)
    state = models.CharField(_("state"), max_length=12, choices=MilestoneState, default=MilestoneState.PROPOSED)
    released_at = models.DateTimeField(_("released at"), null=True)
    done_on = models.DateField(_("done on"), null=True)
    done_words = models.TextField(_("what was done"), blank=True)
    done_released_at = models.DateTimeField(_("done, released at"), null=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        default_permissions = ()
        ordering = ("planned_on", "id")

    def __str__(self) -> str:
        return f"{self.planned_on.isoformat()} {self.words}"
