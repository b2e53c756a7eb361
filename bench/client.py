"""The clients of serve.py: each is a process of its own that does one visit after the other for a slice of time.

A visit is one request of a page, or everything that one submission takes. It counts only if every answer had the
expected status and, for submissions, led to the expected next page.
"""

import gzip
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPMessage
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from urllib.parse import urlencode, urlsplit

HOST = "127.0.0.1"
WAIT_SECONDS = 30
# A browser asks for compressed pages.
HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "bench"}


class Unexpected(Exception):
    """An answer that a visit must not count."""


class Browser:
    """One person's browser: a connection that is kept, and cookies."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=WAIT_SECONDS)
        self._cookies = {**(cookies or {})}
        self.is_new = True

    def get(self, path: str) -> bytes:
        return self.get_weighed(path)[0]

    def get_weighed(self, path: str) -> tuple[bytes, int]:
        """The unpacked body, and how many bytes came over the wire: headers and what was sent of the body."""
        headers, body = self._ask("GET", path, 200)
        weight = len("HTTP/1.1 200 OK\r\n") + len(headers.as_bytes()) + len(body)
        return gzip.decompress(body) if headers["Content-Encoding"] == "gzip" else body, weight

    def get_unread(self, path: str) -> None:
        """The page as it came over the wire: unpacking it would be the client's work, not the server's."""
        self._ask("GET", path, 200)

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Post a form that is to be answered by a redirect; gives where it leads."""
        headers, _body = self._ask("POST", path, 302, urlencode(fields))
        return urlsplit(headers["Location"]).path

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, expected: int, body: str | None = None) -> tuple[HTTPMessage, bytes]:
        headers = dict(HEADERS)
        if self._cookies:
            headers["Cookie"] = self.cookie
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self.is_new = False
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status != expected:
            raise Unexpected(f"{method} {path}: {answer.status} instead of {expected}")
        return answer.headers, content


Visit = Callable[[Browser], float | None]  # a visit may tell how many seconds of it count


def read_page(browser: Browser, *, path: str, look: Callable[[bytes], bool]) -> None:
    """One request; the first body of every connection is looked at."""
    if not browser.is_new:
        browser.get_unread(path)
    elif not look(browser.get(path)):
        raise Unexpected(f"GET {path}: not the page that is measured")


def read_winners(browser: Browser, *, path: str, count: int) -> None:
    """The winners page, which must link to so many different winners."""
    read_page(browser, path=path, look=partial(_links_to, path=path, count=count))


def _links_to(page: bytes, *, path: str, count: int) -> bool:
    return len(set(re.findall(rb'href="(?:%s)?([A-Z]+[0-9]{2}-\w+)/"' % path.encode(), page))) == count


def submit_idea(browser: Browser, *, path: str, answers: dict[str, str]) -> None:
    """Form, check your answers, receipt: four requests, up to the redirect that says that the idea is in."""
    send_idea(browser, check=fill_in(browser, path=path, answers=answers))


def fill_in(browser: Browser, *, path: str, answers: dict[str, str]) -> str:
    """The form; gives the address of the check page."""
    check = browser.post(path, answers | hidden_fields(browser.get(path)))
    if check != f"{path}check/":
        raise Unexpected(f"the form led to {check}")
    return check


def send_idea(browser: Browser, *, check: str) -> str:
    """The check page; gives the address of the receipt."""
    done = browser.post(check, hidden_fields(browser.get(check)))
    if not done.endswith("/done/"):
        raise Unexpected(f"the check page led to {done}")
    return done


def submit_entry(browser: Browser, *, path: str, answers: dict[str, str]) -> None:
    """The bare form: two requests."""
    browser.get(path)
    browser.post(path, answers)


def hidden_fields(page: bytes) -> dict[str, str]:
    """The hidden fields of a page: csrf token, form key, and whatever else its form carries."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.decode())
    fields = {name: unescape(value) for name, value in found}
    if not {"csrfmiddlewaretoken", "form_key"} <= fields.keys():
        raise Unexpected("no csrf token or form key on the page")
    return fields


@dataclass(frozen=True)
class Slice:
    """What to do for how long; after `stay` visits another person comes, with a new connection and no cookies."""

    visit: Visit
    port: int
    seconds: float
    stay: int


@dataclass(frozen=True)
class Outcome:
    """What came of one slice, by one client or by all."""

    done: int
    per_second: float
    problems: tuple[str, ...] = ()
    seconds: tuple[float, ...] = ()  # of each visit that told


_start_together: Barrier


def _remember(barrier: Barrier) -> None:
    global _start_together  # noqa: PLW0603 - a pool's process can be given a barrier in no other way
    _start_together = barrier


def _work(task: Slice) -> Outcome:
    done, problems, browser, seconds = 0, [], Browser(task.port), []
    _start_together.wait(WAIT_SECONDS)
    begun = time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < task.seconds:
        if done % task.stay == 0 and not browser.is_new:
            browser.close()
            browser = Browser(task.port)
        try:
            told = task.visit(browser)
            done += 1
            seconds += [told] if told is not None else []
        except (Unexpected, HTTPException, OSError) as error:
            problems.append(f"{type(error).__name__}: {error}")
            browser.close()
            browser = Browser(task.port)
    browser.close()
    return Outcome(done, done / elapsed, tuple(problems), tuple(seconds))


class Clients:
    """A fixed number of client processes that begin every slice at the same moment."""

    def __init__(self, count: int) -> None:
        context = get_context("spawn")
        self._count = count
        self._pool = context.Pool(count, _remember, (context.Barrier(count),))

    def run(self, task: Slice) -> Outcome:
        work = self._pool.map_async(_work, [task] * self._count, chunksize=1)
        parts = work.get(task.seconds + 4 * WAIT_SECONDS)
        problems = tuple(problem for part in parts for problem in part.problems)
        seconds = tuple(told for part in parts for told in part.seconds)
        return Outcome(sum(part.done for part in parts), sum(part.per_second for part in parts), problems, seconds)

    def close(self) -> None:
        self._pool.terminate()
        self._pool.join()
