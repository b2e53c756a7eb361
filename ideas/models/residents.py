"""The person behind an idea: the only table with personal data at rest, so that erasure is one delete."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.choices import Language, Naming
from ideas.models.ideas import Idea
from ideas.models.sealed import SealedJSONField
from ideas.rules import privacy


class Resident(models.Model):
    """Who sent an idea, how to reach and how to name them, and what they consented to.

    `contact` is {"name", "phone" (rules.telephones), "email", "net_name"}, each may be "". The hashes are keyed and
    find all ideas of one number or address without decrypting.
    """

    idea = models.OneToOneField(Idea, models.CASCADE, related_name="resident", verbose_name=_("idea"))
    contact = SealedJSONField()
    phone_hash = models.CharField(max_length=100, blank=True, db_index=True)
    email_hash = models.CharField(max_length=100, blank=True, db_index=True)
    language = models.CharField(_("language of messages"), max_length=8, choices=Language, default=Language.CHINESE)
    naming = models.CharField(_("naming"), max_length=10, choices=Naming, default=Naming.ANONYMOUS)
    is_of_age = models.BooleanField(_("14 or over, or sent by a guardian"))
    consent_version = models.CharField(_("version of the privacy notice"), max_length=20)
    consented_at = models.DateTimeField(_("consented at"))
    phone_verified_at = models.DateTimeField(_("telephone number verified at"), null=True, blank=True)
    publish_consented_at = models.DateTimeField(_("consented to publishing the name at"), null=True, blank=True)

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")

    def __str__(self) -> str:
        return privacy.mask_name(self.contact.get("name", "")) or gettext("name not given")

    @property
    def sealed_for(self) -> str:
        return str(self.idea_id)

    @property
    def public_name(self) -> str:
        """The name as consented for publication, or "" for none."""
        return privacy.public_name(
            naming=self.naming,
            name=self.contact.get("name", ""),
            net_name=self.contact.get("net_name", ""),
            may_publish=self.publish_consented_at is not None,
        )

    @property
    def masked_phone(self) -> str:
        phone = self.contact.get("phone", "")
        return privacy.mask_phone(phone) if phone else ""

    @property
    def masked_email(self) -> str:
        email = self.contact.get("email", "")
        return privacy.mask_email(email) if email else ""
