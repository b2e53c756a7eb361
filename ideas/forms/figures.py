"""What a sheet of figures is asked for: by what, of which campaign, and the limits of its lists."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.choices import FiguresBy, Measure
from ideas.models import Campaign
from ideas.rules.grading import Limits, is_in_order

USUAL = {"by": FiguresBy.UNIT, "measure": Measure.PUNCTUALITY, "a": 90, "b": 75, "c": 60}


class FiguresForm(forms.Form):
    """Read from the address; whatever it does not name is as usual."""

    template_name = "plain/uni_form.html"
    campaign = forms.ModelChoiceField(
        Campaign.objects.newest_first(), label=_("Campaign"), required=False, empty_label=_("All campaigns")
    )
    by = forms.ChoiceField(label=_("Rows"), choices=FiguresBy)
    measure = forms.ChoiceField(label=_("Lists by"), choices=Measure)
    a = forms.IntegerField(label=_("A from (percent)"), min_value=0, max_value=100)
    b = forms.IntegerField(label=_("B from (percent)"), min_value=0, max_value=100)
    c = forms.IntegerField(label=_("C from (percent)"), min_value=0, max_value=100)

    def __init__(self, given: Any) -> None:
        super().__init__({**USUAL, **{name: given[name] for name in given if name in self.base_fields}})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"a", "b", "c"} <= data.keys():
            data["limits"] = Limits(data["a"], data["b"], data["c"])
            if not is_in_order(data["limits"]):
                self.add_error("c", _("Each limit is lower than the one before it."))
        return data
