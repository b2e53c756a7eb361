"""The manager's acts on the panel's desks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import TextField
from ideas.models import Campaign, Idea, Panellist, Unit
from ideas.rules.receipts import read_receipt


class PanelForm(forms.Form):
    """One form for every act: which act needs which field is checked by the service, in words."""

    template_name = "plain/uni_form.html"

    panellist = forms.ModelChoiceField(Panellist.objects.none(), label=_("Panellist"), required=False)
    receipts = forms.CharField(label=_("Receipt numbers"), required=False, max_length=2000)
    unit = forms.ModelChoiceField(Unit.objects.all(), label=_("Responsible unit"), required=False)
    reason = TextField(label=_("Reason"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.fields["panellist"].queryset = campaign.panellists.select_related("user").order_by("id")  # type: ignore[attr-defined]

    def clean_receipts(self) -> list[Idea]:
        numbers = [read_receipt(word) for word in self.cleaned_data["receipts"].split()]
        found = list(self.campaign.ideas.unrestricted().filter(receipt__in=[number for number in numbers if number]))
        if len(found) != len(set(numbers)):
            raise forms.ValidationError(_("There is no idea with this receipt number in this campaign."))
        return found
