"""Whatever is posted to whichever form: the work grows with the text, not with its square.

Every form that somebody can reach is sent back with as much text as its address takes (`portal/bodies.py: TEXT`, 1 MiB;
forms with photos or a table take more, but their files are bounded and measured elsewhere).
"""

from collections import Counter
from functools import partial
from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urljoin, urlsplit
from uuid import uuid4

import pytest
from django.urls import Resolver404, resolve, reverse

from ideas.choices import DeclineReason, Role
from ideas.services import screening
from portal import bodies
from tests import clock, factories
from tests.cost import is_out_of_proportion
from tests.rules.test_cost import PIECES

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
FORM = "application/x-www-form-urlencoded"
NOISE = 0.5  # seconds of processor time below which nothing is compared
TYPED = {"text", "search", "email", "tel", "url", "password", "number", "date", "time"}
PAGES_OF_A_VIEW = 2
SIZES = bodies.TEXT - 100, (bodies.TEXT - 100) // 4
# What must have been reached, so that a walk that finds nothing does not pass.
STAFF = {
    "admin:ideas_campaign_change", "admin:ideas_campaign_panel", "admin:ideas_campaign_paper_sheet",
    "admin:ideas_idea_contact", "admin:ideas_idea_decide", "admin:ideas_idea_published", "admin:ideas_idea_triage",
    "admin:ideas_shortlist_exchange", "admin:ideas_reply_add", "admin:ideas_wordlist_add", "entry-new", "password",
    "rate", "recuse",
}  # fmt: skip
RESIDENTS = {"submit", "similar", "track", "track-lost", "track-amend", "track-answer", "track-review", "login"}


class Page(HTMLParser):
    """Where its links lead, and its forms: (address, {field: value}, names of the fields that somebody types into)."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address, self.links, self.forms = address, [], []
        self.open: tuple[str, dict[str, str], list[str]] | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.address, given["href"]))
        elif tag == "form" and given.get("method", "").lower() == "post":
            self.open = (urlsplit(urljoin(self.address, given.get("action") or self.address)).path, {}, [])
        elif self.open and given.get("name"):
            _address, fields, typed = self.open
            if tag == "textarea" or (tag == "input" and given.get("type", "text") in TYPED):
                typed.append(given["name"])
            elif tag in ("input", "button") and given.get("type") != "file":
                fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form" and self.open:
            self.forms.append(self.open)
            self.open = None


def walk(client, starts):
    """Every page that links lead to, a few of each kind."""
    waiting, seen, kinds = list(starts), set(), Counter()
    while waiting:
        address = urlsplit(waiting.pop(0))._replace(fragment="").geturl()
        try:
            name = resolve(urlsplit(address).path).view_name
        except Resolver404:
            continue
        if address in seen or kinds[name] >= PAGES_OF_A_VIEW or "logout" in name:
            continue
        seen.add(address)
        answer = client.get(address)
        if answer.status_code == 200 and "html" in answer["Content-Type"] and not answer.streaming:
            kinds[name] += 1
            page = Page(address, answer.content.decode())
            yield page
            waiting += [link for link in page.links if urlsplit(link).netloc in ("", "testserver")]


def forms_of(client, starts):
    """One form of each kind: by its address's name, the act at the end of the address and its fields."""
    found = {}
    for page in walk(client, starts):
        for address, fields, typed in page.forms:
            act = address.rstrip("/").rsplit("/", 1)[-1]
            key = resolve(address).view_name, act if act.isalpha() else "", tuple(typed)
            if typed:
                found.setdefault(key, (address, fields, typed))
    return found


def body(fields, typed, size, turn):
    """So many bytes, the fields full of what was slow somewhere, another piece in each."""
    room = size - len(urlencode(fields)) - sum(len(name) + 2 for name in typed)
    pieces = {name: PIECES[(number * 7 + turn) % len(PIECES)] for number, name in enumerate(typed)}
    texts = {name: piece * (room // len(typed) // len(quote(piece))) for name, piece in pieces.items()}
    return urlencode(fields | texts).encode()


def post(client, address, data):
    """413 would mean that nothing is measured."""
    answer = client.post(address, data, FORM)
    assert answer.status_code in (200, 302, 403, 409, 422, 429), (address, answer.status_code)


def too_slow(client, forms):
    """Kinds of forms for which four times the text takes more than eight times the time."""
    slow = []
    for turn, (key, (address, fields, typed)) in enumerate(sorted(forms.items())):
        large, small = (partial(post, client, address, body(fields, typed, size, turn)) for size in SIZES)
        if is_out_of_proportion(large, small, noise=NOISE):
            slow.append(key)
    return slow


def test_the_work_for_a_form_of_staff_grows_with_its_text(client, story):
    desks = [
        (Role.MANAGER, clock.DURING, ["admin:index", "entry", "password"]),
        (Role.CLERK, clock.DURING, ["entry"]),
        (Role.PANELLIST, clock.RATING, ["panel"]),
    ]
    forms = {}
    for role, at, starts in desks:
        client.force_login(story["people"][role.value])
        with clock.at(at):
            mine = {key: form for key, form in forms_of(client, map(reverse, starts)).items() if key not in forms}
            assert too_slow(client, mine) == []
            forms |= mine
    assert {name for name, _act, _typed in forms} >= STAFF


def tracked(client, campaign, moderator):
    """Ideas of a resident in every state in which there is something to write, the last one open; their pages."""
    waiting, asked, declined = (factories.receive(campaign) for _ in range(3))
    screening.return_idea(idea=asked.idea, moderator=moderator, at=clock.DURING, question="哪里？")
    reason = {"declined_as": DeclineReason.OUTSIDE_AREA, "reason": "此处属于同安区。"}
    screening.decline_idea(idea=declined.idea, moderator=moderator, at=clock.DURING, **reason)
    for sent, acts in (
        (waiting, ("amend", "withdraw", "naming", "erase")),
        (asked, ("answer",)),
        (declined, ("review",)),
    ):
        client.post(reverse("track"), {"receipt": sent.idea.receipt, "code": sent.code})
        yield from (reverse("track"), *(reverse(f"track-{act}") for act in acts))


def test_the_work_for_a_form_of_residents_grows_with_its_text(client, campaign, moderator):
    with clock.at(clock.DURING):
        form = reverse("submit", args=[campaign.slug])
        alike = reverse("similar", args=[campaign.slug])
        forms = forms_of(client, [reverse("home"), form])
        forms |= {("similar", "", ()): (alike, {}, ["title", "problem", "proposal"])}
        client.post(form, factories.form_data(form_key=str(uuid4())))
        forms |= forms_of(client, [reverse("check", args=[campaign.slug])])
        assert too_slow(client, forms) == []
        for start in tracked(client, campaign, moderator):
            mine = {key: form for key, form in forms_of(client, [start]).items() if key not in forms}
            assert too_slow(client, mine) == []
            forms |= mine
    assert {name for name, _act, _typed in forms} >= RESIDENTS
