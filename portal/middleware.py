"""What every request gets before a view sees it: its moment, the client's address, the reader's language."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

GetResponse = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The client's address: from X-Forwarded-For only as far as the hops are proxies named in TRUSTED_PROXY."""
    address = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while hops and _is_trusted(address):
        address = hops.pop()
    return address if _is_address(address) else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str) -> bool:
    """Whether the address is one of our own proxies (TRUSTED_PROXY: addresses or networks)."""
    return _is_address(address) and any(ip_address(address) in ip_network(name) for name in settings.TRUSTED_PROXY)


def arrive(get_response: GetResponse) -> GetResponse:
    """Stamp what is true on arrival, before anything slow happens.

    `request.at` is the one moment that all of the request's rules use (a slow upload is not late), `client_address`
    the sender. X-Forwarded-Proto is dropped unless a named proxy sent it: it decides whether the request is https.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.at = timezone.now()  # type: ignore[attr-defined]
        request.client_address = client_address(request)  # type: ignore[attr-defined]
        if not _is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return middleware


def language_from_cookie(get_response: GetResponse) -> GetResponse:
    """Chinese unless the reader's cookie says otherwise; the browser's own preference is not asked (DESIGN)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        wished = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = settings.IDEAS_LANGUAGE_SWITCH and wished in dict(settings.LANGUAGES)
        language = wished if known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware
