"""A campaign 征集活动 and what it is made of: its announcement, its topics, the areas of the district."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ideas.choices import Phase, ScoreMethod, TopicMark
from ideas.rules.campaigns import phase_at, rating_is_open


class Localized(models.Model):
    """Rows whose Chinese texts may have an English twin named `<field>_en`."""

    class Meta:
        abstract = True

    def text(self, field: str) -> tuple[str, str]:
        """The text for the reader and its language code: English where wanted and written, else Chinese."""
        english = get_language() == "en" and getattr(self, f"{field}_en")
        return (english, "en") if english else (getattr(self, field), "zh-hans")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def announced(self, at: datetime) -> "CampaignQuerySet":
        """What the public may know of."""
        return self.filter(announced_at__lte=at)

    def newest_first(self) -> "CampaignQuerySet":
        return self.order_by("-opens_at", "-id")


class Campaign(Localized):
    """One call for ideas. Everything the announcement says is a row that a manager edits, not code."""

    slug = models.SlugField(_("address"), unique=True, help_text=_("Part of the public address: /campaigns/…/"))
    prefix = models.CharField(
        _("receipt prefix"),
        max_length=4,
        validators=[RegexValidator(r"\A[A-Z]{1,4}\Z", _("One to four capital letters."))],
        help_text=_("Receipt numbers start with it, for example JM."),
    )
    title = models.CharField(_("theme"), max_length=60)
    title_en = models.CharField(_("theme in English"), max_length=120, blank=True)
    organiser = models.CharField(_("organiser"), max_length=100)
    organiser_en = models.CharField(_("organiser in English"), max_length=160, blank=True)
    summary = models.CharField(_("summary"), max_length=200, help_text=_("One or two sentences for the home page."))
    summary_en = models.CharField(_("summary in English"), max_length=400, blank=True)

    announced_at = models.DateTimeField(
        _("announced at"), null=True, blank=True, help_text=_("Empty: nobody outside the office can see it yet.")
    )
    opens_at = models.DateTimeField(_("collecting from"))
    closes_at = models.DateTimeField(_("collecting until"), help_text=_("An idea sent at this very moment is late."))
    rating_from = models.DateTimeField(_("rating from"), null=True, blank=True)
    rating_until = models.DateTimeField(_("rating until"), null=True, blank=True)
    results_on = models.DateField(_("results expected on"), null=True, blank=True)
    released_at = models.DateTimeField(_("winners released at"), null=True, editable=False)

    return_days = models.PositiveSmallIntegerField(
        _("days to answer"),
        default=7,
        validators=[MinValueValidator(1)],
        help_text=_("How long a resident may take to answer a question; then the idea lapses."),
    )
    entry_until = models.DateTimeField(
        _("late entry until"),
        null=True,
        blank=True,
        help_text=_("Until then slips that were dated in time may still be typed in. Empty: until collecting ends."),
    )
    two_checks = models.BooleanField(
        _("two people release"),
        default=False,
        help_text=_("Published texts and photos take a first and a final check by two different people."),
    )

    places = models.PositiveSmallIntegerField(_("places"), default=30, validators=[MinValueValidator(1)])
    answer_days = models.PositiveSmallIntegerField(
        _("days until screened"),
        null=True,
        blank=True,
        help_text=_("Working days after which residents usually hear from a moderator; told on the receipt."),
    )
    show_ideas = models.BooleanField(
        _("show accepted ideas"),
        default=False,
        help_text=_("Accepted ideas with a published text can be read by everybody, without names."),
    )
    publish_record = models.BooleanField(
        _("publish the record"),
        default=False,
        help_text=_(
            "With the winners everybody can download the sealed record, without names, and recompute the list."
        ),
    )
    reviews_per_idea = models.PositiveSmallIntegerField(
        _("reviews per idea"), default=3, validators=[MinValueValidator(1)], help_text=_("Up to the whole panel.")
    )
    score_method = models.CharField(_("score"), max_length=12, choices=ScoreMethod, default=ScoreMethod.CALIBRATED)
    rounds = models.PositiveSmallIntegerField(
        _("rounds"),
        default=1,
        choices=[(1, _("one round")), (2, _("two rounds"))],
        help_text=_("Two: every idea gets two reviews first, then the leading third shares the remaining ones."),
    )
    comment_below = models.PositiveSmallIntegerField(
        _("comment required below"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(10)],
        help_text=_("A panellist whose weighted mark is below this one says why. Empty: comments are optional."),
    )
    tie_rule = models.CharField(
        _("ties"),
        max_length=200,
        blank=True,
        help_text=_("Empty: higher plain mean, then more reviews, then the earlier receipt. So it is always computed."),
    )
    tie_rule_en = models.CharField(_("ties, in English"), max_length=400, blank=True)

    who = models.TextField(_("who may take part"))
    who_en = models.TextField(_("who may take part, in English"), blank=True)
    content = models.TextField(_("what is wanted"))
    content_en = models.TextField(_("what is wanted, in English"), blank=True)
    how = models.TextField(_("how to take part"))
    how_en = models.TextField(_("how to take part, in English"), blank=True)
    method = models.TextField(_("how winners are chosen"))
    method_en = models.TextField(_("how winners are chosen, in English"), blank=True)
    awards = models.TextField(_("awards"))
    awards_en = models.TextField(_("awards, in English"), blank=True)
    results_use = models.TextField(_("what becomes of the ideas"))
    results_use_en = models.TextField(_("what becomes of the ideas, in English"), blank=True)
    originality = models.TextField(_("originality and copyright"))
    originality_en = models.TextField(_("originality and copyright, in English"), blank=True)
    privacy = models.TextField(_("personal data"))
    privacy_en = models.TextField(_("personal data, in English"), blank=True)

    # The last counted figures with their moment ("at"), so that public pages never count millions of rows:
    # {"at": ISO time, "received": n, "valid": n, "chosen": n}. Written by services.campaigns.refresh_figures().
    figures = models.JSONField(default=dict, editable=False)
    # Whether another campaign bears the same name: then ours is not enough for staff. Written by vouch_campaign(), too.
    has_namesake = models.BooleanField(default=False, editable=False)
    # The portal's word for the rest of it and its parts. Written by services.campaigns.vouch_campaign().
    seal = models.CharField(max_length=100, blank=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-opens_at", "-id")
        permissions = (("assign_panel", _("Can assign ideas to panellists")),)

    def __str__(self) -> str:
        """As staff tell it from others, in lists, filters and drop-downs; the public reads `name`."""
        return f"{self.name} ({localdate(self.opens_at).year} · {self.slug})" if self.has_namesake else self.name

    @property
    def name(self) -> str:
        return self.text("title")[0]

    def clean(self) -> None:
        errors = {}
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            errors["closes_at"] = _("Collecting must end after it begins.")
        if self.entry_until and self.closes_at and self.entry_until < self.closes_at:
            errors["entry_until"] = _("Late entry cannot end before collecting ends.")
        if bool(self.rating_from) != bool(self.rating_until):
            errors["rating_until"] = _("Give both the beginning and the end of rating, or neither.")
        elif self.rating_from and self.rating_until and self.rating_from >= self.rating_until:
            errors["rating_until"] = _("Rating must end after it begins.")
        if self.results_on and self.closes_at and self.results_on < localdate(self.closes_at):
            errors["results_on"] = _("Results cannot be expected before collecting ends.")
        if errors:
            raise ValidationError(errors)

    def phase(self, at: datetime) -> Phase:
        return phase_at(at, opens_at=self.opens_at, closes_at=self.closes_at, released_at=self.released_at)

    def is_announced(self, at: datetime) -> bool:
        return self.announced_at is not None and self.announced_at <= at

    def rating_is_open(self, at: datetime) -> bool:
        return rating_is_open(at, rating_from=self.rating_from, rating_until=self.rating_until)

    @property
    def is_released(self) -> bool:
        return self.released_at is not None


class Topic(Localized):
    """A topic 类别 of one campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="topics", verbose_name=_("campaign"))
    slug = models.SlugField(_("short name"))
    name = models.CharField(_("name"), max_length=30)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    hint = models.CharField(_("examples"), max_length=120, blank=True)
    hint_en = models.CharField(_("examples in English"), max_length=240, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    # How it looks decides nothing: the portal's word for a campaign leaves it out (queries.campaigns).
    mark = models.CharField(_("drawing"), max_length=12, choices=TopicMark, default=TopicMark.IDEA)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["campaign", "slug"], name="topic_once_per_campaign")]

    def __str__(self) -> str:
        return self.text("name")[0]


class Area(models.Model):
    """A community 社区 or village 村, under the code of the National Bureau of Statistics (12 digits)."""

    code = models.CharField(_("code"), max_length=12, unique=True, validators=[RegexValidator(r"\A\d{12}\Z")])
    name = models.CharField(_("community"), max_length=40)
    street = models.CharField(_("street or town"), max_length=40)

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.street}{self.name}"
