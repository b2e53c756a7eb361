"""What every desk page shares: how it is mounted, who may open it, what stands around it, and how an act on it ends.

A page is mounted by `page()`, an address that is only posted to by `button()`; `needs()` says which permission opens a
view. It answers through `render()`, and does its acts through `press()`, the one way to show a refusal. A form that is
shown again after a refusal carries what its page shows now (`as_shown()`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache

from ideas.errors import Lacking, Refusal, WrongRole
from ideas.queries.stats import MOST_COUNTED

View = Callable[..., HttpResponseBase]


def page(route: str, view: View, name: str) -> URLPattern:
    """A page of the staff's site, for the `urls` of a desk; its address is reversed as admin:NAME."""
    return path(route, admin.site.admin_view(view), name=name)


def button(route: str, view: View, name: str, *, row: str) -> URLPattern:
    """An address that is only posted to; somebody who asks for it (a reload, the language switch) is led to its row.

    `row` names that page; it takes the route's `pk`.
    """

    def posted(request: HttpRequest, pk: int, **rest: Any) -> HttpResponseBase:
        return view(request, pk, **rest) if request.method == "POST" else redirect(row, pk)

    return page(route, posted, name)


def needs(permission: str) -> Callable[[View], View]:
    """Only for those with a permission; nobody else learns whether what the address names is there."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def desk(permission: str = "") -> Callable[[View], View]:
    """The same for the desks beside the admin, of clerks and panellists: they ask for a log-in themselves."""
    asked = permission_required(permission, raise_exception=True) if permission else (lambda view: view)
    return lambda view: never_cache(login_required(asked(view)))


def render(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    title: Any,
    model: type[models.Model],
    status: int = 200,
) -> TemplateResponse:
    """A page in the frame of the staff's site, under the list of `model`."""
    frame = {**admin.site.each_context(request), "opts": model._meta, "title": title}
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def as_shown(form: Any, **shown: Any) -> Any:
    """A refused form on a page that is shown again: the words stay, and what the page shows counts as seen.

    Otherwise the same press would be refused as outdated for ever.
    """
    data = form.data.copy()
    for name, value in shown.items():
        if name in form.fields:
            data[form.add_prefix(name)] = str(value)
    form.data = data
    return form


def press(request: HttpRequest, act: Callable[[], Any], done: Any = "", form: Any = None, prefix: str = "") -> bool:
    """Do an act and tell the person what came of it; a refusal is shown in its own words. True if it was done.

    `form` is where the act's words were typed: the refusal stands in it too, at the fields that lack something or above
    them all, and the page comes back with both. `prefix` says which of several rows was refused. `done` may be made
    of what the act gave.
    """
    try:
        outcome = act()
    except WrongRole as refusal:  # no page offers it: forged, or a role was taken away meanwhile (portal/kept.py)
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, f"{prefix}{refusal.message}")
        if isinstance(refusal, Lacking) and form is not None:
            for name, words in refusal.fields.items():
                form.add_error(name, words)
        elif form is not None:
            form.add_error(None, str(refusal.message))
        return False
    if words := done(outcome) if callable(done) else done:
        messages.success(request, words)
    return True


class CappedPaginator(Paginator):
    """Counts rows up to a limit, so that a list of millions opens as fast as one of hundreds.

    Pages beyond the limit are not offered: whoever looks for something there filters or searches.
    """

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return min(rows.order_by()[: MOST_COUNTED + 1].count(), MOST_COUNTED + 1)

    @property
    def is_capped(self) -> bool:
        return self.count > MOST_COUNTED
