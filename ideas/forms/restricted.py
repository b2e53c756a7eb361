"""Small forms beside a restricted idea: why, to whom it was handed over, and whether it is to be removed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm


class ReasonForm(KeptWords, VersionForm):
    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = TextField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("No names and numbers, please: the audit trail keeps it for good."),
    )


class HandOverForm(KeptWords, VersionForm):
    kept = ("to", "reference")
    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)
    noted = forms.IntegerField(widget=forms.HiddenInput)  # the hand-overs that stood in the log when the page was shown
    to = LineField(label=_("Handed over to"), max_length=100)
    reference = LineField(label=_("Under the number"), max_length=60)


class RemoveForm(VersionForm):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    sure = forms.BooleanField(label=_("Text, person, photos and messages are to be deleted for good."))
