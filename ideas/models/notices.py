"""The provisional list on notice 公示, and what is objected to it 异议."""

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Language, ObjectionGround, ObjectionState, Source
from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.people import User
from ideas.models.sealed import SealedJSONField, columns_of, vouch
from ideas.models.shortlist import Exchange
from ideas.rules import privacy
from ideas.rules.notices import MOST_DAYS


class NoticeTerm(models.Model):
    """For how many working days a campaign's list is on notice before the release; 0, or no row: it has none.

    A table of its own: campaigns of before have no row, and the portal's word for them stays what it was.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="notice_term", verbose_name=_("campaign"))
    days = models.PositiveSmallIntegerField(
        _("working days of the public notice"),
        default=0,
        validators=[MaxValueValidator(MOST_DAYS)],
        help_text=_("0: the winners are released without one, and the announcement says so."),
    )

    class Meta:
        verbose_name = _("public notice of the list")
        verbose_name_plural = _("public notice of the list")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return str(self.days)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def standing(self) -> "NoticeQuerySet":
        """Not stopped: it runs, or is over and counts."""
        return self.filter(stopped_at=None)


class Notice(models.Model):
    """One sealed list is shown to everybody, with the time for objecting. Written by services.notices.

    A list is told by the number of its record. Who signed it is kept here: the list forgets it when it is opened.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="notices", verbose_name=_("campaign"))
    number = models.PositiveSmallIntegerField(_("number of the record"))
    days = models.PositiveSmallIntegerField(_("working days"))
    last_day = models.DateField(_("last day"))
    starts_at = models.DateTimeField(_("on notice since"))
    ends_at = models.DateTimeField(_("on notice until"))  # the first moment that is too late
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("put on notice by"))
    first_seal_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("first seal by"))
    sealed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("second seal by"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True)  # its list was opened again
    seal = models.CharField(max_length=100, blank=True, editable=False)  # the portal's word for the row

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("public notice")
        verbose_name_plural = _("public notices")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="notice_once_per_record"),
            models.UniqueConstraint(
                fields=["campaign"], condition=models.Q(stopped_at=None), name="one_notice_of_a_campaign_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="notice_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} ({self.number})"

    @property
    def signers(self) -> set[int]:
        return {self.first_seal_by_id, self.sealed_by_id}

    def is_open(self, at: datetime) -> bool:
        """Whether objections are taken."""
        return self.stopped_at is None and self.starts_at <= at < self.ends_at

    def sealed_facts(self) -> dict[str, Any]:
        return columns_of(self, "id", "seal")

    def keep(self) -> None:
        """Save it with the portal's word."""
        self.seal = vouch("notice", self.sealed_facts())
        self.save()


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def waiting(self) -> "ObjectionQuerySet":
        return self.filter(state=ObjectionState.OPEN)

    def upheld(self) -> "ObjectionQuerySet":
        return self.filter(state=ObjectionState.UPHELD)


class Objection(models.Model):
    """What somebody objects to a list on notice, or to one idea on it. Written by services.notices.

    `given` is {"name", "phone", "email", "words"}: who objects and what they write, never public, and empty once the
    person is erased. The decision and its reason stay.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections", verbose_name=_("public notice"))
    number = models.CharField(_("number of the objection"), max_length=20, unique=True)
    # Of the form's key; a form without one (its person erased) is none of another's.
    form_hash = models.CharField(max_length=100, unique=True, null=True, editable=False)  # noqa: DJ001
    idea = models.ForeignKey(Idea, models.PROTECT, null=True, related_name="objections", verbose_name=_("idea"))
    ground = models.CharField(_("ground"), max_length=12, choices=ObjectionGround)
    given = SealedJSONField()
    source = models.CharField(_("way"), max_length=10, choices=Source, default=Source.WEB)
    received_on = models.DateField(_("received on"))
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("typed in by"))
    language = models.CharField(_("language of messages"), max_length=8, choices=Language, default=Language.CHINESE)
    consent_version = models.CharField(_("version of the privacy notice"), max_length=20)
    suspicions = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=ObjectionState, default=ObjectionState.OPEN)
    reason = models.TextField(_("reason of the decision"), blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    exchange = models.ForeignKey(Exchange, models.SET_NULL, null=True, related_name="objections")
    erased_at = models.DateTimeField(_("person erased at"), null=True)
    seal = models.CharField(max_length=100, blank=True, editable=False)  # the portal's word for the row

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        default_permissions = ("view",)
        permissions = (
            ("enter_objection", _("Can type in objections")),
            ("decide_objection", _("Can decide objections")),
        )
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=ObjectionState.OPEN, decided_by=None, decided_at=None)
                | (
                    ~models.Q(state=ObjectionState.OPEN)
                    & models.Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~models.Q(reason="")
                ),
                name="objection_decided_with_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def sealed_for(self) -> str:
        return self.number

    @property
    def is_waiting(self) -> bool:
        return self.state == ObjectionState.OPEN

    @property
    def masked_name(self) -> str:
        return privacy.mask_name(self.given.get("name", ""))

    @property
    def masked_contact(self) -> str:
        phone, email = self.given.get("phone", ""), self.given.get("email", "")
        return " ".join(filter(None, [phone and privacy.mask_phone(phone), email and privacy.mask_email(email)]))

    def sealed_facts(self) -> dict[str, Any]:
        """Without what is erased one day, or sealed anew under a newer key; nor the exchange, which can be dropped."""
        return columns_of(self, "id", "given", "form_hash", "exchange_id", "seal")

    def keep(self) -> None:
        """Save it with the portal's word."""
        self.seal = vouch("objection", self.sealed_facts())
        self.save()
