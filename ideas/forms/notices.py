"""Objecting to a list on notice, typing in an objection, and deciding it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import ObjectionGround, ObjectionState, Source
from ideas.forms.fields import DayField, LineField, PhoneField, TextField, WideEmailField
from ideas.forms.kept import KeptWords
from ideas.forms.shortlist import ListForm
from ideas.models import Idea

WHOLE = "list"  # answered instead of an idea
PERSON = ("name", "phone", "email", "words")


class StartForm(ListForm):
    """Putting a list on notice: until the day that the page shows."""

    last_day = forms.DateField(widget=forms.HiddenInput)


class ObjectionForm(forms.Form):
    """What somebody is asked who objects. Browsers keep nothing of it."""

    template_name = "plain/uni_form.html"

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    about = forms.ChoiceField(
        label=_("What do you object to?"),
        error_messages={"required": _("Choose an idea, or the list as a whole.")},
    )
    ground = forms.ChoiceField(
        label=_("Why?"),
        choices=ObjectionGround.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why you object.")},
    )
    words = TextField(
        label=_("In your words"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What is wrong, and how it can be looked into. Only the office reads it."),
        error_messages={"required": _("Write what you object to, and why.")},
    )
    name = LineField(
        label=_("Your name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Objections are taken with a name and a way to reach you. Both stay private."),
        error_messages={"required": _("Write your name.")},
    )
    phone = PhoneField(
        label=_("Telephone"),
        required=False,
        max_length=60,
        help_text=_("Telephone or e-mail, one is enough. So that we can ask back and tell you what is decided."),
    )
    email = WideEmailField(
        label=_("E-mail"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}),
        error_messages={"invalid": _("This is not an e-mail address. Write it like name@example.com.")},
    )
    consent = forms.BooleanField(
        label=_("I have read the privacy notice and agree to the use of my data for this objection."),
        error_messages={"required": _("Without this consent we may not keep your objection.")},
    )

    def __init__(self, *args: Any, ideas: Iterable[Idea], **kwargs: Any) -> None:
        """`ideas` are those of the list on notice."""
        super().__init__(*args, **kwargs)
        self.ideas = {idea.receipt: idea for idea in ideas}
        choices = [(receipt, f"{idea.published_title} ({receipt})") for receipt, idea in self.ideas.items()]
        about: Any = self.fields["about"]
        about.choices = [("", _("Please choose")), (WHOLE, _("The list as a whole")), *choices]
        self.fields["words"].widget.attrs.pop("maxlength", None)
        for field in self.fields.values():
            field.error_messages["max_length"] = _("At most %(limit_value)d characters; these are %(show_value)d.")
        for name in ("phone", "email"):
            self.fields[name].one_of_two = True  # type: ignore[attr-defined]  # not "optional": one must be given
        self.fields["form_key"].initial = self.fields["form_key"].initial or uuid.uuid4

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"phone", "email"} & self.errors.keys() and not data.get("phone") and not data.get("email"):
            self.add_error("phone", _("Give a telephone number or an e-mail address, so that we can reach you."))
        return data

    def objection(self) -> dict[str, Any]:
        """What the service takes from the form."""
        data = self.cleaned_data
        return {
            "form_key": data["form_key"],
            "idea": self.ideas.get(data["about"]),
            "ground": data["ground"],
            "given": {name: data[name] for name in PERSON},
        }


class EnterForm(ObjectionForm):
    """The same by a member of staff who heard it on the telephone or has it on paper."""

    field_order = ("form_key", "source", "received_on")
    source = forms.ChoiceField(
        label=_("How it came in"),
        choices=[(way.value, way.label) for way in (Source.PHONE, Source.PAPER)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the objection came in.")},
    )
    received_on = DayField(label=_("Day on which it came in"), help_text=_("It must lie within the notice."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].label = _("What is objected to")
        self.fields["ground"].label = _("Ground")
        self.fields["name"].label = _("Name of the person who objects")
        self.fields["words"].label = _("In their words")
        self.fields["consent"].label = _("The person was told what their data are used for, and agreed.")

    def objection(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {**super().objection(), "source": data["source"], "received_on": data["received_on"]}


class DecideForm(KeptWords, ListForm):
    """Upheld or rejected, and why. `moves_up` is the idea that the page says does."""

    outcome = forms.ChoiceField(
        label=_("Is the objection upheld?"),
        choices=[(state.value, state.label) for state in (ObjectionState.UPHELD, ObjectionState.REJECTED)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is decided.")},
    )
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The person who objected is told it; upheld, it stands in the record of the list. Name nobody."),
    )
    moves_up = LineField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        given["expected_next"] = given.pop("moves_up", "")
        return given
