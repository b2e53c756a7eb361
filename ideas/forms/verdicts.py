"""Whether a place that was closed is in order: asked of its resident, or typed in by the office after a call."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ideas.choices import Satisfaction
from ideas.forms.fields import DayField, TextField
from ideas.forms.referrals import ReferralForm
from ideas.forms.tracking import ActForm
from ideas.models import Idea, ReferralIdea
from ideas.rules.verdicts import Said, lacks_words

SOLVED, NOT_SOLVED = "yes", "no"


class SaidForm(forms.Form):
    """The questions, whoever answers them."""

    is_solved = forms.ChoiceField(
        label=_("Is the problem solved?"),
        choices=[
            (SOLVED, capfirst(pgettext_lazy("verdict", "solved"))),
            (NOT_SOLVED, capfirst(pgettext_lazy("verdict", "not solved"))),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it is solved.")},
    )
    satisfaction = forms.ChoiceField(
        label=_("Are you satisfied with how it was dealt with?"),
        choices=[(value, capfirst(label)) for value, label in Satisfaction.choices],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how satisfied you are.")},
    )
    words = TextField(
        label=_("In your own words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is not solved, where and since when. If it is solved, this may stay empty."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].one_of_two = True  # type: ignore[attr-defined]  # not "optional" where it is not solved

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_solved = data.get("is_solved") != NOT_SOLVED
        if lacks_words(is_solved=is_solved, words=data.get("words", "")) and "words" not in self.errors:
            self.add_error("words", _("Write what is not solved."))
        return data

    def said(self) -> Said:
        data = self.cleaned_data
        return Said(Satisfaction(data["satisfaction"]), data["is_solved"] == SOLVED, data["words"])


class VerdictForm(SaidForm, ActForm):
    """The resident's own, on the closing that the page showed."""

    closing = forms.IntegerField(widget=forms.HiddenInput)

    def given(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"closing": data["closing"], "said": self.said(), "expected_version": data["expected_version"]}


class HeardForm(SaidForm, ReferralForm):
    """What the office heard on the telephone. Its words are erased with their resident, unlike others of staff."""

    field_order = ("seen", "idea", "heard_on", "is_solved", "satisfaction", "words")
    idea = forms.ModelChoiceField(
        Idea.objects.none(), label=_("Who was called"), widget=forms.RadioSelect, empty_label=None
    )
    heard_on = DayField(label=_("Day of the call"))

    def offer(self, ideas: Sequence[Idea]) -> None:
        """Whose residents can be called."""
        field: Any = self.fields["idea"]
        field.queryset = Idea.objects.unrestricted().filter(pk__in=[idea.pk for idea in ideas])
        field.choices = [(idea.pk, f"{idea.receipt} {idea.title}") for idea in ideas]
        field.initial = ideas[0].pk if len(ideas) == 1 else None


class ReopenForm(ReferralForm):
    kept = ("words",)
    place = forms.ModelChoiceField(
        ReferralIdea.objects.none(), label=_("Which place"), required=False, widget=forms.RadioSelect, empty_label=None
    )
    finish_by = DayField(label=_("To be done by"))
    words = TextField(label=_("Why it is taken up again"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].one_of_two = True  # type: ignore[attr-defined]  # needed where there are several
