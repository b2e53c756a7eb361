"""Pages that say in plain words why there is nothing else to see. They never touch the database.

Where something had been typed, they show it to be copied: whatever broke, no word is lost.
"""

import errno
import sys
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ideas import conf
from ideas.models.ideas import ORIGINAL_TEXTS
from ideas.views.drafts import own_link

# Long words of residents and staff, by field name; names and contacts are quickly typed again and not shown.
WORDS = (
    *ORIGINAL_TEXTS, "answer", "reason", "reasons", "question", "comment", "text",
    "words", "why", "instruction", "public", "internal", "found",
)  # fmt: skip
# Internal errors are a standby that takes no writing, and a transaction in which nothing was done for too long.
AWAY = (OperationalError, InterfaceError, InternalError)
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
# Forms that come back with all that was typed where a button in the head was pressed.
STAYING = ("submit", "track-amend", "track-answer", "track-review", "track-verdict", "track-naming")


@require_GET
def favicon(_request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, a proxy's for example."""
    return redirect(static("ideas/icon.svg"))


@require_GET
def manifest(_request: HttpRequest) -> HttpResponse:
    """What a telephone needs to put the portal beside its apps."""
    icons = [
        {"src": static("ideas/icon.svg"), "type": "image/svg+xml", "sizes": "any"},
        {"src": static("ideas/icon-180.png"), "type": "image/png", "sizes": "180x180"},
    ]
    name = f"{conf.office().district}{_('Golden ideas')}"
    about = {"name": name, "short_name": _("Golden ideas"), "start_url": "/", "display": "browser", "icons": icons}
    return JsonResponse(
        {**about, "background_color": "#ffffff", "theme_color": "#0b4f7d"}, content_type="application/manifest+json"
    )


def page(request: HttpRequest, status: int, title: str, words: str, *, to_copy: str = "", **more: Any) -> HttpResponse:
    """`to_copy` is said instead of `words` where something was typed."""
    typed = typed_words(request)
    context: dict[str, Any] = {
        "title": title,
        "words": to_copy if typed and to_copy else words,
        "typed": typed,
        **_carried(request, typed),
        "kept": kept_form(request) if status in (403, 500, 503) else "",
        "user": None,
        "share": None,
        **more,
    }
    return render(request, "pages/plain.html", context, status=status)


def typed_words(request: HttpRequest) -> list[tuple[str, str]]:
    """What was typed into the long fields of the posted form, by their names, if it can still be read."""
    posted = posted_form(request)
    fields = [name for name in posted if name.rpartition("-")[2] in WORDS]
    return [(name, text) for name in fields for text in posted.getlist(name) if text.strip()]


def _carried(request: HttpRequest, typed: list[tuple[str, str]]) -> dict[str, Any]:
    """What the buttons in the head send along, so that another language or size costs no word.

    Only to a form that takes these buttons as leading back to it: nothing is done twice.
    """
    match = request.resolver_match
    if not typed or not match or match.url_name not in STAYING:
        return {}
    shown = {name for name, _text in typed} | {"csrfmiddlewaretoken", "language", "elder"}
    hidden = [(name, text) for name, text in posted_form(request).items() if name not in shown]
    return {"carry_form": "kept-form", "hidden": hidden}


def kept_form(request: HttpRequest) -> str:
    """The way back to the resident's form whose post failed, where it says that we keep it."""
    match = request.resolver_match
    try:
        key = UUID(posted_form(request).get("form_key", ""))
    except ValueError:
        return ""
    is_kept = match and (match.url_name == "check" or (match.url_name == "submit" and "kept" in posted_form(request)))
    return own_link(match.kwargs["slug"], key) if match and is_kept else ""


def posted_form(request: HttpRequest) -> QueryDict:
    if getattr(request, "is_unread", False):
        return QueryDict()  # no form has this address, or none can hold as much
    try:
        return request.POST
    except (OSError, SuspiciousOperation, MultiPartParserError, RawPostDataException):
        return QueryDict()  # the line broke, or the body is what is wrong


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing is told of what is not there: who was writing about it reads the same whether it was restricted, erased,
    closed or given to somebody else, or has never been."""
    if typed_words(request):
        return page(
            request,
            404,
            _("This is out of your reach now"),
            _(
                "What you were writing about has been removed or closed meanwhile, or it is not for you to see any "
                "more. Nothing was saved or sent. Your text is below, so that you can copy it."
            ),
        )
    return page(
        request,
        404,
        _("This page does not exist"),
        _("The address may be mistyped, or what was here has not been published or is no longer public."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(
        request,
        403,
        _("You may not see this page"),
        _("Your log-in does not include this desk."),
        to_copy=_(
            "Your log-in does not include this desk (any more). Nothing was saved or sent. Your text is below, so that "
            "you can copy it."
        ),
    )


def only_posted(request: HttpRequest) -> HttpResponse:
    """What a button or a script posts to an address has no page of its own."""
    response = page(
        request, 405, _("There is no page here"), _("This address belongs to a button. Please go back in your browser.")
    )
    response.headers["Allow"] = "POST"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return too_large(request)
    if isinstance(exception, TooManyFieldsSent):
        return too_many(request)
    return page(
        request,
        400,
        _("We could not read this request"),
        _("Please go back in your browser and try again."),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer, or only lets itself be read: waiting helps."""
    response = page(
        request,
        503,
        _("The service is not available for a moment"),
        _("Please try again in a few minutes. If you had typed something, go back in your browser and copy it."),
        to_copy=_("Please copy your text below and try again in a few minutes."),
    )
    response["Retry-After"] = "120"
    return response


def no_room(request: HttpRequest) -> HttpResponse:
    """507: a file that is sent, or one that is asked for, did not fit on the disk."""
    return page(
        request,
        507,
        _("There is no room for this just now"),
        _(
            "The server's disk is full, so this was not done. "
            "Please tell whoever looks after the portal; then try again."
        ),
        to_copy=_("The server's disk is full, so this was not done. Please copy your text below and try again later."),
    )


def _is_full(error: BaseException | None) -> bool:
    """Whether a full disk began it; whoever was writing may have failed again while tidying up."""
    while error is not None and getattr(error, "errno", None) not in DISK_FULL:
        error = error.__cause__ or error.__context__
    return error is not None


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 where the database does not answer: then waiting helps; 507 where the disk is full."""
    if isinstance(sys.exc_info()[1], AWAY):
        return unavailable(request)
    if _is_full(sys.exc_info()[1]):
        return no_room(request)
    return page(
        request,
        500,
        _("Something went wrong on our side"),
        _(
            "What you sent may not have been saved. "
            "Please go back in your browser, copy your text, and try again later."
        ),
        to_copy=_("What you sent may not have been saved. Please copy your text below and try again later."),
    )


def sent_twice(request: HttpRequest) -> HttpResponse:
    """A form of staff that is under way already; whether it is done cannot be said here."""
    return page(
        request,
        409,
        _("This form was sent before"),
        _("It is still being worked on, or the work was interrupted. Open the page anew and look whether it is done."),
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """413 for the size of a body."""
    return _unread(
        request,
        _(
            "What you sent is larger than this page can take, so nothing of it was read. Please go back in your "
            "browser: what you typed is still there. Shorten it, or send fewer or smaller files."
        ),
    )


def too_many(request: HttpRequest) -> HttpResponse:
    """413 for the number of fields."""
    return _unread(
        request,
        _(
            "What you sent has more fields than this page can take, so nothing was saved. Please go back in your "
            "browser: what you typed is still there. Fill in, add or choose fewer rows at once, and save in steps."
        ),
    )


def _unread(request: HttpRequest, words: str) -> HttpResponse:
    """Nothing of the body was read, so there is nothing to show."""
    request._post, request._files = QueryDict(), MultiValueDict()  # type: ignore[attr-defined]
    return page(request, 413, _("This is too much at once"), words)
