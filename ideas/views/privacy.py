"""The reader's own choices, and the statements."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ideas import conf

YEAR = 365 * 24 * 60 * 60


@csrf_exempt  # pages that only read carry no cookie, so no token either; the worst a stranger can do is change letters
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Set the language and the elder mode, and go back to where the reader was."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(target if safe else "desk" if conf.desks() == "staff" else "home")
    remember_choices(request, response)
    return response


def remember_choices(request: HttpRequest, response: HttpResponse) -> None:
    """Keep the posted `language` and `elder` in cookies of the reader's own; a default leaves none."""
    wished = (
        (settings.LANGUAGE_COOKIE_NAME, "language", [code for code, _ in settings.LANGUAGES], settings.LANGUAGE_CODE),
        (settings.ELDER_COOKIE_NAME, "elder", ["on", "off"], "off"),
    )
    for cookie, field, allowed, default in wished:
        value = request.POST.get(field, "")
        if value == default:
            response.delete_cookie(cookie, samesite="Lax")
        elif value in allowed:
            response.set_cookie(
                cookie, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
            )


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/notice.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/accessibility.html")
