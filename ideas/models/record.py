"""What a sealing leaves behind: its record in two editions, the signed minutes, and who opened it again and why."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import Edition
from ideas.models.campaigns import Campaign
from ideas.models.people import User


def minutes_store() -> Storage:
    """Where scans of signed minutes lie: the storage named "minutes". Nothing there has an address of its own."""
    return storages["minutes"]


class SealedRecord(models.Model):
    """All facts from which a sealed list follows, as they were; append-only (triggers).

    `text` is the canonical form (rules.record) that `digest` was taken of; of a large record it is the beginning, and
    the rest stands in `RecordPart`s. Each sealing of a campaign has a number, and two rows: one for each edition.
    """

    PART = 2_000_000  # characters of the text that are kept as one value

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="records", verbose_name=_("campaign"))
    number = models.PositiveSmallIntegerField(_("number"))
    edition = models.CharField(_("edition"), max_length=10, choices=Edition)
    text = models.TextField()
    algorithm = models.CharField(max_length=20)
    digest = models.CharField(_("digest"), max_length=128)
    made_at = models.DateTimeField(_("sealed at"))
    seal = models.CharField(max_length=100, blank=True, editable=False)  # the portal's word for the row

    class Meta:
        verbose_name = _("sealed record")
        verbose_name_plural = _("sealed records")
        default_permissions = ("view",)
        ordering = ("campaign", "number", "edition")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number", "edition"], name="record_once_per_sealing")
        ]

    def __str__(self) -> str:
        return f"{self.campaign} ({self.number})"

    @property
    def is_small(self) -> bool:
        """Whether the whole text stands in the row, and is short enough to be handled in one go."""
        return len(self.text) < self.PART and not self.further().exists()

    def further(self) -> models.QuerySet["RecordPart"]:
        return RecordPart.objects.filter(campaign=self.campaign_id, number=self.number, edition=self.edition)

    def parts(self) -> Iterator[str]:
        """The whole text, a part at a time: never more than one is in memory or under way."""
        yield self.text
        for key in list(self.further().order_by("place").values_list("pk", flat=True)):
            yield RecordPart.objects.get(pk=key).text

    def file(self) -> Iterator[bytes]:
        """The record with its digest as both verifiers read it, a part at a time."""
        yield b'{"record":'
        for part in self.parts():
            yield part.encode()
        yield f',"algorithm":{json.dumps(self.algorithm)},"digest":{json.dumps(self.digest)}}}'.encode()

    def is_as_hashed(self) -> bool:
        """Whether the whole text is what the digest was taken of."""
        found = hashlib.sha256()
        for part in self.parts():
            found.update(part.encode())
        return found.hexdigest() == self.digest

    def sealed_facts(self) -> dict[str, Any]:
        """What the portal gives its word for: of a large record the parts are held by the digest."""
        return {
            "campaign": self.campaign_id,
            "number": self.number,
            "edition": str(self.edition),
            "text": self.text,
            "digest": self.digest,
            "made_at": int(self.made_at.timestamp() * 1_000_000),
        }


class RecordPart(models.Model):
    """What of a record's text does not fit into its row, in order; append-only (triggers).

    It names its record by campaign, number and edition, not by its key: parts are written while the digest is still
    being taken, and the row, which cannot be changed later, comes last.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    edition = models.CharField(max_length=10, choices=Edition)
    place = models.PositiveIntegerField()  # from 1
    text = models.TextField()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number", "edition", "place"], name="record_part_once")
        ]


class Unsealing(models.Model):
    """A seal was taken off again before the release: asked for with a reason by one, consented to by a second one."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="unsealings", verbose_name=_("campaign"))
    number = models.PositiveSmallIntegerField(_("number of the record"))
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    consented_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("consented to by")
    )
    consented_at = models.DateTimeField(_("consented at"), null=True)

    class Meta:
        verbose_name = _("unsealing")
        verbose_name_plural = _("unsealings")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="unsealed_once"),
            models.CheckConstraint(
                condition=models.Q(consented_by=None) | ~models.Q(consented_by=models.F("asked_by")),
                name="unsealed_by_two_people",
            ),
        ]


class SignedMinutes(models.Model):
    """A scan of the printed and signed minutes of one record; private, for those who may see the list."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="signed_minutes", verbose_name=_("campaign"))
    number = models.PositiveSmallIntegerField(_("number of the record"))
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind of file"), max_length=4)  # of rules.record.SCANS
    size = models.PositiveIntegerField(_("bytes"))
    digest = models.CharField(_("digest"), max_length=128)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("signed minutes")
        verbose_name_plural = _("signed minutes")
        default_permissions = ()
        ordering = ("id",)

    @property
    def file_name(self) -> str:
        return f"{self.key.hex}.{self.kind}"
