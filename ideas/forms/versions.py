"""What a page showed travels with its form, so that an act on an outdated page is refused by its service."""

from typing import Any

from django import forms


class VersionForm(forms.Form):
    """The base of every form that carries the version which its page showed, as the hidden field named `carried`.

    After validation it stands in `cleaned_data["expected_version"]`, as the services call it.
    """

    carried = "seen"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.carried in given:
            given["expected_version"] = given.pop(self.carried)
        return given
