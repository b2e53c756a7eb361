"""A form of staff acts once, however often it is posted.

Every form carries the token against forged requests, which Django masks anew for each page that it shows: 64
characters that no other page has. Token, address, person and what was typed together are the one-time key. Posted
again, the form is answered with the first one's result; with other words it is another form. An act that was refused
leaves its key free.
"""

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from ideas.services import once
from ideas.views.pages import sent_twice
from portal.addresses import is_staff_address

TOKEN_LENGTH = 64  # a masked token; the bare secret of the cookie has 32 characters and stays the same
WAIT_SECONDS = 20.0
PAUSE_SECONDS = 0.2


class ActOnce(MiddlewareMixin):
    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Answer a second post; let the first one through, under its key."""
        key = _key(request, view)
        if not key:
            return None
        if once.claim_key(key=key, at=request.at) is None:
            request.once_key = key
            return None
        answer = _first_answer(key)
        if answer is not None:
            messages.info(request, _("This form was sent twice; it was done once."))
            return HttpResponseRedirect(answer["location"])
        return None if not once.is_used(key) else sent_twice(request)

    def process_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        """Keep where an act led to. What was refused, or answered otherwise, may be sent again."""
        key = getattr(request, "once_key", "")
        if key and response.status_code == 302 and not _was_refused(request):
            once.finish_key(key=key, answer={"location": response.headers["Location"]})
        elif key:
            once.free_key(key=key)
        return response


def _key(request: Any, view: Any) -> str:
    """The form's key; "" for what is no form of staff, and for views that read their files themselves."""
    is_ours = request.method == "POST" and request.user.is_authenticated and is_staff_address(request.resolver_match)
    if not is_ours or getattr(view, "csrf_exempt", False):
        return ""
    if len(request.POST.get("csrfmiddlewaretoken", "")) != TOKEN_LENGTH:
        return ""
    typed = sorted((name, request.POST.getlist(name)) for name in request.POST)
    files = [(name, file.name, file.size) for name, file in request.FILES.items()]
    return once.key_of(request.user.pk, request.get_full_path(), typed, files)


def _first_answer(key: str) -> dict[str, Any] | None:
    """What the first post led to; it may be at it just now."""
    until = time.monotonic() + WAIT_SECONDS
    while (answer := once.answer_of(key)) is None and once.is_used(key) and time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
    return answer


def _was_refused(request: HttpRequest) -> bool:
    """Whether the person is told of a fault and of nothing that was done."""
    levels = {message.level for message in getattr(messages.get_messages(request), "_queued_messages", [])}
    return messages.ERROR in levels and messages.SUCCESS not in levels
