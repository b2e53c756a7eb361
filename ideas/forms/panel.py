"""The manager's acts on the panel's desks, a small form for each."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import LineField, TextField
from ideas.models import Campaign, Idea, Panellist, Unit
from ideas.rules.receipts import read_receipt


def _reason(help_text: Any = "", *, required: bool = True) -> TextField:
    return TextField(
        label=_("Reason"),
        required=required,
        max_length=300,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why; the office keeps it with the record.")},
    )


def _panellist() -> forms.ModelChoiceField:
    missing = {"required": _("Choose a panellist.")}
    return forms.ModelChoiceField(Panellist.objects.none(), label=_("Panellist"), error_messages=missing)


class ReceiptsField(LineField):
    """Receipt numbers as people separate them; the ideas are looked up by the form, which knows the campaign."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, help_text=_("Several are separated by spaces."), **kwargs)


class ActForm(forms.Form):
    template_name = "plain/uni_form.html"
    use_required_attribute = False

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        members = self.fields.get("panellist")
        if members:
            active = campaign.panellists.filter(is_active=True).select_related("user").order_by("id")
            members.queryset = active  # type: ignore[attr-defined]

    def clean_receipts(self) -> list[Idea]:
        for mark in ",，、;；":
            self.cleaned_data["receipts"] = self.cleaned_data["receipts"].replace(mark, " ")
        words = self.cleaned_data["receipts"].split()
        there = {
            idea.receipt: idea
            for idea in self.campaign.ideas.unrestricted().filter(receipt__in=map(read_receipt, words))
        }
        unknown = [word for word in words if read_receipt(word) not in there]
        if unknown:
            raise forms.ValidationError(
                _("There is no idea with this receipt number in this campaign: %(words)s")
                % {"words": " ".join(unknown)}
            )
        return list(there.values())


class AssignForm(ActForm):
    reason = _reason(_("Needed while ideas are undecided."), required=False)


class SecondForm(ActForm):
    receipts = ReceiptsField(label=_("Receipt numbers"), required=False)
    reason = _reason(_("Needed while ideas are undecided or reviews of the first round are missing."), required=False)


class RemindForm(ActForm):
    pass


class ReplaceForm(ActForm):
    panellist = _panellist()
    reason = _reason()


class SeatForm(ActForm):
    panellist = _panellist()
    receipts = ReceiptsField(label=_("Receipt numbers"), error_messages={"required": _("Name at least one idea.")})
    reason = _reason()


class ConflictForm(ActForm):
    panellist = _panellist()
    unit = forms.ModelChoiceField(Unit.objects.all(), label=_("Responsible unit"), required=False)
    receipts = ReceiptsField(label=_("Receipt numbers"), required=False)
    reason = _reason()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("unit") and not given.get("receipts") and "receipts" not in self.errors:
            self.add_error("receipts", _("Name an idea or a unit."))
        return given
