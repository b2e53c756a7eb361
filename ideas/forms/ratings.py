"""The panellist's form: one row of points per criterion, and a comment."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import TextField
from ideas.forms.kept import KeptWords
from ideas.models import Assignment, Criterion
from ideas.rules.ratings import HIGHEST, LOWEST

POINTS = [(value, str(value)) for value in range(LOWEST, HIGHEST + 1)]


class RatingForm(forms.Form):
    """Fields `criterion-<id>` (1–10) and `comment`."""

    template_name = "plain/uni_form.html"

    def __init__(self, *args: Any, criteria: list[Criterion], assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        rating = getattr(assignment, "rating", None)
        given = dict(rating.marks.values_list("criterion_id", "points")) if rating else {}
        for criterion in criteria:
            self.fields[f"criterion-{criterion.pk}"] = forms.TypedChoiceField(
                label=f"{criterion}",
                choices=POINTS,
                coerce=int,
                required=not criterion.is_optional,
                empty_value=None,
                widget=forms.RadioSelect(attrs={"class": "points"}),
                initial=given.get(criterion.pk),
                error_messages={"required": _("%(criterion)s: give 1 to 10 points.") % {"criterion": criterion}},
            )
        self.fields["comment"] = TextField(
            label=_("Comment for the organiser"),
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            initial=rating.comment if rating else "",
        )

    def unsaved(self) -> dict[str, str]:
        """What was given and written in a posted form, complete or not, if it differs from what is saved."""
        return {name: text for name in self.fields if (text := self.data.get(name, ""))} if self.has_changed() else {}

    def compare(self, saved: "RatingForm") -> None:
        """Say at each field what was saved since the page was opened, where that is something else."""
        for name in self.fields:
            now, typed = saved[name].initial or "", self.data.get(name, "")
            if str(now) != typed:
                self.add_error(name, _("Saved meanwhile: %(value)s") % {"value": now or "–"})

    def rows(self) -> list[tuple[Criterion, forms.BoundField]]:
        """Each criterion with its field, for a template that shows the words of the scale beside it."""
        return [(criterion, self[f"criterion-{criterion.pk}"]) for criterion in self.criteria]

    def points(self) -> dict[int, int]:
        """{criterion id: points} of a valid form; optional ones only where given."""
        given = {criterion.pk: self.cleaned_data[f"criterion-{criterion.pk}"] for criterion in self.criteria}
        return {criterion: value for criterion, value in given.items() if value is not None}


class AbstainForm(KeptWords):
    template_name = "plain/uni_form.html"

    reason = TextField(
        label=_("Why do you give no mark?"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: outside my field. You need not say."),
    )


class RecusalForm(KeptWords):
    template_name = "plain/uni_form.html"

    reason = TextField(
        label=_("Why do you stand aside?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: I know the proposer, or my unit would carry it out. Only the organiser reads it."),
        error_messages={"required": _("Say why you stand aside; the office keeps it with the record.")},
    )
