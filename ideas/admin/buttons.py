"""What the desks share: rows that are looked at, not edited, and buttons that press a service."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ideas.admin.lists import DeskAdmin
from ideas.errors import Refusal, WrongRole


class ReadOnlyAdmin(DeskAdmin):
    """Rows that only services write: to be seen by those with the view permission, never added, edited or deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ButtonsMixin:
    """Addresses that are only posted to."""

    opts: Any

    def posted(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """The view for a POST; somebody who asks for the address (a reload, the language switch) is led to the row."""

        def guarded(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, pk, **kwargs)
            return redirect(f"admin:ideas_{self.opts.model_name}_change", pk)

        return guarded


def as_shown(form: Any, **shown: Any) -> Any:
    """A refused form on a page that is shown anew: the words stay, and what the page shows counts as seen.

    Otherwise the same press would be refused as outdated for ever.
    """
    data = form.data.copy()
    for name, value in shown.items():
        if name in form.fields:
            data[form.add_prefix(name)] = str(value)
    form.data = data
    return form


def press(request: HttpRequest, act: Callable[[], Any], done: str, form: Any = None) -> bool:
    """Do an act and tell the person what came of it; a refusal is shown in its own words. True if it was done.

    `form` is where the act's words were typed: the refusal stands in it too, at its last field, and the page comes back
    with both.
    """
    try:
        act()
    except WrongRole as refusal:  # no page offers it: forged, or a role was taken away meanwhile (portal/kept.py)
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        if form is not None:
            seen = [name for name, field in form.fields.items() if not field.widget.is_hidden]
            form.add_error(seen[-1] if seen else None, str(refusal.message))
        return False
    messages.success(request, done)
    return True
