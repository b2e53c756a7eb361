"""What every request gets before a view sees it: its moment, the client's address, the reader's language."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from ideas.views.pages import unavailable
from ideas.views.privacy import MARK, cookie_of
from portal.bodies import bound_body, refuse_body
from portal.languages import language_of
from portal.line import line

GetResponse = Callable[[HttpRequest], HttpResponse]
AWAY = 503
HEALTH = ("/healthz", "/readyz")
LONGEST_WAY = timedelta(minutes=10)  # from the proxy's first byte of a request to us
_NOTED = re.compile(r"t=(\d{9,11}(?:\.\d{1,6})?)")


def client_address(request: HttpRequest) -> str:
    """The client's address: from X-Forwarded-For only as far as the hops are proxies named in TRUSTED_PROXY.

    "" where a proxy of ours passes on what is no address: such senders are counted as one, and staff cannot log in.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = [
        _without_port(hop.strip()) for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()
    ]
    while hops and _is_trusted(address):
        address = hops.pop()
    return address if _is_address(address) else ""


def address_or_none(request: HttpRequest) -> str | None:
    """The same for the log of log-ins."""
    return client_address(request) or None


def _without_port(hop: str) -> str:
    """Some proxies write 203.0.113.7:51234 or [2001:db8::1]:443."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    address, _colon, port = hop.partition(":")
    return address if port.isdigit() and "." in address else hop


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str) -> bool:
    """Whether the address is one of our own proxies (TRUSTED_PROXY: addresses or networks)."""
    return _is_address(address) and any(ip_address(address) in ip_network(name) for name in settings.TRUSTED_PROXY)


def _arrived_at(request: HttpRequest) -> datetime:
    """When the request reached us: as a trusted proxy noted it (`X-Request-Start: t=<seconds>`), else now.

    The proxy may collect a slow body first, and in a rush we have no thread at once; neither makes anybody late.
    """
    now = timezone.now()
    noted = _NOTED.fullmatch(request.META.get("HTTP_X_REQUEST_START", "").strip())
    if noted is None or not _is_trusted(request.META.get("REMOTE_ADDR", "")):
        return now
    at = datetime.fromtimestamp(float(noted[1]), tz=UTC)
    return at if now - LONGEST_WAY <= at <= now else now


def arrive(get_response: GetResponse) -> GetResponse:
    """Stamp what is true on arrival, before anything slow happens.

    `request.at` is the one moment that all of the request's rules use (a slow upload is not late), `client_address`
    the sender. More than a form of this address can hold is not read. X-Forwarded-Proto is dropped unless a named
    proxy sent it: it decides whether the request is https.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.at = _arrived_at(request)  # type: ignore[attr-defined]
        request.client_address = client_address(request)  # type: ignore[attr-defined]
        if not _is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        bound_body(request)
        return _to_go_back_to(get_response(request))

    middleware.process_view = refuse_body  # type: ignore[attr-defined]
    return middleware


def _to_go_back_to(response: HttpResponse) -> HttpResponse:
    """Let a browser that goes back show the page that it stored, if the view says so by `is_kept_for_back`.

    Where Vary names cookies and one was set since, the browser asks again: for the answer of a post it says "send the
    form again?", for a form it gets an empty one. To other readers such a page is never given: it is private.
    """
    if getattr(response, "is_kept_for_back", False):
        del response.headers["Vary"]
        patch_cache_control(response, private=True, no_cache=True)
    return response


def choice_on_arrival(get_response: GetResponse) -> GetResponse:
    """The page that comes back from the buttons for language and letters, in a browser that had sent no cookie.

    With the cookie: to the page's own address. Without: this one page is as chosen and says that cookies are not kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not (choice := request.GET.get(MARK, "")):
            return get_response(request)
        if not (cookie := cookie_of(choice)):
            return get_response(request)
        without = request.GET.copy()
        without.pop(MARK)
        request.GET = without  # type: ignore[assignment]
        request.META["QUERY_STRING"] = without.urlencode()
        if request.COOKIES:
            return HttpResponseRedirect(request.get_full_path())
        request.COOKIES[cookie] = choice
        request.is_choice_lost = True  # type: ignore[attr-defined]  # portal/context.py
        return get_response(request)

    return middleware


def language_from_cookie(get_response: GetResponse) -> GetResponse:
    """The language of the address, or else of the reader's cookie (portal/languages.py)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


def origin_by_the_browsers_word(get_response: GetResponse) -> GetResponse:
    """Where it was taken away on the way from which page a form comes, the browser's other word for it counts.

    `Sec-Fetch-Site: same-origin` says what `Origin` would have, and no page can set it. The token is asked for as ever
    (docs/decisions/0034-origin-taken-away.md).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_told = request.headers.get("Origin", "null") != "null" or "Referer" in request.headers
        if request.is_secure() and not is_told and request.headers.get("Sec-Fetch-Site") == "same-origin":
            request.META["HTTP_ORIGIN"] = f"https://{request.get_host()}"
        return get_response(request)

    return middleware


def while_the_database_is_away(get_response: GetResponse) -> GetResponse:
    """Answer 503 at once, with what was typed, where asking the database would only bind one thread more.

    The health checks go on: they ask nothing, or look for themselves.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path in HEALTH:
            return get_response(request)
        if line.refuses():
            return unavailable(request)
        response = get_response(request)
        if line.is_stuck and response.status_code != AWAY:
            line.answered()
        return response

    return middleware
