"""The office's log: what staff did with data beyond one idea's trail (contacts shown, lists exported); append-only."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import OfficeAct
from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.people import User


class OfficeEvent(models.Model):
    """One act of a member of staff. Written by services.office only. It holds no personal data of residents.

    `purpose` is why, in the actor's own words; `detail` are codes and counts that belong to the act, e.g.
    {"rows": 280, "contacts": false}.
    """

    act = models.CharField(_("act"), max_length=20, choices=OfficeAct)
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="office_events", verbose_name=_("by whom")
    )
    at = models.DateTimeField(_("when"), db_index=True)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="office_events", verbose_name=_("campaign")
    )
    idea = models.ForeignKey(
        Idea, models.PROTECT, null=True, blank=True, related_name="office_events", verbose_name=_("idea")
    )
    purpose = models.TextField(_("purpose"), blank=True)
    detail = models.JSONField(default=dict)
    # One row's own name, so that no copy of another row passes, and the portal's word for the whole row.
    key = models.CharField(max_length=32, blank=True, editable=False)
    seal = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        verbose_name = _("office log entry")
        verbose_name_plural = _("office log")
        ordering = ("-at", "-id")
        default_permissions = ("view",)
        indexes = [models.Index(fields=["actor", "act", "at"], name="office_actor")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.idea.receipt if self.idea else ''}".strip()

    def sealed_facts(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "act": str(self.act),
            "actor": self.actor_id,
            "at": int(self.at.timestamp() * 1_000_000),
            "campaign": self.campaign_id,
            "idea": self.idea_id,
            "purpose": self.purpose,
            "detail": self.detail,
        }
