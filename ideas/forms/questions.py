"""What a unit asks, and what the office makes of it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import TextField
from ideas.forms.referrals import NO_NAMES, ReferralForm
from ideas.models import Idea


class PlaceField(forms.ModelChoiceField):
    """An idea of a referral, named by its title as the reader gets it."""

    titles: Mapping[int, str] = {}

    def label_from_instance(self, idea: Idea) -> str:
        title = self.titles.get(idea.pk, idea.receipt)
        return gettext("The resident, through the office: %(title)s") % {"title": title}


class AskForm(ReferralForm):
    kept = ("words",)
    idea = PlaceField(
        Idea.objects.none(),
        label=_("Whom do you ask?"),
        required=False,
        blank=True,
        empty_label=_("The office"),
        widget=forms.RadioSelect,
    )
    words = TextField(
        label=_("Your question"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=NO_NAMES
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idea"].one_of_two = True  # type: ignore[attr-defined]  # not "optional": one of them is asked

    def offer(self, titles: Mapping[int, str]) -> None:
        """The residents of these ideas (titles by key) can be asked; a single one is the likely one."""
        field: Any = self.fields["idea"]
        field.titles, field.queryset = titles, Idea.objects.filter(pk__in=titles).order_by("pk")
        if len(titles) == 1:
            self.initial.setdefault("idea", next(iter(titles)))


class PassOnForm(ReferralForm):
    kept = ("words",)
    words = TextField(
        label=_("What the resident is asked"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As the unit asked it; put it more plainly where need be."),
    )


class SettleForm(ReferralForm):
    kept = ("words",)
    words = TextField(
        label=_("Your answer to the unit, or why there is none"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_NAMES,
    )
