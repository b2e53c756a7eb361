"""The audit trail of an idea: what happened, when, by whom; append-only (triggers) and chained (digests)."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Caller, Channel, DeclineReason, Status
from ideas.models.ideas import Idea
from ideas.models.people import User

# What may stand in IdeaEvent.detail: codes of closed lists; receipts, moments, names and numbers, shown as they stand;
# keys that say nothing to a reader.
CODES = {"declined_as": DeclineReason, "channel": Channel, "caller": Caller}
AS_THEY_STAND = frozenset({"into", "from", "called_at", "topic", "area", "unit", "version"})
UNSHOWN = frozenset({"photo", "copy"})


class IdeaEvent(models.Model):
    """One act on an idea. Written by services.workflow only. It holds no personal data of residents.

    What a resident said about it is a ResidentStatement. `reason` is what staff said about it (to the resident, where
    rules.workflow.TOLD lists the action); `detail` are codes that belong to the act:
    {"declined_as": …}, {"channel": …}, {"into": receipt}, {"topic": [before, after], …}.
    """

    idea = models.ForeignKey(Idea, models.PROTECT, related_name="events", verbose_name=_("idea"))
    number = models.PositiveIntegerField(_("number"))
    action = models.CharField(_("act"), max_length=20, choices=Action)
    before = models.CharField(_("status before"), max_length=12, choices=Status, blank=True)
    after = models.CharField(_("status after"), max_length=12, choices=Status)
    # Nobody: the resident or the portal itself.
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("by whom")
    )
    at = models.DateTimeField(_("when"))
    reason = models.TextField(_("reason"), blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=100)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("idea", "number")
        constraints = [models.UniqueConstraint(fields=["idea", "number"], name="event_number_once_per_idea")]

    @property
    def detail_words(self) -> list[str]:
        """The codes of `detail` in words: why it was declined, which channel, the leading idea's receipt."""
        shown = {name: code for name, code in self.detail.items() if name not in UNSHOWN}
        words = []
        for name, code in shown.items():
            if isinstance(code, list):  # what was assigned: before and after
                words.append(" → ".join(part or "—" for part in code))
            else:
                words.append(str(CODES[name](code).label) if name in CODES else str(code))
        return words

    @property
    def words_said(self) -> str:
        """What the resident said with the act, as long as it is there, or else what staff said about it."""
        statement = getattr(self, "statement", None)
        return statement.text if statement else self.reason

    def facts(self, receipt: str) -> dict[str, Any]:
        """What the digest covers, in canonical types; `receipt` ties the event to its idea."""
        return {
            "receipt": receipt,
            "number": self.number,
            "action": str(self.action),
            "before": str(self.before),
            "after": str(self.after),
            "actor": self.actor_id,
            "at": int(self.at.timestamp() * 1_000_000),
            "reason": self.reason,
            "detail": self.detail,
        }


class ResidentStatement(models.Model):
    """What a resident wrote with an act (an answer, why a review is asked for): beside the trail, so that it can be
    erased."""

    event = models.OneToOneField(IdeaEvent, models.PROTECT, related_name="statement", verbose_name=_("event"))
    text = models.TextField(_("words"))

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        default_permissions = ()
