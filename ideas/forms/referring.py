"""A new referral: to whom, what is to be done, how many working days for each step; and the rules of suggestions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import TextField
from ideas.forms.kept import KeptWords
from ideas.models import Area, ReferralRule, Topic, Unit
from ideas.rules.referrals import MOST_DAYS, USUAL_DAYS, Days

STEPS = ("acknowledge", "answer", "finish")


def _working_days(label: Any, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=most)


class SendForm(KeptWords):
    """`days` are those of the campaign, to begin with."""

    kept = ("instruction",)
    template_name = "plain/uni_form.html"
    unit = forms.ModelChoiceField(Unit.objects.filter(is_active=True), label=_("Lead unit"))
    helping = forms.ModelMultipleChoiceField(
        Unit.objects.filter(is_active=True),
        label=_("Helping units"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    instruction = TextField(
        label=_("Instruction"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What the unit is to look at and to do."),
    )
    acknowledge = _working_days(_("Working days to acknowledge"), MOST_DAYS.acknowledge)
    answer = _working_days(_("Working days to answer"), MOST_DAYS.answer)
    finish = _working_days(_("Working days to finish"), MOST_DAYS.finish)

    @classmethod
    def retaken(cls, data: Any, unit: str, days: Days) -> "SendForm":
        """The form with all that was typed, and the unit that was picked; nothing is judged yet."""
        typed = {name: data.get(name, "") for name in ("instruction", *STEPS)}
        return cls(initial={**typed, "helping": data.getlist("helping"), "unit": unit}, days=days)

    def __init__(self, *args: Any, days: Days = USUAL_DAYS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in STEPS:
            self.fields[name].initial = getattr(days, name)
        self.fields["acknowledge"].help_text = _("As this campaign gives them; all three count from today.")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.keys() >= set(STEPS):
            try:
                data["days"] = Days(*(data[name] for name in STEPS))
            except ValueError:
                name = "answer" if data["answer"] < data["acknowledge"] else "finish"
                self.add_error(name, _("Each step takes at least as long as the one before it."))
        return data


class RuleForm(forms.ModelForm):
    """Topics and streets are chosen among those that there are; one that is gone by now stays as it was."""

    class Meta:
        model = ReferralRule
        fields = ("campaign", "topic", "street", "words", "unit", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = {
            "topic": Topic.objects.order_by("name").values_list("name", flat=True).distinct(),
            "street": Area.objects.order_by("street").values_list("street", flat=True).distinct(),
        }
        for name, rows in there.items():
            if name in self.fields:
                known = dict.fromkeys([*rows, *filter(None, [getattr(self.instance, name)])])
                choices = [("", _("any")), *((value, value) for value in known)]
                self.fields[name] = forms.ChoiceField(label=self.fields[name].label, choices=choices, required=False)
