"""Which language a request is answered in, and the addresses by which a page is known in each of them.

A page for everybody has an address in English that can be passed on: `?lang=en`. It says it for that one request, and
leaves the reader's own choice, which is a cookie, as it is.
"""

from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from ideas import conf
from ideas.views.privacy import ASKED

HTML_LANGUAGE = {"zh-hans": "zh-Hans", "en": "en"}
LOCALES = {"zh-hans": "zh_CN", "en": "en_US"}


@lru_cache(maxsize=2000)
def query_of_everybody(path: str) -> tuple[str, ...] | None:
    """The names of the query that the page for everybody at this path takes; None where there is none."""
    with suppress(Resolver404):
        return getattr(resolve(path).func, "query_of_everybody", None)
    return None


def asked_language(request: HttpRequest) -> str:
    """The language that the address of a page for everybody asks for; "" for none, or one that is not offered."""
    if request.method not in ("GET", "HEAD") or ASKED not in request.GET or not conf.language_switch():
        return ""
    asked = request.GET[ASKED]
    return asked if asked in dict(settings.LANGUAGES) and query_of_everybody(request.path_info) is not None else ""


def language_of(request: HttpRequest) -> str:
    """Chinese unless the address or else the reader's cookie says otherwise; the browser's own wish is not asked."""
    wished = asked_language(request) or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return wished if conf.language_switch() and wished in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def addresses_of(request: HttpRequest) -> dict[str, Any] | None:
    """For templates/pages/share.html: `canonical`, `alternates` (language, address) and the locales of a page for
    everybody; None for any other page. Of the query stays what the page is made of.

    A page that was asked for in English is its own canonical one: a pair of languages counts for search engines only
    if both sides are.
    """
    names = query_of_everybody(request.path_info)
    if names is None:
        return None
    query = {name: request.GET[name] for name in names if name in request.GET}
    language, asked = language_of(request), asked_language(request)
    plain, english = _address(request, query), _address(request, query | {ASKED: "en"})
    pairs = [("zh-Hans", plain), ("en", english), ("x-default", plain)] if conf.language_switch() else []
    return {
        "canonical": english if asked == "en" else plain,
        "alternates": pairs,
        "locale": LOCALES[language],
        "other_locales": [name for code, name in LOCALES.items() if code != language and pairs],
    }


def _address(request: HttpRequest, query: dict[str, str]) -> str:
    return conf.site_url() + request.path + (f"?{urlencode(query)}" if query else "")
