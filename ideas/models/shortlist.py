"""The list of chosen ideas: proposed from the scores, exchanged with reasons, sealed by two, then released."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import ExchangeCategory, ExchangeState
from ideas.errors import Stale
from ideas.models.campaigns import Campaign, Localized, Topic
from ideas.models.ideas import Idea
from ideas.models.people import User


def _by(label: Any, related_name: str) -> models.ForeignKey:
    return models.ForeignKey(User, models.PROTECT, null=True, related_name=related_name, verbose_name=label)


class Tier(Localized):
    """An award tier 奖项等次; the first in order take the best ranks. Their places together are the campaign's."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tiers", verbose_name=_("campaign"))
    name = models.CharField(_("name"), max_length=30)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    places = models.PositiveSmallIntegerField(_("places"), validators=[MinValueValidator(1)])
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("award tier")
        verbose_name_plural = _("award tiers")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.text("name")[0]


class Quota(models.Model):
    """At least and at most so many places for one topic or one street 名额限制."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="quotas", verbose_name=_("campaign"))
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="quotas", verbose_name=_("topic")
    )
    street = models.CharField(_("street or town"), max_length=40, blank=True)
    least = models.PositiveSmallIntegerField(_("at least"), default=0)
    most = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(topic=None) ^ models.Q(street=""), name="quota_of_a_topic_or_of_a_street"
            ),
            models.CheckConstraint(
                condition=models.Q(most=None) | models.Q(most__gte=models.F("least")), name="quota_least_below_most"
            ),
            models.UniqueConstraint(fields=["campaign", "topic"], name="quota_once_per_topic"),
            models.UniqueConstraint(
                fields=["campaign", "street"], condition=~models.Q(street=""), name="quota_once_per_street"
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic or self.street)

    def clean(self) -> None:
        if bool(self.topic_id) == bool(self.street):
            raise ValidationError(_("Give a topic or a street, not both."))
        if self.most is not None and self.most < self.least:
            raise ValidationError({"most": _("At most cannot be less than at least.")})


class IncompatiblePair(models.Model):
    """Two ideas that solve one problem: only one of them may be on the list."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="incompatible", verbose_name=_("campaign"))
    first = models.ForeignKey(Idea, models.PROTECT, related_name="+", verbose_name=_("idea"))
    second = models.ForeignKey(Idea, models.PROTECT, related_name="+", verbose_name=_("other idea"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by whom"))
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("incompatible pair")
        verbose_name_plural = _("incompatible pairs")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="incompatible_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="incompatible_in_order"),
        ]


class Shortlist(models.Model):
    """A campaign's list. `version` counts its changes: an act on an older version is refused."""

    campaign = models.OneToOneField(Campaign, models.PROTECT, related_name="shortlist", verbose_name=_("campaign"))
    places = models.PositiveSmallIntegerField(_("places"))
    method = models.CharField(_("method"), max_length=30)
    cut = models.FloatField(_("score at the cut"))
    tied = models.JSONField(_("tied at the cut"), default=list)  # receipt numbers, in the order of the tie rule
    # The receipt numbers of all ideas that could have been chosen, in the order of receipt: what happens to one of them
    # later does not change the others' scores.
    candidates = models.JSONField(default=list)
    proposed = models.JSONField(default=list)  # receipt numbers of the list as it was proposed, by score
    # What quotas and incompatible pairs changed: [{"idea": receipt, "is_on": …, "rule": …, "other": …}], rules.Move.
    moves = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="lists_proposed", verbose_name=_("list proposed by")
    )
    first_seal_at = models.DateTimeField(_("first seal at"), null=True)
    first_seal_by = _by(_("first seal by"), "first_seals")
    sealed_at = models.DateTimeField(_("sealed at"), null=True)
    sealed_by = _by(_("second seal by"), "second_seals")
    # The release: asked for by one, confirmed by another, and then held until `release_at`; services.release writes it.
    release_asked_at = models.DateTimeField(_("release asked for at"), null=True)
    release_asked_by = _by(_("release asked for by"), "releases_asked")
    release_confirmed_at = models.DateTimeField(_("release confirmed at"), null=True)
    release_confirmed_by = _by(_("release confirmed by"), "releases_confirmed")
    release_at = models.DateTimeField(_("winners appear at"), null=True, db_index=True)
    release_digest = models.CharField(max_length=64, blank=True)  # of the texts that both have looked at
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = _by(_("released by"), "releases")
    # The portal's word for all of it, no signature. Written by services.record.keep_list().
    seal = models.CharField(max_length=100, blank=True, editable=False)

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
            models.CheckConstraint(
                condition=models.Q(release_confirmed_by=None)
                | ~models.Q(release_confirmed_by=models.F("release_asked_by")),
                name="released_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def is_sealed(self) -> bool:
        return self.sealed_at is not None

    @property
    def page_version(self) -> str:
        """Which list a page shows, and which version of it, for acts that would end it."""
        return f"{self.pk}:{self.version}"

    def locked(self, version: int) -> "Shortlist":
        """The list for writing, one version on; refused if it has changed since the actor's page showed `version`."""
        Campaign.objects.select_for_update(no_key=True).get(pk=self.campaign_id)
        row = Shortlist.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=self.pk)
        if row.version != version:
            raise Stale(_("The list has changed since you opened it. Nothing was changed; please look again."))
        row.version += 1
        return row


class ShortlistEntry(models.Model):
    """An idea on the list, with the figures that put it there (frozen) and its place."""

    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="entries", verbose_name=_("shortlist"))
    idea = models.OneToOneField(Idea, models.PROTECT, related_name="shortlist_entry", verbose_name=_("idea"))
    rank = models.PositiveSmallIntegerField(_("rank"))
    score = models.FloatField(_("score"))
    reviews = models.PositiveSmallIntegerField(_("reviews"))
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, related_name="entries", verbose_name=_("award tier"))

    class Meta:
        verbose_name = _("shortlist entry")
        verbose_name_plural = _("shortlist entries")
        ordering = ("rank",)


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def waiting(self) -> "ExchangeQuerySet":
        return self.filter(state=ExchangeState.WAITING)

    def made(self) -> "ExchangeQuerySet":
        """In the order in which they were made."""
        return self.filter(state=ExchangeState.MADE).order_by("decided_at", "id")


class Exchange(models.Model):
    """One idea leaves the list for another, or two on it change their tiers: proposed by one, made by a second person.

    `removed` leaves or goes down, `added` comes or goes up.
    """

    shortlist = models.ForeignKey(Shortlist, models.CASCADE, related_name="exchanges", verbose_name=_("shortlist"))
    is_tier = models.BooleanField(_("between tiers"), default=False)
    removed = models.ForeignKey(Idea, models.PROTECT, related_name="+", db_column="out_id", verbose_name=_("taken off"))
    added = models.ForeignKey(Idea, models.PROTECT, related_name="+", db_column="put_in_id", verbose_name=_("put on"))
    category = models.CharField(_("category"), max_length=20, choices=ExchangeCategory, default=ExchangeCategory.OTHER)
    reason = models.TextField(_("reason"))
    minutes_number = models.CharField(_("number of the minutes"), max_length=60, blank=True)
    minutes_on = models.DateField(_("date of the meeting"), null=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="exchanges", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    state = models.CharField(_("state"), max_length=10, choices=ExchangeState, default=ExchangeState.WAITING)
    decided_by = _by(_("decided by"), "decided_exchanges")
    decided_at = models.DateTimeField(_("decided at"), null=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        ordering = ("proposed_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ExchangeState.MADE)
                | models.Q(decided_by=None)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="exchanged_by_two_people",
            )
        ]
