"""The reader's own choices, and the statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ideas import conf
from ideas.requests import Request
from ideas.rules.privacy import NOTICE_VERSION
from ideas.views.everybody import for_everybody
from ideas.views.pages import only_posted

YEAR = 365 * 24 * 60 * 60
LETTERS = ("on", "max")  # larger and, a step more, as large as they get; anything else is the standard
ASKED = "lang"  # in the address of a page for everybody: the language that it is shown in, to whoever follows a link
MARK = "chosen"  # in the address of the page that comes back, where no cookie has shown yet that they are kept


@csrf_exempt  # pages that only read carry no cookie, so no token either; the worst a stranger can do is change letters
def preferences(request: HttpRequest) -> HttpResponse:
    """Set the language and the elder mode, and go back to where the reader was."""
    if request.method != "POST":
        return only_posted(request)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if "language" in request.POST:
        target = _without_language(target)
    response = redirect(target if safe else "desk" if conf.desks() == "staff" else "home")
    chosen = remember_choices(request, response)
    if chosen and not request.COOKIES:
        # Whether the browser keeps the cookie shows on arrival (portal/middleware.py: choice_on_arrival).
        address = urlsplit(response["Location"])
        response["Location"] = urlunsplit(address._replace(query=f"{address.query}&{MARK}={chosen}".lstrip("&")))
    return response


def _without_language(target: str) -> str:
    """The address without the language that it asks for: what the reader chooses goes before what somebody sent."""
    address = urlsplit(target)
    kept = [pair for pair in parse_qsl(address.query, keep_blank_values=True) if pair[0] != ASKED]
    return urlunsplit(address._replace(query=urlencode(kept))) if f"{ASKED}=" in address.query else target


@contextmanager
def as_chosen(request: Request) -> Iterator[None]:
    """Inside it the answer is in the language and the letters that the buttons in the head of a form just posted."""
    language = request.POST.get("language", request.LANGUAGE_CODE)
    if "elder" in request.POST:
        request.COOKIES[settings.ELDER_COOKIE_NAME] = request.POST["elder"]
    with translation.override(language if translation.check_for_language(language) else request.LANGUAGE_CODE):
        yield


def _choices() -> tuple[tuple[str, str, list[str], str], ...]:
    """(cookie, field, values, default) of what a reader can choose; no value stands in both."""
    return (
        (settings.LANGUAGE_COOKIE_NAME, "language", [code for code, _ in settings.LANGUAGES], settings.LANGUAGE_CODE),
        (settings.ELDER_COOKIE_NAME, "elder", [*LETTERS, "off"], "off"),
    )


def letters_of(request: HttpRequest) -> str:
    """The letters that this reader chose, one of LETTERS; "" for the standard, whatever else the cookie says."""
    wished = request.COOKIES.get(settings.ELDER_COOKIE_NAME, "")
    return wished if wished in LETTERS else ""


def cookie_of(choice: str) -> str:
    """The cookie that would keep this choice; "" for what is none, or a default."""
    return next((cookie for cookie, _f, values, default in _choices() if choice in values and choice != default), "")


def remember_choices(request: HttpRequest, response: HttpResponse) -> str:
    """Keep the posted `language` and `elder` in cookies of the reader's own; a default leaves none.

    Returns the choice that a cookie was set for, "" for none.
    """
    chosen = ""
    for cookie, field, allowed, default in _choices():
        value = request.POST.get(field, "")
        if value == default:
            response.delete_cookie(cookie, samesite="Lax")
        elif value in allowed:
            response.set_cookie(
                cookie, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
            )
            chosen = value
    return chosen


def cookies() -> dict[str, str]:
    """Every cookie that the portal sets, by its short name, as browsers list it."""
    own = ("SESSION", "CSRF", "LANGUAGE", "ELDER", "DRAFT", "FORGOTTEN", "WRITER", "KEPT")
    named = {name.lower(): getattr(settings, f"{name}_COOKIE_NAME") for name in own}
    return {**named, "messages": CookieStorage.cookie_name}


@for_everybody()
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {"version": NOTICE_VERSION, "verify_phone": conf.verify_phone(), "cookies": cookies()}
    return render(request, "privacy/notice.html", context)


@for_everybody()
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/accessibility.html")
