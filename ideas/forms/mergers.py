"""Small forms beside a merged idea and a leading one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.versions import VersionForm
from ideas.models import Idea
from ideas.models.ideas import IdeaQuerySet
from ideas.rules.receipts import read_receipt


class ReasonForm(KeptWords, VersionForm):
    template_name = "plain/uni_form.html"
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = TextField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("No names and numbers, please: the audit trail keeps it for good."),
    )


class GroupForm(ReasonForm):
    """An act on the whole group. `shown` is what the page showed of it, `expected_group` as the services call it."""

    shown = LineField(max_length=100_000, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "shown" in given:
            given["expected_group"] = given.pop("shown")
        return given


class HandOverGroupForm(GroupForm):
    to = LineField(
        label=_("Receipt number of the idea that is to lead"),
        max_length=40,
        help_text=_("Those of the group that came before it go back into the queue: the first submitter leads."),
    )
    ideas: IdeaQuerySet  # what the asker may see
    field_order = ("seen", "shown", "to", "reason")

    def clean_to(self) -> Idea:
        receipt = read_receipt(self.cleaned_data["to"])
        idea = self.ideas.filter(receipt=receipt).first() if receipt else None
        if idea is None:
            raise forms.ValidationError(_("There is no idea with this receipt number."))
        return idea
