"""What a publishing page sends: words, one button for a text or a photo, rectangles drawn over a photo."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ideas.forms.fields import LineField, TextField
from ideas.forms.kept import KeptWords
from ideas.forms.screening import DecisionForm
from ideas.models import Idea, Photo
from ideas.queries.advice import first_draft, names_of
from ideas.rules.photos import Cover

MOST_COVERS = 30
EDGES = ("left", "top", "width", "height")


class PublishedForm(KeptWords, DecisionForm):
    """Numbers and names that still stand in the text are published only by somebody who says so."""

    kept = ("title", "text")
    tick = _("Publish these all the same")
    question = _("This would become public: %(found)s. Leave it out, or tick here if it is meant.")
    title = LineField(label=_("Published title"), max_length=60)
    text = TextField(label=_("Published text"), max_length=3000, widget=forms.Textarea(attrs={"rows": 14}))

    def __init__(self, *args: Any, names: Sequence[str] = (), **kwargs: Any) -> None:
        """`names` are the proposer's own: they are private too."""
        super().__init__(*args, **kwargs)
        self.names = names

    @classmethod
    def for_idea(cls, idea: Idea, data: Any = None) -> "PublishedForm":
        """What waits for its checks, or is published, or else a first draft: the original without private data."""
        pending = getattr(idea, "pending_text", None)
        written = (pending.title, pending.text) if pending else (idea.published_title, idea.published_text)
        title, text = written if all(written) else first_draft(idea)
        initial = {"seen": idea.version, "title": title, "text": text}
        return cls(data, initial=initial, prefix="published", names=names_of(idea))

    def words(self) -> dict[str, Any]:
        """What the service takes from the form."""
        return {name: self.cleaned_data[name] for name in ("expected_version", "title", "text")}


class PhotoForm(DecisionForm):
    """A button beside a photo: check is the first check, on releases it, off takes it back."""

    shown = forms.ChoiceField(choices=[("check", "check"), ("on", "on"), ("off", "off")])


class CoverForm(DecisionForm):
    """Rectangles as rows of four numbers, posted under the same four names; a row left empty is no rectangle."""

    def __init__(self, data: Any = None, *, photo: Photo) -> None:
        super().__init__(data, initial={"seen": photo.about_version})
        self.photo = photo

    def rows(self) -> list[dict[str, str]]:
        """What stands in the number fields."""
        if not self.is_bound:
            return [dict(zip(EDGES, map(str, cover), strict=True)) for cover in self.photo_covers()]
        columns = [cast(QueryDict, self.data).getlist(edge)[:MOST_COVERS] for edge in EDGES]
        return [dict(zip(EDGES, row, strict=True)) for row in zip(*columns, strict=False) if any(map(str.strip, row))]

    def photo_covers(self) -> list[list[int]]:
        copy = self.photo.copies.first()
        return copy.covers if copy else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["covers"] = [self._cover(row) for row in self.rows()]
        if not cleaned["covers"]:
            raise ValidationError(_("Draw at least one rectangle, or give its four numbers."))
        return cleaned

    def _cover(self, row: dict[str, str]) -> Cover:
        """One rectangle, cut at the photo's edges."""
        try:
            left, top, width, height = (round(float(row[edge])) for edge in EDGES)
        except (ValueError, OverflowError):
            raise ValidationError(_("A rectangle takes four whole numbers.")) from None
        right, bottom = min(left + width, self.photo.width), min(top + height, self.photo.height)
        left, top = max(left, 0), max(top, 0)
        if right <= left or bottom <= top:
            raise ValidationError(_("A rectangle lies outside of the photo, or has no size."))
        return Cover(left, top, right - left, bottom - top)
