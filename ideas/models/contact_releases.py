"""That a unit may see a resident's contact, for one referral, for a purpose, until a day; the contact itself stands in
Resident only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import ContactPurpose
from ideas.models.ideas import Idea
from ideas.models.people import Unit, User
from ideas.models.referrals import Referral


class ContactRelease(models.Model):
    """Given by the office to the unit that leads a referral. Written by services.contact_releases; it ends by itself
    (queries.contact_releases.in_force), for good when the referral or the place is closed, recalled or given away."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="contact_releases", verbose_name=_("referral"))
    idea = models.ForeignKey(Idea, models.PROTECT, related_name="contact_releases", verbose_name=_("idea"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=ContactPurpose)
    words = models.TextField(_("words"), blank=True)
    until = models.DateField(_("until"))
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("released by"))
    given_at = models.DateTimeField(_("released at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("released contact")
        verbose_name_plural = _("released contacts")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "idea"],
                condition=models.Q(ended_at=None),
                name="contact_released_once_per_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.idea.receipt}"
