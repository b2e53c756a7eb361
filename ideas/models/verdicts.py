"""What residents say of a place that the office closed as done: satisfied or not, solved or not, in their own words."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Satisfaction
from ideas.models.ideas import Idea
from ideas.models.people import User
from ideas.models.referrals import ReferralEvent


class ResidentVerdict(models.Model):
    """One of each proposer and co-proposer on each closing. `words` go when their person is erased, the rest stays.

    Written by services.verdicts only.
    """

    idea = models.ForeignKey(Idea, models.PROTECT, related_name="verdicts", verbose_name=_("idea"))
    closing = models.ForeignKey(ReferralEvent, models.PROTECT, related_name="verdicts", verbose_name=_("closed"))
    satisfaction = models.CharField(_("satisfaction"), max_length=12, choices=Satisfaction)
    is_solved = models.BooleanField(_("solved"))
    words = models.TextField(_("words"), blank=True)
    given_at = models.DateTimeField(_("when"))
    # Heard by the office on the telephone 回访; None: by the resident.
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by whom"))
    heard_on = models.DateField(_("heard on"), null=True)
    # The event by which it went back to the unit, if it did.
    reopening = models.OneToOneField(
        ReferralEvent, models.PROTECT, null=True, related_name="verdict", verbose_name=_("taken up again")
    )

    class Meta:
        verbose_name = _("verdict of a resident")
        verbose_name_plural = _("verdicts of residents")
        default_permissions = ()
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["idea", "closing"], name="verdict_once_per_closing")]

    def __str__(self) -> str:
        return f"{self.idea.receipt} {self.get_satisfaction_display()}"
