"""An idea 金点子 as it came in and as it is published, and the draft it grows from."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import PublicStatus, Source, Status
from ideas.models.campaigns import Area, Campaign, Topic
from ideas.models.sealed import SealedJSONField
from ideas.rules.workflow import VALID, public_status


class IdeaQuerySet(models.QuerySet["Idea"]):
    def valid(self) -> "IdeaQuerySet":
        return self.filter(status__in=VALID)

    def by_receipt(self) -> "IdeaQuerySet":
        """In the order of receipt: who came first wins a tie and leads a merger."""
        return self.order_by("received_at", "id")


class Idea(models.Model):
    """What a resident proposed. Title, problem and proposal are the original 原文 and never change."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="ideas", verbose_name=_("campaign"))
    receipt = models.CharField(_("receipt number"), max_length=16, unique=True)
    # The form key of the draft it came from: the database itself refuses a second idea from one form.
    form_key = models.UUIDField(null=True, unique=True, editable=False)
    code_hash = models.CharField(max_length=160, editable=False)  # see services.residents
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.RECEIVED, editable=False)
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.WEB)
    received_at = models.DateTimeField(_("received at"))
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="ideas", verbose_name=_("topic"))
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="ideas", verbose_name=_("community")
    )
    place = models.CharField(_("place"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=60)
    problem = models.TextField(_("problem"))
    proposal = models.TextField(_("proposal"))

    published_title = models.CharField(_("published title"), max_length=60, blank=True)
    published_text = models.TextField(_("published text"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    # How many events its chain has and the digest of the last one: a cut-off tail shows (rules.record).
    event_count = models.PositiveIntegerField(default=0, editable=False)
    event_head = models.CharField(max_length=100, editable=False)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        permissions = (
            ("screen_idea", _("Can screen ideas")),
            ("edit_published", _("Can edit the published text")),
        )
        indexes = [
            models.Index(fields=["campaign", "status", "received_at", "id"], name="idea_queue"),
            models.Index(fields=["received_at", "id"], name="idea_order"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {self.title}"

    @property
    def public_status(self) -> PublicStatus:
        """What the resident and the public may know."""
        return public_status(self.status, released=self.campaign.is_released)

    @property
    def is_ready_to_publish(self) -> bool:
        return bool(self.published_title and self.published_text)


class DraftQuerySet(models.QuerySet["Draft"]):
    def expired(self, at: datetime) -> "DraftQuerySet":
        return self.filter(expires_at__lte=at)


class Draft(models.Model):
    """The answers between form and receipt. Its key is the form key: one draft becomes one idea, however often sent.

    `payload` holds {"answers": …} until it is sent, then {"code": …}, so that a repeated post is told the same query
    code; both are gone when the draft expires.
    """

    key = models.UUIDField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="drafts")
    payload = SealedJSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    idea = models.OneToOneField(Idea, models.CASCADE, null=True, related_name="draft")

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
