"""Public pages are rendered once a second, however many ask: the others get the finished answer, already compressed.

On the day of release everybody opens one page, and it is the same for everybody. A view says so (`for_everybody`); its
answer is kept in this process under whatever it depends on. Who has a session or a message, or posts, is not answered
from here. An answer is used up
- after IDEAS_PAGE_SECONDS; then one request renders the page anew and the others get the last one meanwhile,
- at the next moment of any campaign (announced, open, closed, released): nothing appears late or early,
- in any case after ten seconds, so that what was taken down is gone; only where it cannot be rendered at all (the
  database is away) the last good one is given for a minute.
docs/decisions/0037-finished-pages.md says why this is not the framework's cache.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import parse_etags

from ideas import conf
from ideas.queries.campaigns import next_moment
from ideas.views.privacy import ASKED, MARK, letters_of
from portal.languages import asked_language, query_of_everybody

KEPT_BYTES = 16 * 2**20  # of all answers of a process, packed and unpacked
LARGEST = 2**20  # a longer page is rendered for each
LONGEST = 10.0  # seconds
LAST_RESORT = 60.0
PATIENCE = 5.0  # for a page that another request renders and that nobody has yet
LATE = timedelta(seconds=LONGEST)  # a request that lay at a proxy for longer asks for the past
OWN = frozenset({"Content-Length", "Content-Encoding", "ETag", "Cache-Control", "Vary"})  # headers that are given here

GetResponse = Callable[[HttpRequest], HttpResponse]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Finished:
    """An answer for everybody. It was made at `moment` (the rules' clock) and `made` (the process's, in seconds), and
    is right until `until`, if nobody changes anything."""

    body: bytes
    packed: bytes
    etag: str
    headers: dict[str, str]
    moment: datetime
    made: float
    until: datetime | None

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed)

    def is_right(self, at: datetime, seconds: float) -> bool:
        return monotonic() - self.made < seconds and (self.until is None or at < self.until)

    def answer(self, request: HttpRequest) -> HttpResponse:
        told = request.META.get("HTTP_IF_NONE_MATCH")
        if told and (told.strip() == "*" or self.etag in parse_etags(told)):
            response = HttpResponse(status=304)
            del response.headers["Content-Type"]
            for name in ("ETag", "Cache-Control", "Vary"):
                response.headers[name] = self.headers[name]
            return response
        is_packed = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
        body = self.packed if is_packed else self.body
        response = HttpResponse(b"" if request.method == "HEAD" else body, headers=self.headers)
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(body))
        return response


class FinishedPages:
    """The middleware, behind portal.middleware.arrive and before all that costs time."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._kept: OrderedDict[Key, Finished] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        self._making: dict[Key, Lock] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seconds = conf.page_seconds()
        query = _query_of(request) if seconds else None
        if query is None:
            return self.get_response(request)
        at: datetime = request.at  # type: ignore[attr-defined]
        key = _key(request, query)
        last = self._kept.get(key)
        if last is not None:
            if at < last.moment - LATE:
                return self.get_response(request)
            if last.is_right(at, seconds):
                return last.answer(request)
        making = self._making.setdefault(key, Lock())
        is_first = making.acquire(blocking=False)
        if not is_first:
            if last is not None and last.is_right(at, LONGEST):
                return last.answer(request)
            is_first = making.acquire(timeout=PATIENCE)
        try:
            made = self._kept.get(key)  # by whoever was first, meanwhile
            if made is not None and made is not last and made.is_right(at, LONGEST):
                return made.answer(request)
            return self._make(request, key, query, last)
        finally:
            self._making.pop(key, None)
            if is_first:
                making.release()

    def _make(self, request: HttpRequest, key: Key, query: dict[str, str], last: Finished | None) -> HttpResponse:
        response = self._rendered(request, query)
        if response.status_code >= 500 and last is not None and monotonic() - last.made < LAST_RESORT:
            return last.answer(request)
        finished = _finish(response, request.at)  # type: ignore[attr-defined]
        self._keep(key, finished)
        return finished.answer(request) if finished else response

    def _rendered(self, request: HttpRequest, query: dict[str, str]) -> HttpResponse:
        """The page as a reader would get it who has nothing but a language and letters; not compressed yet."""
        meta, method, cookies = request.META, request.method, request.COOKIES
        chosen = (settings.LANGUAGE_COOKIE_NAME, settings.ELDER_COOKIE_NAME)
        bare = {name: value for name, value in meta.items() if name not in ("HTTP_ACCEPT_ENCODING", "HTTP_COOKIE")}
        known = QueryDict(mutable=True)
        known.update(query)
        request.META = {**bare, "QUERY_STRING": known.urlencode()}
        request.GET = known  # type: ignore[assignment]
        request.COOKIES = {name: cookies[name] for name in chosen if name in cookies}
        request.method = "GET"
        try:
            return self.get_response(request)
        finally:
            request.META, request.method, request.COOKIES = meta, method, cookies

    def _keep(self, key: Key, finished: Finished | None) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._size -= old.size if old else 0
            if finished is not None:
                self._kept[key] = finished
                self._size += finished.size
            while self._size > KEPT_BYTES:
                _key, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size


def _query_of(request: HttpRequest) -> dict[str, str] | None:
    """What the page takes of the request's query; None where the answer is not for everybody."""
    if request.method not in ("GET", "HEAD"):
        return None
    names = query_of_everybody(request.path_info)
    if names is None or (request.COOKIES.keys() & {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name}):
        return None
    if not request.META.get("QUERY_STRING"):
        return {}
    given = request.GET
    if MARK in given:
        return None
    asked = asked_language(request)
    return {name: given[name] for name in names if name in given} | ({ASKED: asked} if asked else {})


def _key(request: HttpRequest, query: dict[str, str]) -> Key:
    language = "" if ASKED in query else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return (
        request.path_info,
        str(request.scheme),
        request.META.get("HTTP_HOST", ""),
        language if language in dict(settings.LANGUAGES) else "",
        letters_of(request),
        *(text for pair in query.items() for text in pair),
    )


def _finish(response: HttpResponse, at: datetime) -> Finished | None:
    """The answer to be kept, or None where it is not to be: anything but a whole page without a cookie."""
    if response.status_code != 200 or response.streaming or response.cookies or len(response.content) > LARGEST:
        return None
    try:
        until = next_moment(at)
    except DatabaseError:
        return None
    body = response.content
    headers = {name: value for name, value in response.items() if name not in OWN}
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    # Browsers ask each time, as for every page of ours; a proxy of the office may keep it as long as we do.
    lasts = f"public, max-age=0, s-maxage={max(1, round(conf.page_seconds()))}, must-revalidate"
    headers |= {"ETag": etag, "Cache-Control": lasts, "Vary": "Accept-Encoding, Cookie"}
    return Finished(body, gzip.compress(body, 6, mtime=0), etag, headers, at, monotonic(), until)
