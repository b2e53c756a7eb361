"""Who received a certificate, and why one is withdrawn."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import DayField, LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm


class CertificateForm(VersionForm):
    """Only the version that the page showed: for issuing another one."""

    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)


class HandoverForm(CertificateForm):
    """`to` is sealed, and goes with the person."""

    handed_on = DayField(label=_("Handed over on"))
    to = LineField(label=_("To whom"), max_length=60, help_text=_("In person, or who came instead."))
    handed_by = LineField(label=_("Handed over by"), max_length=60)


class WithdrawForm(KeptWords, CertificateForm):
    kept: ClassVar[tuple[str, ...]] = ("reason",)
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the office; its page for everybody only says that it is withdrawn."),
    )
