"""A referral 交办单: some ideas given to a unit, with days by which to act; what it answers; what happened to it."""

from typing import Any

from django.db import models
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ideas.choices import Action, Adoption, AnswerKind, AnswerState, ReferralAct, ReferralState
from ideas.models.campaigns import Campaign
from ideas.models.ideas import Idea
from ideas.models.people import Unit, User
from ideas.rules.referrals import OPEN, Due, shown_number


def _by(label: Any) -> models.ForeignKey:
    return models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label)


def _of_restricted() -> models.Q:
    """Those that a restricted idea belongs to."""
    return models.Q(pk__in=ReferralIdea.objects.filter(idea__in=Idea.objects.restricted()).values("referral"))


class ReferralQuerySet(models.QuerySet["Referral"]):
    def open(self) -> "ReferralQuerySet":
        return self.filter(state__in=OPEN)

    def of_unit(self, unit: Unit) -> "ReferralQuerySet":
        """Those that it leads and those that it helps with."""
        helping = Referral.helping_units.through.objects.filter(unit=unit).values("referral")
        return self.filter(models.Q(unit=unit) | models.Q(pk__in=helping))

    def unrestricted(self) -> "ReferralQuerySet":
        """Without those that a restricted idea belongs to."""
        return self.exclude(_of_restricted())

    def restricted(self) -> "ReferralQuerySet":
        return self.filter(_of_restricted())

    def followed(self) -> "ReferralQuerySet":
        """Without those of restricted ideas that wait until somebody is named."""
        return self.filter(~_of_restricted() | models.Q(pk__in=Referral.named.through.objects.values("referral")))

    def for_person(self, user: User) -> "ReferralQuerySet":
        """What somebody of a unit may see of these: of restricted ideas only what the own unit leads and names this
        person for."""
        named = Referral.named.through.objects.filter(user=user).values("referral")
        return self.filter(~_of_restricted() | models.Q(pk__in=named, unit=user.unit_id))


class Referral(models.Model):
    """Given to one lead unit; other units may help. Written by services.referrals only."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="referrals", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="referrals", verbose_name=_("lead unit"))
    helping_units = models.ManyToManyField(Unit, related_name="+", blank=True, verbose_name=_("helping units"))
    ideas = models.ManyToManyField(Idea, through="ReferralIdea", related_name="referrals", verbose_name=_("ideas"))
    # People of the lead unit, of a restricted idea's referral only: nobody else there learns of it (services.named).
    named = models.ManyToManyField(User, related_name="+", blank=True, verbose_name=_("named people"))
    instruction = models.TextField(_("instruction"))
    state = models.CharField(_("state"), max_length=12, choices=ReferralState, default=ReferralState.SENT)
    sent_at = models.DateTimeField(_("sent"))  # to the unit that leads it now
    acknowledge_by = models.DateField(_("to acknowledge by"))
    answer_by = models.DateField(_("to answer by"))
    finish_by = models.DateField(_("to be done by"))
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    # Of the unit that leads it now: how many working days the answer took, and whether each step was in time.
    answer_days = models.PositiveSmallIntegerField(_("working days to answer"), null=True)
    answer_in_time = models.BooleanField(_("answered in time"), null=True)
    done_at = models.DateTimeField(_("reported done"), null=True)
    done_in_time = models.BooleanField(_("done in time"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    # How many events it has: what a page has seen, so that an act on an outdated one is refused.
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ("id",)
        default_permissions = ("view",)
        permissions = (
            ("refer_idea", _("Can refer ideas to units")),
            ("work_referral", _("Can work at the referrals of the own unit")),
            ("approve_referral", _("Can approve what leaves the own unit")),
        )
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="referral_number_once")]
        indexes = [models.Index(fields=["unit", "state"], name="referral_desk")]

    def __str__(self) -> str:
        return self.shown_number

    @property
    def shown_number(self) -> str:
        return shown_number(self.campaign.prefix, localdate(self.campaign.opens_at).year, self.number)

    @property
    def due(self) -> Due:
        return Due(self.acknowledge_by, self.answer_by, self.finish_by)

    @property
    def due_on(self) -> Any:
        """The day that runs now; None while it is not the unit's turn."""
        return self.due.of(self.state)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class ReferralIdeaQuerySet(models.QuerySet["ReferralIdea"]):
    def standing(self) -> "ReferralIdeaQuerySet":
        """Without those that were taken off."""
        return self.filter(taken_off_at=None)


class ReferralIdea(models.Model):
    """An idea that a referral is about, and its place: reported done and closed by itself. The first that was named
    leads; one that was taken off keeps its row. Written by services.referrals, answers, closing and referred only."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="places", verbose_name=_("referral"))
    idea = models.ForeignKey(Idea, models.PROTECT, related_name="places", verbose_name=_("idea"))
    done_at = models.DateTimeField(_("reported done"), null=True)
    # The event that closed it, with the look on site; None while it is open.
    closing = models.ForeignKey(
        "ReferralEvent", models.PROTECT, null=True, related_name="places", verbose_name=_("closed")
    )
    joined_at = models.DateTimeField(_("joined at"), null=True)  # by a merger; empty: named when it was sent
    taken_off_at = models.DateTimeField(_("taken off at"), null=True)

    objects = ReferralIdeaQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["referral", "idea"], name="idea_once_per_referral")]

    def __str__(self) -> str:
        return f"{self.referral} {self.idea.receipt}"


class ReferralAnswer(models.Model):
    """What a unit says: drafted by an officer, approved by its head, released by the office.

    `public` is what residents read once it is released; `internal` stays between unit and office.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="answers", verbose_name=_("referral"))
    kind = models.CharField(_("kind"), max_length=8, choices=AnswerKind)
    state = models.CharField(_("state"), max_length=12, choices=AnswerState, default=AnswerState.DRAFT)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="answers", verbose_name=_("unit"))
    adoption = models.CharField(_("what becomes of it"), max_length=12, choices=Adoption, blank=True)
    public = models.TextField(_("public words"), blank=True)
    internal = models.TextField(_("internal words"), blank=True)
    finish_on = models.DateField(_("planned to be done on"), null=True, blank=True)
    drafted_by = _by(_("drafted by"))
    drafted_at = models.DateTimeField(_("drafted at"))
    approved_by = _by(_("approved by"))
    approved_at = models.DateTimeField(_("approved at"), null=True)
    released_by = _by(_("released by"))
    released_at = models.DateTimeField(_("released at"), null=True)
    passed_back = models.TextField(_("why it was passed back"), blank=True)
    places = models.ManyToManyField(ReferralIdea, related_name="answers", blank=True)  # that are done; none named: all

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=models.Q(state__in=[AnswerState.DRAFT, AnswerState.HANDED_IN]),
                name="one_answer_in_hand_per_referral",
            )
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.get_kind_display()}"


class ReferralEvent(models.Model):
    """One act on a referral, in the order in which they happened; append-only. It holds no personal data of residents.

    `words` is what staff wrote with it, `detail` are facts that belong to the act: {"unit": name}, {"before": [days],
    "after": [days]}, {"places": [receipts]}; of a closing {"place", "looked_on", "looked_by", "reason"}; of what an
    idea brought with it {"idea": receipt, "why": the act on the idea}; of a naming {"named": [keys of users]}, with
    their names as words.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="events", verbose_name=_("referral"))
    number = models.PositiveIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=12, choices=ReferralAct)
    before = models.CharField(_("state before"), max_length=12, choices=ReferralState, blank=True)
    after = models.CharField(_("state after"), max_length=12, choices=ReferralState)
    actor = _by(_("by whom"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))  # that led it then
    at = models.DateTimeField(_("when"))
    words = models.TextField(_("words"), blank=True)
    detail = models.JSONField(default=dict)
    seal = models.CharField(max_length=100, editable=False)

    class Meta:
        verbose_name = _("event of a referral")
        verbose_name_plural = _("events of referrals")
        default_permissions = ()
        ordering = ("referral", "number")
        constraints = [models.UniqueConstraint(fields=["referral", "number"], name="referral_event_number_once")]

    def __str__(self) -> str:
        return f"{self.referral} {self.number}"

    @property
    def about(self) -> list[str]:
        """The receipts of the places that it is about, where it names any."""
        place = self.detail.get("place") or self.detail.get("idea")
        return [place] if place else self.detail.get("places", [])

    @property
    def why(self) -> str:
        """What happened to the idea that brought it with it, in words; "" for most."""
        return str(Action(self.detail["why"]).label) if "why" in self.detail else ""

    def sealed_facts(self) -> dict[str, Any]:
        return {
            "referral": self.referral_id,
            "number": self.number,
            "act": str(self.act),
            "before": str(self.before),
            "after": str(self.after),
            "actor": self.actor_id,
            "unit": self.unit_id,
            "at": int(self.at.timestamp() * 1_000_000),
            "words": self.words,
            "detail": self.detail,
        }
