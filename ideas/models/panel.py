"""The panel of a campaign: who rates, which ideas each one got, and who stood aside."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.people import User


class Panellist(models.Model):
    """A person's seat on one campaign's panel."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="panellists", verbose_name=_("campaign"))
    user = models.ForeignKey(User, models.PROTECT, related_name="seats", verbose_name=_("user"))
    is_active = models.BooleanField(_("takes part"), default=True)

    class Meta:
        verbose_name = _("panellist")
        verbose_name_plural = _("panellists")
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="panellist_once_per_campaign")]

    def __str__(self) -> str:
        return str(self.user)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def standing(self) -> "AssignmentQuerySet":
        """Not recused."""
        return self.filter(recusal=None)

    def to_do(self) -> "AssignmentQuerySet":
        return self.standing().filter(rating=None)


class Assignment(models.Model):
    """One idea on one panellist's desk."""

    panellist = models.ForeignKey(Panellist, models.PROTECT, related_name="assignments", verbose_name=_("panellist"))
    idea = models.ForeignKey(Idea, models.PROTECT, related_name="assignments", verbose_name=_("idea"))
    assigned_at = models.DateTimeField(_("assigned at"))

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [models.UniqueConstraint(fields=["panellist", "idea"], name="idea_once_per_panellist")]

    def __str__(self) -> str:
        return f"{self.panellist} – {self.idea.receipt}"


class Recusal(models.Model):
    """A panellist stood aside 回避 from one idea; the assignment stays as a trace, its seat is open again."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="recusal", verbose_name=_("assignment"))
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
