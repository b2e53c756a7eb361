"""Looking an idea up by its number and code."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TrackForm(forms.Form):
    template_name = "plain/uni_form.html"

    receipt = forms.CharField(
        label=_("Receipt number"),
        max_length=40,
        help_text=_("For example JM22-7K3M9Q2T. Capital or small letters, with or without the hyphen."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write the receipt number.")},
    )
    code = forms.CharField(
        label=_("Query code"),
        max_length=40,
        help_text=_("The eight characters that you were shown after sending."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write the query code.")},
    )
