"""Photos that residents and units add: private until staff release them one by one."""

import uuid

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import PhotoStage
from ideas.models.drafts import Draft
from ideas.models.ideas import Idea
from ideas.models.milestones import Milestone
from ideas.models.people import User
from ideas.models.referrals import ReferralIdea
from ideas.models.sealed import keyring

PURPOSE = "photo"


def photo_store() -> Storage:
    """Where the files lie: the storage named "photos" in the settings. Nothing there has an address of its own."""
    return storages["photos"]


class PhotoQuerySet(models.QuerySet["Photo"]):
    def unrestricted(self) -> "PhotoQuerySet":
        return self.filter(idea__restricted=False)

    def released(self) -> "PhotoQuerySet":
        """What everybody may see wherever its idea is public."""
        return self.filter(is_slip=False).exclude(shown_at=None)

    def sent(self) -> "PhotoQuerySet":
        """What the resident or the unit sent, without the office's slips and covered copies."""
        return self.filter(is_slip=False, copy_of=None)

    def covered_where_covered(self) -> "PhotoQuerySet":
        """What may be shown to whoever need not see faces: a covered copy in place of its photo; slips never."""
        copied = self.model.objects.filter(copy_of=models.OuterRef("pk"))
        return self.filter(~models.Exists(copied), is_slip=False)


class Photo(models.Model):
    """One re-encoded picture of a draft, later of the idea that it became; or of a place of a referral, as its unit
    found it or left it, or at a milestone on the way (`stage`). It belongs to one of these.

    A slip is the photo of a paper slip: evidence of consent, never shown to anybody outside. A covered copy shows
    another photo with faces and plates covered (`covers`: [left, top, width, height] in pixels of that photo); the
    photo itself then stays private. Two files lie in the store: the picture and its thumbnail, both JPEG without
    metadata (rules.photos).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, null=True, blank=True, related_name="photos")
    idea = models.ForeignKey(Idea, models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("idea"))
    place = models.ForeignKey(
        ReferralIdea, models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("place")
    )
    milestone = models.ForeignKey(
        Milestone, models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("milestone")
    )
    stage = models.CharField(_("stage"), max_length=8, choices=PhotoStage, blank=True)
    added_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    size = models.PositiveIntegerField(_("bytes"))
    # Keyed hashes of the two files, so that a changed byte shows.
    digest = models.CharField(max_length=100, blank=True, editable=False)
    thumb_digest = models.CharField(max_length=100, blank=True, editable=False)
    shown_at = models.DateTimeField(_("released at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="checked_photos", verbose_name=_("checked by")
    )
    is_slip = models.BooleanField(_("photo of the slip"), default=False)
    copy_of = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="copies")
    covers = models.JSONField(default=list, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("id",)
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(draft__isnull=False, idea=None, place=None)
                | models.Q(draft=None, idea__isnull=False, place=None)
                | models.Q(draft=None, idea=None, place__isnull=False),
                name="photo_of_a_draft_an_idea_or_a_place",
            ),
            models.CheckConstraint(
                condition=models.Q(place=None, milestone=None, stage="")
                | models.Q(place__isnull=False, milestone=None, stage__in=[PhotoStage.BEFORE, PhotoStage.AFTER])
                | models.Q(place__isnull=False, milestone__isnull=False, stage=PhotoStage.DURING),
                name="photo_of_a_place_has_a_stage",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def about(self) -> Idea | None:
        """The idea that it is a photo of; of a place that of the place."""
        return self.place.idea if self.place else self.idea

    @property
    def about_version(self) -> int:
        """What a page that shows it has seen of its idea or of its referral, so that an act on an outdated one is
        refused; a photo of a draft has no such page."""
        if self.place:
            return self.place.referral.version
        return self.idea.version if self.idea else 0

    def digest_files(self, full: bytes, thumb: bytes) -> None:
        """Note what the files are; the row's key ties them to it."""
        self.digest = keyring().digest(self.marked("full", full), PURPOSE)
        self.thumb_digest = keyring().digest(self.marked("thumb", thumb), PURPOSE)

    def is_as_stored(self, full: bytes, thumb: bytes) -> bool:
        pairs = ((self.digest, "full", full), (self.thumb_digest, "thumb", thumb))
        return all(
            digest and keyring().matches(digest, self.marked(which, content), PURPOSE)
            for digest, which, content in pairs
        )

    def marked(self, which: str, content: bytes) -> bytes:
        return f"{self.key.hex}:{which}:".encode() + content

    @property
    def file_name(self) -> str:
        return f"{self.key.hex[:2]}/{self.key.hex}.jpg"

    @property
    def thumb_name(self) -> str:
        return f"{self.key.hex[:2]}/{self.key.hex}-small.jpg"
