"""Supervision 督办: the steps that were taken about a referral's due day, and the orders of the office beside it."""

from collections.abc import Iterable

from django.db import models
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import ReferralAct, ReferralState, Runs, SupervisionStep
from ideas.models.campaigns import Campaign
from ideas.models.people import Unit, User
from ideas.models.referrals import Referral, ReferralEvent
from ideas.rules.referrals import WITH_UNIT
from ideas.rules.supervision import RUNS, shown_order

# The unit has done something about it, another order replaces it, or another unit has the referral.
ENDS = (ReferralAct.PLAN, ReferralAct.REPORT, ReferralAct.SUPERVISE, ReferralAct.REASSIGN)


class SupervisionOrderQuerySet(models.QuerySet["SupervisionOrder"]):
    def running(self) -> "SupervisionOrderQuerySet":
        """It is the unit's turn, and nothing has happened since that ends it."""
        since = ReferralEvent.objects.filter(
            referral=models.OuterRef("referral"), number__gt=models.OuterRef("version"), act__in=ENDS
        )
        return self.filter(~models.Exists(since), referral__state__in=WITH_UNIT)


class SupervisionOrder(models.Model):
    """A supervision order 督办单: the office asks for a referral by words and a day of its own.

    It runs until the unit answers or reports, or a later one replaces it.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="orders", verbose_name=_("referral"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    version = models.PositiveIntegerField(editable=False)  # the number of the referral's event by which it was issued
    words = models.TextField(_("words"))
    due_on = models.DateField(_("due on"))
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("issued by"))
    issued_at = models.DateTimeField(_("issued at"))

    objects = SupervisionOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")
        default_permissions = ()
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="order_number_once")]

    def __str__(self) -> str:
        return shown_order(self.campaign.prefix, localdate(self.campaign.opens_at).year, self.number)


class SupervisionQuerySet(models.QuerySet["Supervision"]):
    def latest_of(self, referrals: Iterable[Referral]) -> "dict[int, Supervision]":
        """The last step about the day that runs now, by the key of the referral; in one query, however many."""
        rows = {row.pk: row for row in referrals}
        found: dict[int, Supervision] = {}
        for step in self.filter(referral__in=rows, order=None).order_by("pk"):
            row = rows[step.referral_id]
            if (step.unit_id, step.runs, step.due_on) == (row.unit_id, RUNS.get(ReferralState(row.state)), row.due_on):
                found[row.pk] = step
        return found


class Supervision(models.Model):
    """A step that was taken: somebody was told of a due day. Each once for a unit and a day, by the constraints.

    Another due day, or another unit, is a new round. `version` is that of the referral when it was taken, `told` how
    many people were written to. Written by services.supervision only.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="supervision", verbose_name=_("referral"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    order = models.ForeignKey(SupervisionOrder, models.PROTECT, null=True, related_name="steps")
    runs = models.CharField(_("what is due"), max_length=12, choices=Runs)
    due_on = models.DateField(_("due on"))
    step = models.CharField(_("step"), max_length=8, choices=SupervisionStep)
    version = models.PositiveIntegerField()
    told = models.PositiveSmallIntegerField(_("people told"))
    at = models.DateTimeField(_("when"))

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("supervision")
        verbose_name_plural = _("supervision")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "unit", "runs", "due_on", "step"],
                condition=models.Q(order=None),
                name="supervision_step_once",
            ),
            models.UniqueConstraint(
                fields=["order", "step"], condition=models.Q(order__isnull=False), name="order_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.get_step_display()}"
