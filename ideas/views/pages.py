"""Pages that say in plain words why there is nothing else to see. They never touch the database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(request, "pages/plain.html", {"title": title, "words": words, "user": None}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        _("This page does not exist"),
        _("The address may be mistyped, or what was here has not been published or is no longer public."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, _("You may not see this page"), _("Your log-in does not include this desk."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        400,
        _("We could not read this request"),
        _("Please go back in your browser and try again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database does not answer: then waiting helps."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = _page(
            request,
            503,
            _("The service is not available for a moment"),
            _("Please try again in a few minutes. If you had typed something, go back in your browser and copy it."),
        )
        response["Retry-After"] = "120"
        return response
    return _page(
        request,
        500,
        _("Something went wrong on our side"),
        _(
            "What you sent may not have been saved. "
            "Please go back in your browser, copy your text, and try again later."
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("We could not accept this form"),
        _(
            "Please go back in your browser, copy your text, reload the form and send it again. "
            "The form needs one cookie."
        ),
    )
