"""What office and unit write about a referral. `seen` is the version of the referral that the page showed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import Adoption, AnswerKind
from ideas.forms.fields import DayField, LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm
from ideas.models import ReferralIdea, Unit
from ideas.rules.referrals import Due

NO_NAMES = _("No names and numbers of residents, please: it is kept for good.")


def places_field(label: Any, help_text: Any) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        ReferralIdea.objects.none(),
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def offer_places(form: forms.Form, places: Mapping[ReferralIdea, str]) -> None:
    """Let a form that is about places choose among these, each named in words; one alone needs no choice."""
    for name in {"place", "places"} & form.fields.keys():
        if len(places) < 2:
            del form.fields[name]
            continue
        field: Any = form.fields[name]
        field.queryset = ReferralIdea.objects.filter(pk__in=[row.pk for row in places])
        field.choices = [(row.pk, words) for row, words in places.items()]


class ReferralForm(KeptWords, VersionForm):
    """The base of the acts on a referral; those that need nothing but a press are of this class itself."""

    kept: ClassVar[tuple[str, ...]] = ()
    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            self.fields["unit"].queryset = Unit.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def offer_others(self, unit: Unit) -> None:
        """Not the unit that has it."""
        others = Unit.objects.filter(is_active=True).exclude(pk=unit.pk)
        self.fields["unit"].queryset = others  # type: ignore[attr-defined]


class ReturnForm(ReferralForm):
    kept = ("reason",)
    reason = TextField(
        label=_("Why this is not your unit's affair"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    unit = forms.ModelChoiceField(
        Unit.objects.all(), label=_("Whose affair it is"), required=False, help_text=_("If you know it.")
    )


class ReassignForm(ReferralForm):
    kept = ("words",)
    unit = forms.ModelChoiceField(Unit.objects.all(), label=_("Lead unit"))
    words = TextField(
        label=_("A word to the unit that gets it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class WordsForm(ReferralForm):
    """One text, whose label says what for."""

    kept = ("words",)
    words = TextField(label=_("Words"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=NO_NAMES)


class AnswerForm(KeptWords):
    """What a unit drafts. It may be saved unfinished: what lacks is said when it is handed in."""

    kept = ("internal",)
    template_name = "plain/uni_form.html"
    draft = LineField(widget=forms.HiddenInput, required=False)  # which writing of it the page showed
    seen = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What you say"), choices=AnswerKind, widget=forms.RadioSelect)
    adoption = forms.ChoiceField(
        label=_("What becomes of it"),
        choices=Adoption,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("For an answer with a plan."),
    )
    places = places_field(_("Which places are done"), _("None ticked: all. For a report that it is done."))
    public = TextField(
        label=_("For the resident and the public"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is done about it, or why it is not adopted. Read by everybody once the office releases it."),
    )
    finish_on = DayField(
        label=_("Will be done by"),
        required=False,
        help_text=_("For an answer with a plan; not needed where it is not adopted."),
    )
    internal = TextField(
        label=_("For the office only"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=NO_NAMES,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("adoption", "places", "public", "finish_on"):
            self.fields[name].one_of_two = True  # type: ignore[attr-defined]  # not "optional": needed when handed in


class ReleaseForm(ReferralForm):
    public = TextField(
        label=_("For the resident and the public"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("As the unit wrote it; put it more plainly where need be."),
    )
    finish_by = DayField(label=_("To be done by"))

    def offer_day(self, planned: date | None, due: date) -> None:
        """Ask for the day where the answer gives one, with what the office has set until now beside it."""
        if planned is None:
            del self.fields["finish_by"]
            return
        said = {"planned": planned.isoformat(), "due": due.isoformat()}
        self.fields["finish_by"].help_text = _("The unit says %(planned)s; until now it is %(due)s.") % said


class CloseForm(ReferralForm):
    """One place is closed: with a look on site, or a reason why there is none. What lacks is said by the service."""

    kept = ("looked_by", "found", "reason")
    place = forms.ModelChoiceField(
        ReferralIdea.objects.none(), label=_("Which place"), required=False, widget=forms.RadioSelect, empty_label=None
    )
    looked_on = DayField(
        label=_("Looked at on site on"),
        required=False,
        help_text=_("Nobody went there: leave this and the next two out, and write why."),
    )
    looked_by = LineField(label=_("Who looked"), required=False, max_length=60)
    found = TextField(
        label=_("What was found on site"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = TextField(
        label=_("Why nobody looked, or why there is no photo after"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed only where one of the two is missing."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("place", "looked_on", "looked_by", "found", "reason"):
            self.fields[name].one_of_two = True  # type: ignore[attr-defined]  # not "optional": some of them are needed


class NotYetForm(ReferralForm):
    kept = ("words",)
    places = places_field(_("Which places"), _("None ticked: all that were reported done."))
    finish_by = DayField(label=_("To be done by"))
    words = TextField(label=_("What is not done yet"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class DueForm(ReferralForm):
    kept = ("reason",)
    acknowledge_by = DayField(label=_("To acknowledge by"))
    answer_by = DayField(label=_("To answer by"))
    finish_by = DayField(label=_("To be done by"))
    reason = TextField(label=_("Why the days are changed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        names = ("acknowledge_by", "answer_by", "finish_by")
        if all(name in data for name in names):
            data["due"] = Due(*(data.pop(name) for name in names))
        return data


class OrderForm(ReferralForm):
    kept = ("words",)
    due_on = DayField(label=_("Due on"))
    words = TextField(
        label=_("What the unit is to do now"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=NO_NAMES,
    )


class RecallForm(ReferralForm):
    kept = ("reason",)
    reason = TextField(label=_("Why it is recalled"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
