"""The manager's acts on a list. `version` is the one that the page showed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import TextField
from ideas.models import Idea, Shortlist
from ideas.rules.receipts import read_receipt


class ListForm(forms.Form):
    """Only the version: for signing and releasing."""

    template_name = "plain/uni_form.html"
    version = forms.IntegerField(widget=forms.HiddenInput)


class ExchangeForm(ListForm):
    out = forms.CharField(label=_("Receipt number to take off"), max_length=40)
    put_in = forms.CharField(label=_("Receipt number to put on"), max_length=40)
    reason = TextField(
        label=_("Reason for the exchange"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Required; it is kept with the record."),
    )

    def __init__(self, *args: Any, shortlist: Shortlist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shortlist = shortlist

    def _idea(self, field: str) -> Idea:
        receipt = read_receipt(self.cleaned_data[field])
        idea = self.shortlist.campaign.ideas.filter(receipt=receipt).first() if receipt else None
        if idea is None:
            raise forms.ValidationError(_("There is no idea with this receipt number in this campaign."))
        return idea

    def clean_out(self) -> Idea:
        return self._idea("out")

    def clean_put_in(self) -> Idea:
        return self._idea("put_in")
