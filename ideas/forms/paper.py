"""A sheet of marks as it is typed in from paper: a formset with a form per line, each with its own cells and faults."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

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

    def __init__(self, *args: Any, row: Row, criteria: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.criteria, receipt = row, criteria, row.idea.receipt
        for criterion in criteria:
            self.fields[f"criterion-{criterion.pk}"] = PointsField(cell=f"{receipt} {criterion}")
        label = _("Comment, or why the panellist stands aside")
        self.fields["comment"] = TextField(
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 1, "aria-label": f"{receipt} {label}"}),
        )
        for name, words in (("abstained", _("gives no mark")), ("aside", _("stands aside"))):
            box = forms.CheckboxInput(attrs={"aria-label": f"{receipt} {words}"})
            self.fields[name] = forms.BooleanField(required=False, widget=box)
        self.fields["seen"] = LineField(required=False, widget=forms.HiddenInput)

    @property
    def is_shown(self) -> bool:
        """Whether it is to be typed in: a fixed line only where something typed in it is still to be read."""
        return bool(self.errors) or not self.row.is_fixed

    def look_again(self, row: Row) -> "RowForm":
        """Keep what was typed, and carry what stands there now: it is shown beside it."""
        self.row = row
        now = {self.add_prefix("seen"): row.rating.version if row.rating else ""}
        self.data = {name: self.data.get(name) for name in self.data} | now
        return self

    def faults(self) -> list[tuple[str, str]]:
        """Return (where it is, what it is) of every fault of the line."""
        anchors = {name: self[name].id_for_label for name in self.fields}
        line = f"line-{self.row.assignment.pk}"
        return [(anchors.get(name, line), str(fault)) for name, faults in self.errors.items() for fault in faults]

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
        if self.cleaned_data["aside"]:
            return False
        return (self.is_blank and not self.cleaned_data["seen"]) or not {*self.changed_data} - {"seen"}

    def words_that_stay(self, data: dict[str, Any]) -> list[str]:
        """Words that stand there already were asked about when they were typed."""
        return [data.get("comment", "")] if "comment" in self.changed_data else []


class BaseSheet(forms.BaseFormSet):
    """The lines of a page of a sheet.

    A line is named by its assignment and not by its place: lines leave and move while a page is open. Therefore no
    count of them is posted, and only the lines that were sent are bound.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        rows: Sequence[Row],
        criteria: Sequence[Criterion],
        sent: Collection[int] = (),
    ) -> None:
        self.rows, self.criteria, self.sent = rows, criteria, sent
        counts = dict.fromkeys(("form-TOTAL_FORMS", "form-INITIAL_FORMS"), len(rows))
        super().__init__({**dict(data.items()), **counts} if data else None, initial=[_as_kept(row) for row in rows])

    def add_prefix(self, index: Any) -> str:
        return f"seat-{self.rows[index].assignment.pk}"

    def get_form_kwargs(self, index: Any) -> dict[str, Any]:
        row = self.rows[index]
        unbound = {} if row.assignment.pk in self.sent else {"data": None}
        return {"row": row, "criteria": self.criteria, **unbound}

    def look_again(self, rows: Sequence[Row]) -> "BaseSheet":
        """Return the lines as they stand now. Good ones show what was kept; bad ones keep what was typed."""
        bad = {form.prefix: form for form in self if form.errors}
        fresh = type(self)(rows=rows, criteria=self.criteria)
        fresh.forms = [bad[form.prefix].look_again(form.row) if form.prefix in bad else form for form in fresh]
        return fresh


def _as_kept(row: Row) -> dict[str, Any]:
    """What a line holds, by the names of the fields."""
    if row.rating is None:
        return {}
    marks = {f"criterion-{mark.criterion_id}": mark.points for mark in row.rating.marks.all()}
    rating = {"comment": row.rating.comment, "abstained": row.rating.abstained, "seen": row.rating.version}
    return marks | rating


SheetFormSet = cast("type[BaseSheet]", forms.formset_factory(RowForm, formset=BaseSheet, extra=0))


class BackForm(KeptWords):
    kept = ("why",)
    template_name = "plain/uni_form.html"

    why = LineField(label=_("What is wrong"), max_length=300, error_messages={"required": _("Write what is wrong.")})
