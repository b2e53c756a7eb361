"""A sheet of marks as it is typed in from paper: one small form per line, each with its own cells and faults."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.models import Criterion
from ideas.queries.paper import Row
from ideas.rules.characters import nfkc
from ideas.rules.ratings import HIGHEST, LOWEST


class PointsField(forms.IntegerField):
    """A mark as a Chinese keyboard may write it; the fault names its cell."""

    def __init__(self, *, cell: str, **kwargs: Any) -> None:
        words = {"cell": cell, "low": LOWEST, "high": HIGHEST}
        fault = _("%(cell)s: marks are whole numbers from %(low)s to %(high)s.") % words
        box = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 3, "aria-label": cell})
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), fault)
        super().__init__(
            required=False, min_value=LOWEST, max_value=HIGHEST, widget=box, error_messages=messages, **kwargs
        )

    def to_python(self, value: Any) -> int | None:
        return super().to_python(nfkc(value) if isinstance(value, str) else value)


class RowForm(KeptWords):
    """One line: `criterion-<id>`, `comment`, `abstained`, `aside`; `seen` is what the page showed of it."""

    def __init__(self, data: Any = None, *, row: Row, criteria: list[Criterion]) -> None:
        super().__init__(data, prefix=f"seat-{row.assignment.pk}", use_required_attribute=False)
        self.row, self.criteria, rating = row, criteria, row.rating
        self.before = {mark.criterion_id: mark.points for mark in rating.marks.all()} if rating else {}
        receipt = row.idea.receipt
        for criterion in criteria:
            self.fields[f"criterion-{criterion.pk}"] = PointsField(
                cell=f"{receipt} {criterion}", initial=self.before.get(criterion.pk)
            )
        label = _("Comment, or why the panellist stands aside")
        self.fields["comment"] = TextField(
            required=False,
            max_length=1000,
            initial=rating.comment if rating else "",
            widget=forms.Textarea(attrs={"rows": 1, "aria-label": f"{receipt} {label}"}),
        )
        for name, words in (("abstained", _("gives no mark")), ("aside", _("stands aside"))):
            box = forms.CheckboxInput(attrs={"aria-label": f"{receipt} {words}"})
            initial = bool(rating and rating.abstained) if name == "abstained" else False
            self.fields[name] = forms.BooleanField(required=False, initial=initial, widget=box)
        self.fields["seen"] = LineField(
            required=False, initial=rating.version if rating else "", widget=forms.HiddenInput
        )

    def look_again(self, row: Row) -> None:
        """Keep what was typed, and carry what stands there now: it is shown beside it."""
        self.row = row
        now = {self.add_prefix("seen"): row.rating.version if row.rating else ""}
        self.data = {name: self.data.get(name) for name in self.data} | now

    def cells(self) -> list[forms.BoundField]:
        return [self[f"criterion-{criterion.pk}"] for criterion in self.criteria]

    def points(self) -> dict[int, int]:
        given = {criterion.pk: self.cleaned_data.get(f"criterion-{criterion.pk}") for criterion in self.criteria}
        return {criterion: value for criterion, value in given.items() if value is not None}

    def clean(self) -> dict[str, Any]:
        """Which box contradicts which; whether the marks are all there. What the marks are worth, the service says."""
        given, receipt = super().clean(), self.row.idea.receipt
        alone = given.get("abstained") or given.get("aside")
        if alone and (self.points() or (given["abstained"] and given["aside"])):
            raise forms.ValidationError(
                _("%(receipt)s: either marks, or no mark, or standing aside.") % {"receipt": receipt}
            )
        if not alone and not self.is_blank:
            for criterion in self.criteria:
                name = f"criterion-{criterion.pk}"
                if not criterion.is_optional and name not in self.errors and given.get(name) is None:
                    self.add_error(name, _("%(cell)s: the mark is missing.") % {"cell": f"{receipt} {criterion}"})
        return given

    @property
    def is_blank(self) -> bool:
        given = self.cleaned_data
        typed = [given.get(name) for name in self.fields if name != "seen"]
        return not any(typed) and not any(name in self.errors for name in self.fields)

    @property
    def is_unchanged(self) -> bool:
        """As it stands already: saving the page must not make somebody the one who typed it in."""
        given, rating = self.cleaned_data, self.row.rating
        if given["aside"]:
            return False
        if self.is_blank and not given["seen"]:
            return True
        before = (self.before, rating.comment, rating.abstained) if rating else ({}, "", False)
        return (self.points(), given["comment"], given["abstained"]) == before

    def words_that_stay(self, data: dict[str, Any]) -> list[str]:
        """Words that stand there already were asked about when they were typed."""
        return [data.get("comment", "")] if "comment" in self.changed_data else []


class BackForm(KeptWords):
    kept = ("why",)
    template_name = "plain/uni_form.html"

    why = LineField(label=_("What is wrong"), max_length=300, error_messages={"required": _("Write what is wrong.")})
