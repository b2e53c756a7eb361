"""How much a request may bring, by the kind of its address; asked before anything of it is read.

What fits into the fields of a form always goes through, photos included; docs/operations.md states the limits.
"""

from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve

from ideas import conf
from ideas.forms.tables import MOST_BYTES as TABLE
from ideas.forms.uploads import SPARE
from ideas.rules.record import MOST_SCAN_BYTES as SCAN
from ideas.views.pages import too_large

# The longest form of a resident is some 10,500 characters, at most 12 bytes each as a browser sends them: 130 kB.
# Longer texts are let through too, so that the form can say what is too long and give it back.
TEXT = 1024 * 1024
WITH_PHOTOS = ("submit", "add-photos", "entry-new")
WITH_FILE = {"admin:ideas_idea_import": TABLE, "admin:ideas_shortlist_scan": SCAN}
MOST_PARTS = 2000  # fields and files together; the largest form has some hundred
CHUNK = 64 * 1024
DRAINED = 4  # times the limit is still read and thrown away, so that the answer arrives


def largest_body(match: ResolverMatch | None) -> int:
    """In bytes, for one address."""
    name = match.view_name if match else ""
    if name in WITH_PHOTOS:
        return (conf.photos_per_idea() + SPARE) * conf.photo_bytes() + TEXT
    if name in WITH_FILE:
        return WITH_FILE[name] + TEXT
    if match and "admin" in match.namespaces:
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return TEXT


def bound_body(request: HttpRequest) -> None:
    """On arrival: no more parts of a body are read than a form has; nothing (`is_unread`) of what is larger than a form
    of this address can hold, or sent to an address that does not exist."""
    boundary = _boundary(request)
    if boundary:
        request._stream = cast(BinaryIO, _Parts(request._stream, boundary))
    if _announced(request):
        match = _match(request)
        request.is_unread = match is None or _announced(request) > largest_body(match)  # type: ignore[attr-defined]


def refuse_body(request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
    """413 for what is not read, before a view or the check of the form's token sees it."""
    if not getattr(request, "is_unread", False):
        return None
    _drain(request, _announced(request), largest_body(request.resolver_match))
    return too_large(request)


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # as Django reads it: nothing


def _drain(request: HttpRequest, announced: int, most: int) -> None:
    if announced > DRAINED * most:
        return
    try:
        while request.read(CHUNK):
            pass
    except OSError:
        return  # the line broke: nobody waits for an answer


def _boundary(request: HttpRequest) -> bytes:
    """What stands between the parts of a multipart body; empty for another one."""
    given = request.content_params or {}
    is_multipart = request.content_type == "multipart/form-data"
    return b"--" + given["boundary"].encode("ascii", "replace") if is_multipart and given.get("boundary") else b""


class _Parts:
    """A stream that ends the reading of a body with too many parts, whatever these are: each costs the parser alike."""

    def __init__(self, stream: Any, boundary: bytes) -> None:
        self.stream, self.boundary, self.count, self.rest = stream, boundary, 0, b""

    def read(self, *args: Any) -> bytes:
        data = bytes(self.stream.read(*args))
        seen = self.rest + data
        self.count += seen.count(self.boundary)
        # What may be the beginning of one that ends in the next piece.
        self.rest = seen[-(len(self.boundary) - 1) :]
        if self.count > MOST_PARTS:
            raise TooManyFilesSent("more parts than any form has")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
