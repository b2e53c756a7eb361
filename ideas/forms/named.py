"""To whom of a unit a restricted idea goes: first the unit, then its officers and heads, one by one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.referrals import ReferralForm
from ideas.forms.referring import SendForm
from ideas.models import Unit, User
from ideas.queries.named import people_of
from ideas.rules.referrals import USUAL_DAYS, Days


class UnitForm(forms.Form):
    template_name = "plain/uni_form.html"
    unit = forms.ModelChoiceField(
        Unit.objects.filter(is_active=True, by_letter=False), label=_("Lead unit"), help_text=_("Its people come next.")
    )


def _people() -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Officers and heads"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At least one head, who approves what leaves the unit; officers who are to work at it."),
    )


class NameForm(ReferralForm):
    """`unit` leads the referral."""

    people = _people()

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people_of(unit)  # type: ignore[attr-defined]


class SendNamedForm(SendForm):
    """A new referral whose unit is chosen already."""

    people = _people()
    field_order = ("people",)

    def __init__(self, *args: Any, to: Unit, days: Days = USUAL_DAYS, **kwargs: Any) -> None:
        super().__init__(*args, days=days, **kwargs)
        del self.fields["unit"], self.fields["helping"]
        self.fields["people"].queryset = people_of(to)  # type: ignore[attr-defined]
