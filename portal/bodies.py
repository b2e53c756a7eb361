"""How much a request may bring, by the kind of its address; asked before anything of it is read.

What fits into the fields of a form always goes through, photos included; docs/operations.md states the limits.
"""

from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
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
WITH_PHOTOS = (
    *("submit", "add-photos", "entry-new", "unit-act", "unit-photos", "unit-milestones"),
    *("admin:ideas_referral_photos", "admin:ideas_referral_milestones"),
)
WITH_FILE = {"admin:ideas_idea_import": TABLE, "admin:ideas_shortlist_scan": SCAN}
MOST_PARTS = 2000  # fields and files together; the largest public form has some hundred
MOST_FIELDS = 1000  # of a body without files; staff forms with many rows: DATA_UPLOAD_MAX_NUMBER_FIELDS
AMPERSAND = b"&"
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


def most_parts(match: ResolverMatch | None, *, with_files: bool) -> int:
    """Fields, or fields and files, of one body to one address."""
    if match and "admin" in match.namespaces:
        return int(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    return MOST_PARTS if with_files else MOST_FIELDS


def bound_body(request: HttpRequest) -> None:
    """On arrival: no more parts of a body are read than a form has; nothing (`is_unread`) of what is larger than a form
    of this address can hold, or sent to an address that does not exist."""
    announced = _announced(request)
    if not announced:
        return
    match = _match(request)
    request.is_unread = match is None or announced > largest_body(match)  # type: ignore[attr-defined]
    between = _between(request)
    if between:
        most = most_parts(match, with_files=between != AMPERSAND)
        request._stream = cast(BinaryIO, _Parts(request._stream, between, most))


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


def _between(request: HttpRequest) -> bytes:
    """What stands between the parts of a form's body; empty for another one."""
    if request.content_type == "application/x-www-form-urlencoded":
        return AMPERSAND
    given = request.content_params or {}
    is_multipart = request.content_type == "multipart/form-data"
    return b"--" + given["boundary"].encode("ascii", "replace") if is_multipart and given.get("boundary") else b""


class _Parts:
    """A stream that ends the reading of a body with too many parts, whatever these are: each costs the parser alike."""

    def __init__(self, stream: Any, between: bytes, most: int) -> None:
        self.stream, self.between, self.most, self.rest = stream, between, most, b""
        self.count = int(between == AMPERSAND)  # stands between fields, a boundary before each part

    def read(self, *args: Any) -> bytes:
        data = bytes(self.stream.read(*args))
        seen = self.rest + data
        self.count += seen.count(self.between)
        # What may be the beginning of one that ends in the next piece.
        self.rest = seen[max(0, len(seen) - len(self.between) + 1) :]
        if self.count > self.most:
            is_plain = self.between == AMPERSAND
            raise (TooManyFieldsSent if is_plain else TooManyFilesSent)("more parts than any form has")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
