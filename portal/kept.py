"""Nothing that staff typed is lost: a form that arrives after the session is over waits for its writer for a day.

Who wrote it says a signed cookie of the log-in before, so a stranger keeps nothing here, and another person who logs in
at the same browser sees nothing. After the log-in the page shows the form again with the words in it; nothing is sent
by itself, and the version that the form showed is kept with it, so what has become stale is refused as ever.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ideas.models import User
from ideas.rules.refill import refill
from ideas.services.kept import LIFE, drop_kept, keep_post, kept_for
from ideas.views.pages import posted_form
from portal.addresses import is_staff_address

SALT = "ideas.writer"
OUT_OF_REACH = (403, 404)  # a role taken away; a row restricted, erased or closed. Its words come back if it does
SECONDS = int(LIFE.total_seconds())
WORDS = gettext_lazy(
    "What you sent last could not be taken (you had been logged out, or the form was too old, for example). It is "
    "below again; look it over and send it."
)


class KeepTyped(MiddlewareMixin):
    def process_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        if not is_staff_address(request.resolver_match) or not hasattr(request, "user"):
            return response
        if request.method == "POST":
            return _after_post(request, response)
        if request.user.is_authenticated:
            _sign(request, response)
            if settings.KEPT_COOKIE_NAME in request.COOKIES and request.method == "GET":
                _fill(request, response)
        return response


def _after_post(request: Any, response: HttpResponse) -> HttpResponse:
    """Keep what was refused for want of a session, a token or the right to see it; forget what was taken."""
    lost_token = getattr(response, "is_csrf_failure", False)
    sent_away = not request.user.is_authenticated and response.status_code == 302
    out_of_reach = request.user.is_authenticated and response.status_code in OUT_OF_REACH
    if not lost_token and not sent_away and not out_of_reach:
        if request.user.is_authenticated and settings.KEPT_COOKIE_NAME in request.COOKIES:
            drop_kept(user=request.user, path=request.path)
        return response
    writer = _writer(request)
    if writer is None or not _is_ours(request):
        return response
    page, typed = _page_of(request), dict(posted_form(request).lists())
    if not keep_post(user=writer, path=request.path, page=page, typed=typed, at=request.at):
        return response
    answer = _back_to(page, request, response)
    _set(answer, settings.KEPT_COOKIE_NAME, "1")
    return answer


def _back_to(page: str, request: Any, response: HttpResponse) -> HttpResponse:
    """To the form, by the log-in where that is what is missing; a page that says what is in the way is shown first."""
    if not getattr(response, "leads_back", response.status_code not in OUT_OF_REACH):
        return response
    if request.user.is_authenticated:
        return HttpResponseRedirect(page)
    return redirect_to_login(page, resolve_url(settings.LOGIN_URL))


def _is_ours(request: Any) -> bool:
    """Whether the form was sent by a page of ours: words of a forged one are not put before anybody."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return not sender or urlsplit(sender).netloc == request.get_host()


def _page_of(request: Any) -> str:
    """Where the form stood."""
    page = urlsplit(request.headers.get("Referer", ""))
    is_known = page.netloc == request.get_host() and page.path != resolve_url(settings.LOGIN_URL)
    return f"{page.path}?{page.query}".rstrip("?") if is_known else request.path


def _writer(request: Any) -> User | None:
    """Who is, or was, logged in here; nobody whose account is closed."""
    if request.user.is_authenticated:
        return request.user
    try:
        pk = signing.loads(request.COOKIES.get(settings.WRITER_COOKIE_NAME, ""), salt=SALT, max_age=2 * SECONDS)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()


def waits_for_writer(request: Any) -> bool:
    """Whether words of whoever was logged in here wait for them to be back."""
    writer = _writer(request) if settings.KEPT_COOKIE_NAME in request.COOKIES else None
    return writer is not None and bool(kept_for(writer, request.at))


def _sign(request: Any, response: HttpResponse) -> None:
    """Say in a cookie who writes here; it opens nothing."""
    if _named(request) != request.user.pk:
        _set(response, settings.WRITER_COOKIE_NAME, signing.dumps(request.user.pk, salt=SALT))


def _named(request: Any) -> int | None:
    try:
        return signing.loads(request.COOKIES.get(settings.WRITER_COOKIE_NAME, ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=2 * SECONDS, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )


def _fill(request: Any, response: HttpResponse) -> None:
    """Put the kept words into the page's forms."""
    if response.status_code != 200 or response.streaming or "text/html" not in response.get("Content-Type", ""):
        return
    rows = kept_for(request.user, request.at)
    if not rows:
        response.delete_cookie(settings.KEPT_COOKIE_NAME)
    for row in rows:
        is_here = urlsplit(row.page).path == request.path
        html = refill(
            response.content.decode(),
            page=request.path,
            path=row.path,
            typed=row.payload["typed"],
            notice=f'<div class="notice warn kept-words" role="status"><p>{escape(WORDS)}</p></div>',
            bare=_bare(request) if is_here else "",
        )
        if html is not None:
            response.content = html.encode()
            response.headers["Content-Length"] = str(len(response.content))


def _bare(request: Any) -> str:
    token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    label = escape(_("Send it"))
    return f'{token}<p><button class="act button">{label}</button></p>'
