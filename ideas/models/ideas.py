"""An idea 金点子 as it came in and as it is published."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import PublicStatus, Source, Status
from ideas.models.campaigns import Area, Campaign, Topic
from ideas.models.people import Unit, User
from ideas.rules.workflow import VALID, public_status

ORIGINAL_TEXTS = ("title", "problem", "proposal", "place")  # the resident's own words
ALL_TEXTS = (*ORIGINAL_TEXTS, "published_title", "published_text")


class IdeaQuerySet(models.QuerySet["Idea"]):
    def valid(self) -> "IdeaQuerySet":
        return self.filter(status__in=VALID)

    def unrestricted(self) -> "IdeaQuerySet":
        """Without the ideas that are for named staff only: what lists, figures, desks and the public are made of."""
        return self.filter(restricted=False)

    def restricted(self) -> "IdeaQuerySet":
        return self.filter(restricted=True)

    def of_its_kind(self, idea: "Idea") -> "IdeaQuerySet":
        """Restricted ones for a restricted idea, the others for the others."""
        return self.filter(restricted=idea.restricted)

    def by_receipt(self) -> "IdeaQuerySet":
        """In the order of receipt: who came first wins a tie and leads a merger."""
        return self.order_by("received_at", "id")


class Idea(models.Model):
    """What a resident proposed. Title, problem and proposal are the original 原文: staff never change them.

    The resident may, while nobody has screened it or when asked; each earlier wording is kept as an IdeaVersion.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="ideas", verbose_name=_("campaign"))
    receipt = models.CharField(_("receipt number"), max_length=16, unique=True)
    # The keyed hash of the form that it came from: the database itself refuses a second idea from one form.
    form_hash = models.UUIDField(null=True, unique=True, editable=False)
    code_hash = models.CharField(max_length=160, editable=False)  # see services.intake
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

    # The unit that would carry it out, as far as screening can say.
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="ideas", verbose_name=_("responsible unit")
    )
    # Tips about crime or officials 线索: for named staff only, in no list, figure, search or export.
    restricted = models.BooleanField(_("restricted"), default=False)
    due_at = models.DateTimeField(_("answer due"), null=True, blank=True)  # of a returned idea
    # Typed in by the office: the day that stands on the slip, by whom and when. `received_at` is what counts for order.
    slip_on = models.DateField(_("date of the slip"), null=True, blank=True)
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="entered_ideas", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"), null=True, blank=True)

    # Values of choices.Suspicion: why it looks like junk, and how many, so that the queue can put them first.
    suspicions = models.JSONField(_("suspicions"), default=list, blank=True)
    suspicion_count = models.PositiveSmallIntegerField(default=0, editable=False)

    published_title = models.CharField(_("published title"), max_length=60, blank=True)
    published_text = models.TextField(_("published text"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    # How many events its chain has and the digest of the last one: a cut-off tail shows (rules.record).
    event_count = models.PositiveIntegerField(default=0, editable=False)
    event_head = models.CharField(max_length=100, editable=False)
    # The portal's word for count, head, the code's hash and all words: a database writer without keys cannot give it.
    seal = models.CharField(max_length=100, blank=True, editable=False)
    # Its acts but those of the list, of which most staff do not know: what a page has seen, so that an act on an
    # outdated one is refused.
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        verbose_name = _("idea")
        verbose_name_plural = _("ideas")
        permissions = (
            ("screen_idea", _("Can screen ideas")),
            ("edit_published", _("Can edit the published text")),
            ("enter_idea", _("Can enter ideas from paper and telephone")),
            ("import_idea", _("Can import ideas from a file")),
            ("export_idea", _("Can export lists of ideas")),
            ("show_contact", _("Can have a contact shown, with a purpose")),
            ("export_contact", _("Can export contacts")),
            # Given to named people, not to a role.
            ("see_restricted", _("Can see restricted ideas")),
        )
        indexes = [
            models.Index(fields=["campaign", "status", "received_at", "id"], name="idea_queue"),
            models.Index(fields=["received_at", "id"], name="idea_order"),
            models.Index(
                fields=["campaign", "status", "-suspicion_count", "received_at", "id"], name="idea_suspicious_queue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {self.title}"

    @property
    def public_status(self) -> PublicStatus:
        """What the resident and the public may know."""
        return public_status(self.status, released=self.campaign.is_released)

    @property
    def carried_photos(self) -> list[Any]:
        """The released photos of this idea and of those merged into it, as queries.access fetched them along."""
        rows = [self, *getattr(self, "carried", [])]
        return [photo for row in rows for photo in getattr(row, "shown_photos", [])]

    @property
    def is_ready_to_publish(self) -> bool:
        return bool(self.published_title and self.published_text)

    def sealed_facts(self) -> dict[str, Any]:
        return {
            "receipt": self.receipt,
            "count": self.event_count,
            "head": self.event_head,
            "code": self.code_hash,
            "words": [getattr(self, name) for name in ALL_TEXTS],
        }


class IdeaVersion(models.Model):
    """An earlier wording of an idea, kept when its resident changed it; number 1 is what first came in."""

    idea = models.ForeignKey(Idea, models.CASCADE, related_name="versions", verbose_name=_("idea"))
    number = models.PositiveSmallIntegerField(_("number"))
    replaced_at = models.DateTimeField(_("replaced at"))
    title = models.CharField(_("title"), max_length=60)
    problem = models.TextField(_("problem"))
    proposal = models.TextField(_("proposal"))
    place = models.CharField(_("place"), max_length=100, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name=_("topic"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("community"))

    class Meta:
        verbose_name = _("earlier wording")
        verbose_name_plural = _("earlier wordings")
        ordering = ("idea", "number")
        constraints = [models.UniqueConstraint(fields=["idea", "number"], name="version_number_once_per_idea")]

    def __str__(self) -> str:
        return f"{self.idea.receipt} ({self.number})"
