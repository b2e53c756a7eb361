"""What a page offers is not refused to whom it offers it: every link and button that each role meets, tried."""

from collections import Counter
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.db import transaction
from django.urls import resolve

from ideas.choices import MessageState, Role
from ideas.models import Assignment, Message
from ideas.services.panel import stand_aside
from ideas.services.restricted import restrict_idea
from ideas.services.screening import decline_idea, merge_idea
from portal.addresses import is_staff_address
from tests import clock, factories
from tests.addresses import make_story

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
NOT_TRIED = ("logout", "preferences", "admin:logout", "admin:jsi18n")  # they end the walk, or change its language


class Offers(HTMLParser):
    """Links, and addresses that forms with a button are posted to (Django's read-only pages have forms without one)."""

    def __init__(self, html, page):
        super().__init__()
        self.page, self.links, self.buttons, self.form = page, [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.page, given["href"]))
        if tag == "form" and given.get("method", "").lower() == "post":
            self.form = urljoin(self.page, given.get("action", ""))
        is_button = tag == "button" or (tag == "input" and given.get("type") == "submit")
        if is_button and given.get("type") != "button" and self.form:
            self.buttons.append(urljoin(self.page, given.get("formaction", self.form)))

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = ""


def ours(address):
    parts = urlsplit(address)
    return parts.scheme == "" and parts.path.startswith("/") and not parts.path.startswith("/static/")


def kind(address):
    """Addresses that are answered alike: the same view, asked with the same parameter."""
    parts = urlsplit(address)
    return resolve(parts.path).view_name, tuple(name for name, _value in parse_qsl(parts.query, keep_blank_values=True))


def is_tried(address):
    """Filters of a list can be put together in thousands of ways; each alone will do."""
    name, parameters = kind(address)
    return name not in NOT_TRIED and len(parameters) <= 1


def is_page(answer):
    return not answer.streaming and "text/html" in answer.get("Content-Type", "")


def walk(client, start):
    """{(method, address): status} of everything that can be reached; two addresses of each kind are tried."""
    found, waiting, tried = {}, [start], Counter()
    while waiting:
        page = waiting.pop(0)
        answer = client.get(page)
        found["GET", page] = answer.status_code
        if answer.status_code == 302:
            targets, buttons = [answer.url], []
        elif is_page(answer) and is_staff_address(resolve(urlsplit(page).path)):
            offers = Offers(answer.content.decode(), page)
            targets, buttons = offers.links, offers.buttons
        else:
            continue
        for address in filter(ours, targets):
            one = urlsplit(address)._replace(fragment="").geturl()
            if is_tried(one) and ("GET", one) not in found:
                tried[kind(one)] += 1
                if tried[kind(one)] <= 2 and one not in waiting:
                    waiting.append(one)
        for address in filter(ours, buttons):
            if ("POST", address) in found or not is_tried(address) or tried["POST", kind(address)] >= 2:
                continue
            tried["POST", kind(address)] += 1
            with transaction.atomic():
                found["POST", address] = client.post(address).status_code  # nothing typed: only whether one may
                transaction.set_rollback(True)
    return found


@pytest.fixture
def story(moderator, managers):
    """The story of all addresses, and beside it what else can hang on ideas: a sealed list, a merger, a restriction."""
    told = make_story(moderator, managers[0])
    sealed = factories.rated_campaign(moderator)
    factories.seal(sealed, managers)
    factories.released_campaign(moderator, managers)
    message = told["idea"].messages.first()
    Message.objects.filter(pk=message.pk).update(state=MessageState.DEAD, kept_until=clock.LATER)
    leader, led, declined, hidden = (factories.make_idea(told["open"]) for _ in range(4))
    factories.add_photo(leader)
    factories.add_photo(leader, is_slip=True)
    merge_idea(idea=led, into=leader, moderator=moderator, at=clock.DURING)
    decline_idea(idea=declined, moderator=moderator, at=clock.DURING, declined_as="unclear", reason="写得太笼统。")
    restrict_idea(idea=hidden, staff=moderator, at=clock.DURING, reason="线索")
    aside = Assignment.objects.filter(panellist__campaign=told["open"]).exclude(pk=told["seat"].pk).get()
    stand_aside(assignment=aside, panellist=aside.panellist.user, reason="同事", at=clock.RATING_FROM)
    return told


CASES = [(role, clock.DURING) for role in Role]
CASES += [(Role.PANELLIST, clock.RATING), (Role.MANAGER, clock.LATER), (Role.AUDITOR, clock.LATER)]


@pytest.mark.parametrize(("role", "at"), CASES, ids=lambda value: getattr(value, "value", None) or f"{value:%m-%d}")
def test_nothing_that_is_offered_is_refused(client, story, role, at):
    client.force_login(story["people"][role.value])
    with clock.at(at):
        found = walk(client, "/desk/")
    refused = {offer: status for offer, status in found.items() if status in (403, 404, 405) or status >= 500}
    assert refused == {}
    if role not in (Role.OFFICER, Role.HEAD, Role.PANELLIST):
        assert len(found) > (5 if role == Role.CLERK else 40)
