"""What somebody typed and has not sent yet: sealed, and only for a time.

A form on its way to an idea, words for an act on an idea that is in, a panellist's half-given marks, and a file between
looking it through and taking it in.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.panel import Assignment
from ideas.models.people import User
from ideas.models.sealed import SealedJSONField


class ExpiringQuerySet(models.QuerySet):
    def expired(self, at: datetime) -> "ExpiringQuerySet":
        return self.filter(expires_at__lte=at)


@dataclass(frozen=True)
class PhoneCode:
    """Digits that were sent to verify a number: their keyed hash, until when they count, how often they were tried."""

    phone: str
    digest: str
    until: datetime
    tries: int = 0


@dataclass(frozen=True)
class DraftContent:
    """What a draft holds: until it is sent what was typed, then the query code, so that a repeated post is told it."""

    form_key: UUID
    typed: dict[str, str] | None = None  # the form as it stands
    page: str = ""  # which page was posted last
    answers: dict[str, Any] | None = None  # forms.ideas.IdeaForm.answers(), if what is typed passed its checks
    suspicions: tuple[str, ...] | None = None  # of the first post that was judged
    phone_code: PhoneCode | None = None
    verified: str = ""  # the number (E.164) whose code was right
    clerk: int | None = None  # who types it in for the office
    code: str = ""

    @classmethod
    def opened(cls, payload: dict[str, Any]) -> "DraftContent":
        """From what is sealed; members that are not (any more) of a draft are left out."""
        known = {name: value for name, value in payload.items() if name in cls.__dataclass_fields__}
        known["form_key"] = UUID(known["form_key"])
        if known.get("suspicions") is not None:
            known["suspicions"] = tuple(known["suspicions"])
        if sent := known.get("phone_code"):
            known["phone_code"] = PhoneCode(**{**sent, "until": datetime.fromisoformat(sent["until"])})
        return cls(**known)

    def sealed(self) -> dict[str, Any]:
        """To be sealed as JSON, without what is not there."""
        values = {**asdict(self), "form_key": str(self.form_key)}
        if self.phone_code:
            values["phone_code"]["until"] = self.phone_code.until.isoformat()
        return {name: value for name, value in values.items() if value not in (None, "")}


class Draft(models.Model):
    """The answers between form and receipt, one row for a form key: one draft becomes one idea, however often sent.

    Whoever knows the form key opens the draft, so the table holds a keyed hash of it (queries.access.form_hashes); the
    key itself is sealed with the rest. All is gone when the draft expires. `payload` is `content`, sealed.
    """

    form_hash = models.UUIDField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="drafts")
    payload = SealedJSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    idea = models.OneToOneField(Idea, models.CASCADE, null=True, related_name="draft")
    # From whom it was kept last, as a keyed hash: what lies here unsent is bounded for each sender. "" for the office.
    sender = models.CharField(max_length=100, blank=True, default="", db_index=True)

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    @property
    def content(self) -> DraftContent:
        return DraftContent.opened(self.payload)

    @content.setter
    def content(self, content: DraftContent) -> None:
        self.payload = content.sealed()

    @property
    def form_key(self) -> UUID:
        """What the writer's browser and private link name it by."""
        return self.content.form_key


class UnsentInput(models.Model):
    """What a resident typed for an act on an own idea and has not completed: {field: words}, sealed.

    Whoever opens the idea with its code finds it, in any browser.
    """

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="unsent_input")
    act = models.CharField(max_length=12)  # rules.tracking.Act
    words = SealedJSONField()
    expires_at = models.DateTimeField(db_index=True)
    sender = models.CharField(max_length=100, blank=True, default="", db_index=True)  # as a draft's

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["idea", "act"], name="unsent_input_once_per_act")]

    @property
    def sealed_for(self) -> str:
        return str(self.idea_id)


class UnsentMarks(models.Model):
    """Marks and words of an idea that a panellist put off: {field: words}, sealed. They count nowhere."""

    assignment = models.OneToOneField(Assignment, models.CASCADE, related_name="unsent_marks", primary_key=True)
    words = SealedJSONField()
    expires_at = models.DateTimeField(db_index=True)

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    @property
    def sealed_for(self) -> str:
        return str(self.assignment_id)


class ImportFile(models.Model):
    """A file that a manager looked through and has not taken in: {"file": base64, "columns", "day"}, sealed."""

    key = models.UUIDField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="import_files")
    manager = models.ForeignKey(User, models.CASCADE, related_name="import_files")
    payload = SealedJSONField()
    expires_at = models.DateTimeField(db_index=True)

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    @property
    def sealed_for(self) -> str:
        return str(self.key)
