"""The campaign's form: a campaign that residents know already is changed with a reason, after a preview."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.models import Campaign


class CampaignForm(KeptWords, forms.ModelForm):
    """`refused` are sentences for the top of the page; `preview` is the digest of the changes that they tell."""

    refused: ClassVar[list[str]] = []
    preview: ClassVar[str] = ""
    reason = TextField(
        label=_("Reason for the change"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed because the campaign is announced. It stands in the office's log with what is changed."),
    )
    previewed = LineField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Campaign
        fields = ()

    @property
    def changed_data(self) -> list[str]:
        """What the history of the row names as changed: nothing that only carries what a page showed."""
        return [name for name in super().changed_data if name not in ("previewed", "sure")]

    def clean(self) -> Any:
        given = super().clean()
        if "sure" not in self.fields and self.data.get("sure"):  # ticked already, and the preview is still to be read
            self.fields["sure"] = LineField(required=False, widget=forms.HiddenInput)
        for words in self.refused:
            self.add_error(None, words)
        if self.preview:
            typed = {name: self.data.get(name) for name in self.data}
            self.data = {**typed, "previewed": self.preview}  # what the next press will have seen
        return given
