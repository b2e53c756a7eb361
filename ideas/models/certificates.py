"""Certificates 荣誉证书: to whom one was issued, who received it when, whether it still holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.ideas import Idea
from ideas.models.people import User
from ideas.models.sealed import SealedJSONField
from ideas.rules.certificates import show_code


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def standing(self) -> "CertificateQuerySet":
        return self.filter(withdrawn_at=None)


class Certificate(models.Model):
    """For whoever sent `idea`: the released winner itself, or one that was merged into it (a co-proposer).

    It holds no name: what is printed and told is read from the resident, who can take the name back. `received` is
    {"to": …}, in the words of whoever handed it over; it goes with the person. Written by services.certificates only.
    """

    code = models.CharField(_("code"), max_length=16, unique=True)
    idea = models.ForeignKey(Idea, models.PROTECT, related_name="certificates", verbose_name=_("idea"))
    winner = models.ForeignKey(Idea, models.PROTECT, related_name="+", verbose_name=_("winner"))
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("issued by"))
    handed_on = models.DateField(_("handed over on"), null=True)
    handed_by = models.CharField(_("handed over by"), max_length=60, blank=True)
    received = SealedJSONField()
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("noted by"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("withdrawn by"))
    reason = models.TextField(_("reason"), blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ("id",)
        default_permissions = ()
        permissions = (("issue_certificate", _("Can issue certificates and note who received them")),)
        constraints = [
            models.UniqueConstraint(
                fields=["idea"], condition=models.Q(withdrawn_at=None), name="certificate_once_per_idea"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | ~models.Q(reason=""), name="certificate_withdrawn_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.shown_code

    @property
    def sealed_for(self) -> str:
        return str(self.idea_id)

    @property
    def shown_code(self) -> str:
        return show_code(self.code)

    @property
    def is_standing(self) -> bool:
        return self.withdrawn_at is None

    @property
    def is_for_co_proposer(self) -> bool:
        return self.idea_id != self.winner_id
