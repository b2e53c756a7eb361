"""A wording that is on its way to the public: edited, checked by one person, released by another."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.ideas import Idea
from ideas.models.people import User


class PendingText(models.Model):
    """The next published text of an idea where the campaign wants two checks; gone once it is released.

    Until then the public reads what stands in Idea.published_title and published_text.
    """

    idea = models.OneToOneField(Idea, models.CASCADE, related_name="pending_text", verbose_name=_("idea"))
    title = models.CharField(_("published title"), max_length=60)
    text = models.TextField(_("published text"))
    edited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("edited by"))
    edited_at = models.DateTimeField(_("edited at"))
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("text to be checked")
        verbose_name_plural = _("texts to be checked")
        default_permissions = ()
