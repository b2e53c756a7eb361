"""Why a contact is needed: asked before it is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import ContactPurpose
from ideas.forms.fields import LineField


class ContactForm(forms.Form):
    """The purpose from the closed list, and words of one's own; both are kept in the office's log."""

    template_name = "plain/uni_form.html"
    purpose = forms.ChoiceField(label=_("What the contact is needed for"), choices=[("", "—"), *ContactPurpose.choices])
    words = LineField(
        label=_("In words"),
        max_length=200,
        required=False,
        help_text=_("No names and numbers, please: the log keeps it for good."),
    )
