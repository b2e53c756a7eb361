"""What may become of a unit and of those who work there: an open referral always has somebody who can act."""

from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ideas.models import Unit, User
from ideas.queries.units import lacking, only_one_with, open_numbers

LAST = {
    "work_referral": _(
        "Nobody else of %(unit)s can work at its referrals, and it has open ones (%(numbers)s). Give somebody else of "
        "it the role “unit officer” first."
    ),
    "approve_referral": _(
        "Nobody else of %(unit)s may approve what leaves it, and it has open referrals (%(numbers)s). Give somebody "
        "else of it the role “head of a unit” first."
    ),
}
NOBODY = {
    "work_referral": _(
        "Nobody of %(unit)s can log in, and it has open referrals (%(numbers)s). Give one of its users the role “unit "
        "officer” first."
    ),
    "approve_referral": _(
        "%(unit)s has no head who approves what leaves it, and it has open referrals (%(numbers)s). Give one of its "
        "users the role “head of a unit” first."
    ),
}


def said(words: Any, unit: Unit) -> Any:
    return words % {"unit": unit, "numbers": open_numbers(unit)}


class UnitForm(forms.ModelForm):
    class Meta:
        model = Unit
        fields = ("name", "name_en", "is_active", "by_letter", "one_person")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk:
            wished = Unit(pk=self.instance.pk, **{name: data.get(name) for name in self.Meta.fields})
            for name in lacking(wished):
                field = "by_letter" if "by_letter" in self.changed_data else "one_person"
                if field in self.changed_data:
                    self.add_error(field, said(NOBODY[name], self.instance))
        return data


def faults_of_worker(user: User, data: dict[str, Any], changed: Collection[str]) -> Iterator[tuple[str, Any]]:
    """(field, sentence) where a user's form would leave an officer without a unit, or a unit's open referrals without
    anybody who can act; `user` is as before."""
    given, unit = _permissions(user, data), user.unit
    if given and not data.get("unit"):
        yield "unit", _("Officers and heads work for a unit: choose which one.")
    if unit is None:
        return
    leaves = data.get("unit") != unit or not data.get("is_active")
    for name in only_one_with(user, unit):
        if leaves or name not in given:
            field = next((field for field in ("is_active", "unit") if field in changed), "groups")
            yield field, said(LAST[name], unit)


def _permissions(user: User, data: dict[str, Any]) -> set[str]:
    """What somebody may do about referrals with the roles that the form gives."""
    rows = Permission.objects.filter(Q(group__in=data.get("groups") or ()) | Q(user=user.pk), codename__in=NOBODY)
    return set(rows.values_list("codename", flat=True))
