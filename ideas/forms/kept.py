"""Words of staff that stay for good, in the trail, the log or the record: what looks private is asked about."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import PrivateKind
from ideas.rules.redaction import private_parts


def private_in(texts: Sequence[str], names: Sequence[str] = ()) -> str:
    """The numbers, addresses and `names` in these texts, as a reader is told of them; the office's own are none."""
    own = _digits(conf.office().phone)
    found = [
        f"{PrivateKind(part.kind).label} {text[part.start : part.end]}"
        for text in texts
        for part in private_parts(text, names)
        if not own or _digits(text[part.start : part.end]) not in (own, own.lstrip("0"))
    ]
    return " ".join("、".join(dict.fromkeys(found)).split())


def still_asked(texts: Sequence[str], sure: str, names: Sequence[str] = ()) -> str:
    """What of these texts looks private and is not what was ticked; "" where nothing is to be asked."""
    told = private_in(texts, names)
    return "" if " ".join(sure.split()) == told else told


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


class KeptWords(forms.Form):
    """`kept` are the fields whose words stay. The box `sure` comes with the question, and its tick is for what was read
    beside it, not for what came in since."""

    kept: ClassVar[tuple[str, ...]] = ("reason",)
    names: Sequence[str] = ()
    question: ClassVar[Any] = _("This would be kept for good: %(found)s. Leave it out, or tick here if it is meant.")
    tick: ClassVar[Any] = _("Keep these all the same")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        sure = str(self.data.get(self.add_prefix("sure"), ""))
        if told := still_asked(self.words_that_stay(data), sure, self.names):
            box = forms.CheckboxInput({"value": told}, check_test=lambda _value: False)
            self.fields["sure"] = forms.BooleanField(label=self.tick, required=False, widget=box)
            self.add_error("sure", self.question % {"found": told})
        return data

    def words_that_stay(self, data: dict[str, Any]) -> list[str]:
        return [data.get(name) or "" for name in self.kept]
