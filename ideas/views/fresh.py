"""The empty form as whoever begins gets it: rendered once a second, then filled in for each reader.

All but four values on it are the same for everybody: the token against forged posts, the form's key, its page and the
signed moment at which it was opened. The page is rendered with a mark in the place of each, and kept; docs/decisions/
0039-fresh-form.md says why.
"""

import secrets
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.middleware.csrf import get_token

from ideas import conf
from ideas.forms import spam
from ideas.requests import Request
from ideas.views.privacy import letters_of

PAGE = 8  # so many digits tell the open pages of one form apart
_NOBODYS = {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, settings.ELDER_COOKIE_NAME}
# Nobody can guess them, so no text of the office's stands in the place of a value.
MARKS = {name: secrets.token_hex(16) for name in ("csrf_token", "form_key", "page", "stamp")}


def is_fresh(request: Request) -> bool:
    """Whether this reader begins: nothing in the request is of a person, a form or a visit before."""
    is_plain = request.method in ("GET", "HEAD") and not request.META.get("QUERY_STRING")
    return is_plain and request.COOKIES.keys() <= _NOBODYS and not getattr(request, "is_choice_lost", False)


def fresh_page(request: Request, render: Callable[[], HttpResponse]) -> HttpResponse:
    """A page that `render` gives with MARKS in it, each replaced by a value that only this reader gets."""
    letters = letters_of(request)
    key = f"fresh:{request.scheme}:{request.get_host()}:{request.path}:{request.LANGUAGE_CODE}:{letters}"
    text = cache.get(key)
    if text is None:
        text = render().content.decode()
        cache.set(key, text, timeout=conf.page_seconds())
    own = {
        "csrf_token": get_token(request),
        "form_key": str(uuid4()),
        "page": uuid4().hex[:PAGE],
        "stamp": spam.stamp(request.at),
    }
    for name, mark in MARKS.items():
        text = text.replace(mark, own[name])
    return HttpResponse(text)
