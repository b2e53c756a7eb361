"""The outbox: what residents are to be told. A row is written with the fact it tells of, and drained by the worker."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Language, Medium, MessageState, MessageTemplate
from ideas.models.ideas import Idea
from ideas.models.sealed import SealedJSONField
from ideas.models.workflow import IdeaEvent


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, at: datetime) -> "MessageQuerySet":
        """Waiting, its time has come, and no worker holds it (or that worker's lease has run out)."""
        return self.filter(state=MessageState.QUEUED, next_try_at__lte=at).filter(
            models.Q(claimed_until=None) | models.Q(claimed_until__lte=at)
        )

    def given_up(self) -> "MessageQuerySet":
        """Could not be sent, and nobody has dealt with it: what the daily limit held back is none of these."""
        return self.filter(state=MessageState.DEAD, kept_until__isnull=False)


class Message(models.Model):
    """One message to one address. `payload` is {"address", "variables"}; it is emptied once sent.

    One that was given up keeps it until `kept_until`, so that it can be sent again.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # the same at every try
    # Nobody's yet: the check of a telephone number comes before the idea.
    idea = models.ForeignKey(
        Idea, models.PROTECT, null=True, blank=True, related_name="messages", verbose_name=_("idea")
    )
    # The decision that it tells of, as long as that can be undone: the undo takes the message back.
    event = models.ForeignKey(IdeaEvent, models.SET_NULL, null=True, blank=True, related_name="messages")
    template = models.CharField(_("template"), max_length=30, choices=MessageTemplate)
    medium = models.CharField(_("medium"), max_length=5, choices=Medium)
    language = models.CharField(_("language"), max_length=8, choices=Language)
    payload = SealedJSONField()
    state = models.CharField(_("state"), max_length=6, choices=MessageState, default=MessageState.QUEUED)
    queued_at = models.DateTimeField(_("queued at"))
    next_try_at = models.DateTimeField(_("next try at"))
    claim = models.UUIDField(null=True, editable=False)  # whose it is: only that worker writes what came of it
    claimed_until = models.DateTimeField(null=True)
    kept_until = models.DateTimeField(_("can be sent again until"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    error = models.CharField(_("last error"), max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="message_due"),
            models.Index(fields=["kept_until"], name="message_kept", condition=models.Q(kept_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_template_display()} {self.idea.receipt if self.idea else ''}".strip()

    @property
    def sealed_for(self) -> str:
        return str(self.key)
