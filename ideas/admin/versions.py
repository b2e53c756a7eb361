"""Two people at one form: whoever saves later is refused, keeps what was typed, and sees what the other one saved."""

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.utils import display_for_field, flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas.requests import row_key

State = dict[str, str]
Part = tuple[str, Any, list[str]]  # an inline's prefix, its rows, the names of its fields
FIELD = "shown_version"


class Versioned:
    """For every ModelAdmin with a form of its own: a hidden field says which values the page showed.

    On a post it is compared with the row and its inlines' rows, under the row's lock. Only what the form can change is
    compared: the worker's figures and the like disturb nobody.
    """

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Locked while its form is being saved, so that comparing and saving are one act."""
        obj = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if obj is None or request.method != "POST" or not transaction.get_connection().in_atomic_block:
            return obj
        type(obj)._base_manager.select_for_update(no_key=True).get(pk=obj.pk)
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        if obj is None or not change or not self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return form
        return _comparing(form, _state(self, request, obj, form), list(_parts(self, request, obj)))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """After a refusal the page has shown what stands now: the next press counts as having seen it."""
        fields = context["adminform"].form.fields
        context["shown_version"] = fields[FIELD].initial if FIELD in fields else ""
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]


def _comparing(form: Any, now: State, parts: list[Part]) -> Any:
    """The form with its version; one that was posted with another version is not valid."""

    class Comparing(form):
        shown_version = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=json.dumps(now, separators=(",", ":"))
        )

        def clean(self) -> Any:
            given = super().clean()
            shown = _read(self.data.get(FIELD, ""))
            if shown != now:
                self._refuse({key for key in shown.keys() | now.keys() if shown.get(key) != now.get(key)})
            return given

        def _refuse(self, changed: set[str]) -> None:
            row = type(self.instance)._base_manager.get(pk=self.instance.pk)
            for name in [name for name in self.fields if name in changed]:
                self.add_error(name, gettext("Saved meanwhile: %(value)s") % {"value": _display(row, name)})
            rows = [line for key in sorted(changed) if "." in key for line in _line(parts, key)]
            self.add_error(None, [gettext("This was saved meanwhile. Nothing of yours was saved yet; it still "
                "stands below. Compare it with what was saved, then save again."), *rows])  # fmt: skip

    return Comparing


def _state(model_admin: Any, request: HttpRequest, obj: Any, form: Any) -> State:
    """A short keyed hash of each value that this person can change; inlines as `relation.row.field`."""
    row = type(obj)._base_manager.get(pk=obj.pk)
    fields = [name for name, field in form.base_fields.items() if not field.disabled and name != "password"]
    state = {name: _hash(value) for name, value in model_to_dict(row, fields).items()}
    for prefix, rows, fields in _parts(model_admin, request, row):
        for part in rows:
            for name, value in model_to_dict(part, fields).items():
                state[f"{prefix}.{part.pk}.{name}"] = _hash(value)
    return state


def _parts(model_admin: Any, request: HttpRequest, row: Any) -> Iterator[Part]:
    """What stands in the form's inlines that this person can change."""
    for inline in model_admin.get_inline_instances(request, row):
        if not inline.has_change_permission(request, row):
            continue
        formset = inline.get_formset(request, row)
        rows = inline.model._default_manager.filter(**{formset.fk.name: row.pk})
        yield formset.get_default_prefix(), rows, flatten_fieldsets(inline.get_fieldsets(request, row))


def _hash(value: Any) -> str:
    plain = sorted(row.pk for row in value) if isinstance(value, list) else value
    return salted_hmac("ideas.shown", repr(plain)).hexdigest()[:10]


def _read(text: str) -> State:
    try:
        shown = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return shown if isinstance(shown, dict) else {}


def _display(row: Any, name: str) -> str:
    """A value as the admin's lists show it."""
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:
        return ""
    if isinstance(field, models.ManyToManyField):
        return "、".join(map(str, getattr(row, name).all())) or "—"
    value = getattr(row, name)
    return str(value) if field.is_relation and value else str(display_for_field(value, field, "—"))


def _line(parts: list[Part], key: str) -> list[str]:
    """What became of one value of an inline row, in words; nothing of what the form does not show: the posted version
    names what it likes."""
    prefix, _dot, rest = key.partition(".")
    pk, _dot, name = rest.partition(".")
    found = next(((rows, fields) for shown, rows, fields in parts if shown == prefix), None)
    if found is None or not row_key(pk):
        return []
    rows, fields = found
    part, title = rows.filter(pk=row_key(pk)).first(), rows.model._meta.verbose_name
    if part is None:
        return [_("%(kind)s no. %(number)s was deleted.") % {"kind": title, "number": pk}]
    if name not in model_to_dict(part, fields):
        return []
    facts = {"kind": title, "row": part, "field": rows.model._meta.get_field(name).verbose_name}
    return [
        gettext("%(kind)s “%(row)s”, %(field)s: saved meanwhile: %(value)s") % {**facts, "value": _display(part, name)}
    ]
