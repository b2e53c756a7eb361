"""The list of chosen ideas: proposed from the scores, exchanged with reasons, sealed by two, then released."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.people import User


def _by(label: Any, related_name: str) -> models.ForeignKey:
    return models.ForeignKey(User, models.PROTECT, null=True, related_name=related_name, verbose_name=label)


class Shortlist(models.Model):
    """A campaign's list. `version` counts its changes: an act on an older version is refused."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, related_name="shortlist", verbose_name=_("campaign"))
    places = models.PositiveSmallIntegerField(_("places"))
    method = models.CharField(_("method"), max_length=30)
    cut = models.FloatField(_("score at the cut"))
    tied = models.JSONField(_("tied at the cut"), default=list)  # receipt numbers, in the order of the tie rule
    version = models.PositiveIntegerField(default=1)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="lists_proposed", verbose_name=_("list proposed by")
    )
    first_seal_at = models.DateTimeField(_("first seal at"), null=True)
    first_seal_by = _by(_("first seal by"), "first_seals")
    sealed_at = models.DateTimeField(_("sealed at"), null=True)
    sealed_by = _by(_("second seal by"), "second_seals")
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = _by(_("released by"), "releases")

    class Meta:
        verbose_name = _("shortlist")
        verbose_name_plural = _("shortlists")
        default_permissions = ("view",)
        permissions = (
            ("propose_shortlist", _("Can propose a shortlist and exchange ideas")),
            ("seal_shortlist", _("Can seal a shortlist")),
            ("release_shortlist", _("Can release the winners")),
        )
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sealed_by=None) | ~models.Q(sealed_by=models.F("first_seal_by")),
                name="sealed_by_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None) | models.Q(sealed_at__isnull=False),
                name="released_only_when_sealed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def is_sealed(self) -> bool:
        return self.sealed_at is not None


class Pick(models.Model):
    """An idea on the list, with the figures that put it there (frozen) and its place."""

    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="picks", verbose_name=_("shortlist"))
    idea = models.OneToOneField(Idea, models.PROTECT, related_name="pick", verbose_name=_("idea"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    score = models.FloatField(_("score"))
    reviews = models.PositiveSmallIntegerField(_("reviews"))

    class Meta:
        verbose_name = _("pick")
        verbose_name_plural = _("picks")
        ordering = ("rank",)


class Exchange(models.Model):
    """One idea left the list and another took its place, for a stated reason."""

    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="exchanges", verbose_name=_("shortlist"))
    out = models.ForeignKey(Idea, models.PROTECT, related_name="+", verbose_name=_("taken off"))
    put_in = models.ForeignKey(Idea, models.PROTECT, related_name="+", verbose_name=_("put on"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="exchanges", verbose_name=_("by whom"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        ordering = ("at", "id")
