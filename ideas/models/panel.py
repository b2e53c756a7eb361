"""The panel of a campaign: who rates, which ideas each one got, and who stood aside."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import RunKind
from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.people import Unit, User


class Panellist(models.Model):
    """A person's membership of one campaign's panel."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="panellists", verbose_name=_("campaign"))
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("user"))
    is_active = models.BooleanField(_("takes part"), default=True)

    class Meta:
        verbose_name = _("panellist")
        verbose_name_plural = _("panellists")
        constraints = [models.UniqueConstraint(fields=["campaign", "user"], name="panellist_once_per_campaign")]

    def __str__(self) -> str:
        return str(self.user)


# Of a panellist: the assignments that anybody may know of, to count over `assignments`.
ON_DESK = models.Q(assignments__isnull=False, assignments__recusal=None, assignments__idea__restricted=False)
DONE = models.Q(rating__isnull=False, rating__entered_by=None) | models.Q(rating__confirmed_by__isnull=False)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def not_recused(self) -> "AssignmentQuerySet":
        """Not recused."""
        return self.filter(recusal=None)

    def unrestricted(self) -> "AssignmentQuerySet":
        return self.filter(idea__restricted=False)

    def to_do(self) -> "AssignmentQuerySet":
        return self.not_recused().filter(rating=None)

    def done(self) -> "AssignmentQuerySet":
        """Rated or abstained; marks from paper only once they are confirmed."""
        return self.not_recused().filter(DONE)

    def waiting_paper(self) -> "AssignmentQuerySet":
        """Typed in from paper and not confirmed yet."""
        return self.not_recused().unrestricted().filter(rating__entered_by__isnull=False, rating__confirmed_by=None)

    def in_turn(self) -> "AssignmentQuerySet":
        """The order of a desk: as assigned, what was put off at the end."""
        return self.order_by(models.F("skipped_at").asc(nulls_first=True), "id")


class AssignmentRun(models.Model):
    """One filling of desks: what it was asked for and the seed that repeats it (rules.panel, named by `version`)."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="assignment_runs", verbose_name=_("campaign"))
    kind = models.CharField(_("why"), max_length=10, choices=RunKind, default=RunKind.ROUND)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    seed = models.BigIntegerField(_("seed"))
    per_idea = models.PositiveSmallIntegerField(_("reviews per idea"))
    version = models.CharField(_("algorithm"), max_length=30)
    made = models.PositiveIntegerField(_("seats filled"), default=0)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="assignment_runs", verbose_name=_("by whom")
    )

    class Meta:
        verbose_name = _("assignment run")
        verbose_name_plural = _("assignment runs")
        ordering = ("id",)
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.seed})"


class Assignment(models.Model):
    """One idea on one panellist's desk."""

    panellist = models.ForeignKey(Panellist, models.PROTECT, related_name="assignments", verbose_name=_("panellist"))
    idea = models.ForeignKey(Idea, models.PROTECT, related_name="assignments", verbose_name=_("idea"))
    assigned_at = models.DateTimeField(_("assigned at"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    # Nothing: put there by hand.
    run = models.ForeignKey(
        AssignmentRun,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("assignment run"),
    )
    # The panellist put it off; it goes behind those not yet looked at.
    skipped_at = models.DateTimeField(_("put off at"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [models.UniqueConstraint(fields=["panellist", "idea"], name="idea_once_per_panellist")]

    def __str__(self) -> str:
        return f"{self.panellist} – {self.idea.receipt}"


class Recusal(models.Model):
    """A panellist stood aside 回避 from one idea; the assignment stays as a trace, its place is open again."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="recusal", verbose_name=_("assignment"))
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("when"))
    # Nothing: by the panellist at the desk.
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="entered_recusals", verbose_name=_("typed in by")
    )

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")


class Conflict(models.Model):
    """A declared conflict of interest: this panellist rates neither this idea, nor any of this unit."""

    panellist = models.ForeignKey(Panellist, models.CASCADE, related_name="conflicts", verbose_name=_("panellist"))
    idea = models.ForeignKey(
        Idea, models.CASCADE, null=True, blank=True, related_name="conflicts", verbose_name=_("idea")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="conflicts", verbose_name=_("responsible unit")
    )
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="conflicts_noted", verbose_name=_("noted by")
    )

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(idea=None) ^ models.Q(unit=None), name="conflict_with_an_idea_or_a_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panellist} – {self.unit or (self.idea and self.idea.receipt)}"
