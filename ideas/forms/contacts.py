"""Why a contact is needed: asked before it is shown, looked for, or taken away."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import ContactPurpose
from ideas.forms.fields import LineField
from ideas.forms.kept import KeptWords
from ideas.forms.search import contacts_in


class ContactForm(KeptWords):
    """The purpose from the closed list, and words of one's own; both are kept in the office's log."""

    kept = ("words",)
    template_name = "plain/uni_form.html"
    purpose = forms.ChoiceField(
        label=_("What the contact is needed for"),
        choices=[("", "—"), *ContactPurpose.choices],
        error_messages={"required": _("Choose what the contact is needed for.")},
    )
    words = LineField(
        label=_("In words"),
        max_length=200,
        required=False,
        help_text=_("No names and numbers, please: the log keeps it for good."),
    )


class SearchForm(ContactForm):
    """A whole telephone number or e-mail address, and what for. `phone` and `email` are how it was read."""

    field_order = ("contact", "purpose", "words")
    contact = LineField(
        label=_("Telephone number or e-mail address"),
        max_length=254,
        help_text=_("Whole, as the resident gave it; a part finds nobody."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_contact(self) -> str:
        self.phone, self.email = contacts_in(self.cleaned_data["contact"])
        if not self.phone and not self.email:
            raise forms.ValidationError(_("Type a whole telephone number or e-mail address."))
        return str(self.cleaned_data["contact"])
