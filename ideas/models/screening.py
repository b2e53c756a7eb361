"""The moderators' tools: who has an idea open, and words kept ready for questions and reasons."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Channel, DeclineReason, ReplyKind
from ideas.models.campaigns import Campaign, Localized
from ideas.models.ideas import Idea
from ideas.models.people import User


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self, at: datetime) -> "ClaimQuerySet":
        return self.filter(until__gt=at)


class Claim(models.Model):
    """An idea that a moderator has open in the triage desk, until it lapses; no other one is given it."""

    idea = models.OneToOneField(Idea, models.CASCADE, related_name="claim", verbose_name=_("idea"))
    moderator = models.ForeignKey(User, models.CASCADE, related_name="claims", verbose_name=_("moderator"))
    until = models.DateTimeField(db_index=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        default_permissions = ()


class Reply(Localized):
    """Words kept ready for a question or a reason, in both languages; a moderator may change them each time."""

    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("campaign"),
        help_text=_("Empty: for all campaigns."),
    )
    kind = models.CharField(_("decision"), max_length=10, choices=ReplyKind)
    declined_as = models.CharField(_("why it is not valid"), max_length=20, choices=DeclineReason, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    name = models.CharField(_("name"), max_length=30)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    words = models.TextField(_("words"), max_length=500)
    words_en = models.TextField(_("words in English"), max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("ready reply")
        verbose_name_plural = _("ready replies")
        ordering = ("kind", "position", "id")

    def __str__(self) -> str:
        return self.text("name")[0]

    def words_in(self, language: str) -> str:
        """For a resident who reads this language."""
        return (language == "en" and self.words_en) or self.words
