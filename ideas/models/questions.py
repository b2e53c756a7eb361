"""What a unit wants to know about a referral: of the office, or through it of the resident."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ideas.choices import QuestionState
from ideas.models.ideas import Idea
from ideas.models.people import Unit, User
from ideas.models.referrals import Referral
from ideas.rules.referrals import OPEN_QUESTIONS


class UnitQuestion(models.Model):
    """A question of a unit, one open at a time for each referral. Written by services.questions only.

    `idea` is the one whose resident is asked, None where the office is. `words` are the officer's, `passed_words` what
    the office asks the resident, `note` what the office says itself. `reply` is the resident's own text: it goes with
    its person, as a ResidentStatement does.
    """

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="questions", verbose_name=_("referral"))
    idea = models.ForeignKey(Idea, models.PROTECT, null=True, related_name="unit_questions", verbose_name=_("idea"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    state = models.CharField(_("state"), max_length=12, choices=QuestionState, default=QuestionState.OFFICE)
    words = models.TextField(_("question"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    passed_words = models.TextField(_("question to the resident"), blank=True)
    passed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("passed on by"))
    passed_at = models.DateTimeField(_("passed on at"), null=True)
    due_at = models.DateTimeField(_("to be answered before"), null=True, db_index=True)
    reply = models.TextField(_("the resident's answer"), blank=True)
    note = models.TextField(_("the office's answer"), blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("question of a unit")
        verbose_name_plural = _("questions of units")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=models.Q(state__in=[QuestionState.OFFICE, QuestionState.RESIDENT]),
                name="one_open_question_per_referral",
            )
        ]

    def __str__(self) -> str:
        return f"{self.referral} {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_QUESTIONS

    @property
    def is_with_office(self) -> bool:
        return self.state == QuestionState.OFFICE

    @property
    def is_with_resident(self) -> bool:
        return self.state == QuestionState.RESIDENT
