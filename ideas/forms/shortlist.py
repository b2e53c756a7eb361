"""The manager's acts on a list. `version` is the one that the page showed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import ExchangeCategory
from ideas.forms.fields import DayField, LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm
from ideas.models import Idea, Shortlist
from ideas.rules.receipts import read_receipt


class ListForm(VersionForm):
    """Only the version: for signing and releasing."""

    template_name = "plain/uni_form.html"
    carried = "version"
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(KeptWords, ListForm):
    """Why a seal is to be taken off; empty where somebody else has asked for it already."""

    reason = TextField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ReleaseForm(ReasonForm):
    """One step of the release. `seen` is the digest of what the preview showed; a reason is asked for when stopping."""

    seen = LineField(max_length=64, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        given["expected_preview"] = given.pop("seen", "")
        return given


class _TwoIdeas(ListForm):
    """Two ideas of the list's campaign by their receipt numbers."""

    def __init__(self, *args: Any, shortlist: Shortlist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shortlist = shortlist

    def _idea(self, field: str) -> Idea:
        receipt = read_receipt(self.cleaned_data[field])
        idea = self.shortlist.campaign.ideas.unrestricted().filter(receipt=receipt).first() if receipt else None
        if idea is None:
            raise forms.ValidationError(_("There is no idea with this receipt number in this campaign."))
        return idea


class ExchangeForm(KeptWords, _TwoIdeas):
    kept = ("reason", "minutes_number")
    out = LineField(label=_("Receipt number that leaves or goes down"), max_length=40)
    put_in = LineField(
        label=_("Receipt number that comes in or goes up"),
        max_length=40,
        help_text=_("If both are on the list, they change their award tiers."),
    )
    category = forms.ChoiceField(label=_("Category"), choices=[("", "—"), *ExchangeCategory.choices])
    reason = TextField(
        label=_("Reason for the exchange"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Required; it is kept with the record and published with it. Name nobody."),
    )
    minutes_number = LineField(label=_("Number of the minutes"), max_length=60)
    minutes_on = DayField(
        label=_("Date of the meeting"),
        help_text=_("An exchange is decided by the meeting, not by one person."),
    )

    def exchange(self) -> dict[str, Any]:
        """What the service takes from the form."""
        given = dict(self.cleaned_data)
        return {"removed": given.pop("out"), "added": given.pop("put_in"), **given}

    def clean_out(self) -> Idea:
        return self._idea("out")

    def clean_put_in(self) -> Idea:
        return self._idea("put_in")


class PairForm(KeptWords, _TwoIdeas):
    """Two solutions of one problem."""

    one = LineField(label=_("Receipt number"), max_length=40)
    other = LineField(label=_("Other receipt number"), max_length=40)
    reason = TextField(label=_("The problem that both solve"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_one(self) -> Idea:
        return self._idea("one")

    def clean_other(self) -> Idea:
        return self._idea("other")
