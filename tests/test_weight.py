"""What a page weighs on the wire, with all that it needs, as gunicorn and whitenoise serve it; `-s` shows a table."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from bench import start
from bench.client import Browser, fill_in, send_idea
from bench.serve import ANSWERS
from tests.databases import copy_file

pytestmark = pytest.mark.xdist_group("weight")

KB = 1024
# The longest list that a campaign can show: every valid idea has a published text.
SHOW_IDEAS = """
from django.db.models import F
Campaign.objects.update(show_ideas=True)
Idea.objects.filter(published_title="").update(published_title=F("title"), published_text=F("problem"))
"""
READ_ALOUD = 2.5  # KB of script that elder mode adds to each page: 2 and the headers


@dataclass(frozen=True)
class Budget:
    """In KB (1,024 bytes): the whole page, and its script; and how many requests without script."""

    whole: int
    script: float = 0
    requests: int = 4


FORM, SHORT, READ = Budget(16, script=5), Budget(16), Budget(25)
BUDGETS = {
    "form": FORM, "check": SHORT, "receipt": SHORT, "look-up": SHORT, "tracking": SHORT, "home": READ,
    "campaign": READ, "list": Budget(30), "winners": Budget(60),
}  # fmt: skip


class Parts(HTMLParser):
    """The addresses that a browser asks for at once to show a page: {address: kind}."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and {"stylesheet", "icon", "preload"} & set((given.get("rel") or "").split()):
            self._add(given.get("href"), "style")
        elif tag == "script":
            self._add(given.get("src"), "script")
        elif tag == "img" and given.get("loading") != "lazy":
            self._add(given.get("src"), "picture")

    def _add(self, address: str | None, kind: str) -> None:
        if address and not address.startswith("data:"):
            self.found[address] = kind


@dataclass(frozen=True)
class Weight:
    """Bytes over the wire, headers and all: the page itself, everything, its script; and requests without script."""

    page: int
    whole: int
    script: int
    requests: int


def weigh(browser: Browser, path: str) -> Weight:
    page, own = browser.get_weighed(path)
    parts = [(kind, browser.get_weighed(address)[1]) for address, kind in Parts(page).found.items()]
    script = sum(weight for kind, weight in parts if kind == "script")
    requests = 1 + sum(kind != "script" for kind, _weight in parts)
    return Weight(own, own + sum(weight for _kind, weight in parts), script, requests)


@dataclass(frozen=True)
class Portal:
    port: int
    published: str
    collecting: str


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("weight")
    env = start.environment(folder)
    copy_file(folder / "portal.sqlite3")
    start.prepare(env)
    published = start.seed(env, "--ideas=340", "--stage=published")
    collecting = start.seed(env, "--ideas=40", "--stage=collecting")
    start.run(env, "manage.py", "shell", "-v0", "-c", SHOW_IDEAS)
    with start.server("portal.wsgi", env) as port:
        yield Portal(port, published, collecting)


@pytest.fixture(scope="module")
def weights(portal) -> dict[tuple[str, str], Weight]:
    """Every page of BUDGETS in both languages and in elder mode, by name and look."""
    looks = {"zh": {}, "en": {"language": "en"}, "elder": {"elder": "on"}}
    found = {}
    for look, cookies in looks.items():
        with closing(Browser(portal.port, cookies)) as browser:
            found |= {(name, look): weight for name, weight in pages(browser, portal)}
    print("\n\npage               whole   script  requests  (KB over the wire)")
    for (name, look), weight in found.items():
        print(f"{name:10} {look:6} {weight.whole / KB:7.1f} {weight.script / KB:8.1f} {weight.requests:9}")
    return found


def pages(browser: Browser, portal: Portal) -> Iterator[tuple[str, Weight]]:
    home = f"/campaigns/{portal.collecting}/"
    form = f"{home}submit/"
    for name, path in {"home": "/", "campaign": home, "form": form, "look-up": "/track/"}.items():
        yield name, weigh(browser, path)
    yield "list", weigh(browser, f"/campaigns/{portal.published}/ideas/")
    yield "winners", weigh(browser, f"/campaigns/{portal.published}/winners/")
    yield from sending(browser, form)


def sending(browser: Browser, form: str) -> Iterator[tuple[str, Weight]]:
    topic = _first('name="topic" value="([^"]+)"', browser.get(form))
    check = fill_in(browser, path=form, answers=ANSWERS | {"topic": topic})
    yield "check", weigh(browser, check)
    done = send_idea(browser, check=check)
    yield "receipt", weigh(browser, done)
    shown = browser.get(done)
    pair = {"receipt": _first('id="receipt">([^<]+)<', shown), "code": _first('id="query-code">([^<]+)<', shown)}
    token = _first('name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/track/"))
    browser.post("/track/", {**pair, "csrfmiddlewaretoken": token})
    yield "tracking", weigh(browser, "/track/")


def _first(pattern: str, page: bytes) -> str:
    found = re.search(pattern, page.decode())
    assert found, pattern
    return found[1]


@pytest.mark.parametrize("look", ["zh", "en", "elder"])
@pytest.mark.parametrize("name", BUDGETS)
def test_a_page_keeps_its_budget(weights, name, look):
    budget, weight = BUDGETS[name], weights[name, look]
    script = budget.script + (READ_ALOUD if look == "elder" else 0)
    assert weight.page > KB  # it was a page
    assert (weight.whole - weight.script) / KB <= budget.whole
    assert weight.script / KB <= script
    assert weight.requests <= budget.requests
