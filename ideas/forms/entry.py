"""The clerk's form: the resident's own questions, date and photo of the slip, and what the clerk vouches for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import Language, Source
from ideas.forms.fields import DayField, LineField
from ideas.forms.ideas import IdeaForm
from ideas.forms.photos import PhotosField

TYPED_IN = (Source.PAPER, Source.PHONE, Source.WECHAT)
NOT_ANSWERS = ("form_key", "photos", "slip", "source", "slip_on", "without_photo")
STAYING = ("source", "slip_on", "area")  # from one entry to the next


class EntryForm(IdeaForm):
    source = forms.ChoiceField(
        label=_("How it came in"),
        choices=[(source.value, source.label) for source in TYPED_IN],
        initial=Source.PAPER.value,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it came in.")},
    )
    slip_on = DayField(
        label=_("Date of the slip or call"),
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"],
        help_text=_("It counts as received at the end of this day."),
        error_messages={
            "required": _("Write the day that stands on the slip."),
            "invalid": _("This is not a date. Write it like 2026-03-20."),
        },
    )
    slip = PhotosField(
        label=_("Photo of the slip"),
        required=False,
        help_text=_("With the signature: it proves the consent. It stays with the office and is never published."),
    )
    without_photo = LineField(
        label=_("No photo of the slip, because"),
        required=False,
        max_length=100,
        help_text=_("Without names. Only needed for a slip of which there is no photo."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["photos"]
        fields: dict[str, Any] = self.fields
        fields["age_14"].label = _("The resident is 14 or older, or a parent or guardian signed.")
        fields["consent"].label = _("The slip bears the resident's signature; on the telephone the resident agreed.")
        fields["consent"].error_messages["required"] = _("Without the resident's consent we may not keep the idea.")
        fields["publish_consent"].label = _("The resident agreed that the name chosen above is published.")
        fields["name"].help_text = _("Needed where there is neither telephone nor e-mail, or to be named by real name.")
        fields["phone"].help_text = _("On a slip both may be missing; then the name is needed to find the resident.")
        for name in ("title", "problem", "proposal", "area", "topic", "place"):
            fields[name].help_text = ""
        for name in ("phone", "email"):
            fields[name].one_of_two = False
        fields["name"].widget.attrs["autocomplete"] = fields["email"].widget.attrs["autocomplete"] = "off"
        fields["phone"].widget.attrs["autocomplete"] = "off"

    def check_contact(self, data: dict[str, Any]) -> None:
        """On paper a name is enough: the receipt is handed over. Whoever called has a number."""
        reachable = {"phone", "email"} & self.errors.keys() or data.get("phone") or data.get("email")
        if reachable:
            return
        if data.get("source") != Source.PAPER:
            self.add_error("phone", _("Write the telephone number or the e-mail address of whoever called or wrote."))
        elif not data.get("name"):
            self.add_error("name", _("Without telephone and e-mail write the name, and hand over the receipt."))

    def answers(self, language: str = Language.CHINESE) -> dict[str, Any]:
        kept = {name: value for name, value in self.cleaned_data.items() if name not in NOT_ANSWERS}
        return {**kept, "language": str(language)}

    def entry(self) -> dict[str, Any]:
        """What the service takes besides the answers."""
        data = self.cleaned_data
        return {"source": Source(data["source"]), "slip_on": data["slip_on"], "without_photo": data["without_photo"]}


class ImportRowForm(EntryForm):
    """One row of a file. The consents are vouched for once for the whole file; a name alone, or nothing, is enough."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("form_key", "slip", "without_photo", "age_14", "consent"):
            del self.fields[name]
        fields: dict[str, Any] = self.fields
        fields["source"].choices = [*fields["source"].choices, (Source.IMPORT.value, Source.IMPORT.label)]
        fields["problem"].required = fields["proposal"].required = False

    def check_contact(self, data: dict[str, Any]) -> None:
        if not self.errors and not data.get("problem") and not data.get("proposal"):
            self.add_error("problem", _("Describe the problem."))
