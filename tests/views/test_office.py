"""The office's telephone stands on every page, error pages too, and the foot says what the operator set and no more."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client

from ideas import urls
from ideas.choices import Role
from ideas.models import Campaign
from ideas.queries import access
from tests import clock, factories

pytestmark = pytest.mark.django_db

PHONE, HOURS = "0592-000-0000", "周一至周五 8:00—12:00"
MARKS = {
    "IDEAS_ORGANISER": "集美区测试办公室",
    "IDEAS_PHONE": PHONE,
    "IDEAS_ICP": "闽ICP备00000000号",
    "IDEAS_POLICE_RECORD": "闽公网安备35020000000000号",
    "IDEAS_SITE_CODE": "3502110000",
}


@pytest.fixture(autouse=True)
def hours(settings):
    settings.IDEAS_PHONE_HOURS = HOURS


@pytest.fixture(scope="module")
def told(people):
    return factories.released_campaign(people.moderator, (people.manager, people.second)).pk


@pytest.fixture
def story(told, db):
    return Campaign.objects.get(pk=told)


def foot(answer) -> str:
    found = re.search(r"<footer.*?</footer>", answer.content.decode(), re.DOTALL)
    return found[0] if found else ""


def names_the_office(answer) -> bool:
    return f'href="tel:{PHONE}"' in foot(answer) and HOURS in foot(answer)


PAGES = {
    "home": "/", "campaign": "/campaigns/{0}/", "submit": "/campaigns/{0}/submit/",
    "check": "/campaigns/{0}/submit/check/", "done": "/campaigns/{0}/submit/done/",
    "winners": "/campaigns/{0}/winners/", "winner": "/campaigns/{0}/winners/{1}/", "track": "/track/",
    "privacy": "/privacy/", "accessibility": "/accessibility/", "track-lost": "/track/lost/",
    "resume": "/campaigns/{0}/submit/resume/00000000-0000-4000-8000-000000000000/",
    **{f"track-{act}": f"/track/{act}/" for act in ("amend", "answer", "review", "withdraw", "naming", "export")},
    "track-reply": "/track/reply/", "track-verdict": "/track/verdict/",
    "track-erase": "/track/erase/", "ideas": "/campaigns/{0}/ideas/",
    "idea": "/campaigns/{0}/ideas/{1}/",
    "certificate": "/certificates/0000-0000-0000-0000/", "record": "/campaigns/{0}/record/",
    "slip": "/campaigns/{0}/slip/", "poster": "/campaigns/{0}/poster/",
    "statistics": "/campaigns/{0}/statistics/", "data": "/campaigns/{0}/data/",
    "notice": "/campaigns/{0}/notice/", "notice-object": "/campaigns/{0}/notice/object/",
}  # fmt: skip
WITHOUT_A_FOOT = {
    "sitemap": "for search engines",
    "sitemap-section": "for search engines",
    "similar": "a fragment for the form's script",
    "add-photos": "a strip for the form's script",
    "record-file": "a file to be checked",
    "record-script": "a program to check it with",
    "data-file": "a file",
    "data-package": "a file that describes the others",
    **dict.fromkeys(("feed", "feed-milestones"), "for readers of feeds"),
    "photo": "a picture",
    "photo-thumb": "a picture",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_page_names_the_office(client, story, name):
    row = factories.make_campaign() if name == "check" else story
    moment = clock.DURING if name == "check" else clock.LATER
    winner = story.ideas.filter(status="awarded").first()
    with clock.at(moment):
        answer = client.get(PAGES[name].format(row.slug, winner.receipt), follow=True)
    assert names_the_office(answer), answer.status_code


def test_every_public_address_is_among_the_pages():
    assert {pattern.name for pattern in urls.public} - PAGES.keys() - WITHOUT_A_FOOT.keys() == set()


def raising(error):
    def broken(*_args):
        raise error

    return broken


def closed(client, monkeypatch):
    row = factories.make_campaign()
    with clock.at(clock.LATER):
        return client.get(f"/campaigns/{row.slug}/submit/")


def forbidden(client, monkeypatch):
    client.force_login(factories.make_user(Role.PANELLIST))
    monkeypatch.setattr(access, "public_campaigns", raising(PermissionDenied()))
    return client.get("/")


def locked(client, monkeypatch):
    for _ in range(11):
        answer = client.post("/login/", {"username": "nobody", "password": "wrong"})
    return answer


def broken(client, monkeypatch):
    monkeypatch.setattr(access, "public_campaigns", raising(RuntimeError()))
    return client.get("/")


def away(client, monkeypatch):
    monkeypatch.setattr(access, "public_campaigns", raising(OperationalError()))
    return client.get("/")


REFUSALS = {
    "400": lambda client, _patch: client.get("/", HTTP_HOST="evil.example"),
    "403": forbidden,
    "403 csrf": lambda client, _patch: Client(enforce_csrf_checks=True).post("/track/", {}),
    "404": lambda client, _patch: client.get("/nowhere/"),
    "405": lambda client, _patch: client.get("/preferences/"),
    "405 photos": lambda client, _patch: client.get("/campaigns/any/submit/photos/"),
    "410": closed,
    "429": locked,
    "500": broken,
    "503": away,
}


@pytest.mark.parametrize("case", REFUSALS)
def test_every_error_page_names_the_office(client, monkeypatch, case):
    client.raise_request_exception = False
    answer = REFUSALS[case](client, monkeypatch)
    assert (f"{answer.status_code}", names_the_office(answer)) == (case.partition(" ")[0], True)


def test_the_foot_shows_all_that_is_set(client, settings):
    for name, value in MARKS.items():
        setattr(settings, name, value)
    shown = foot(client.get("/"))
    assert [value for value in MARKS.values() if value not in shown] == []


@pytest.mark.parametrize("name", MARKS)
def test_the_foot_has_no_line_for_what_is_not_set(client, settings, name):
    for other, value in MARKS.items():
        setattr(settings, other, "" if other == name else value)
    shown = foot(client.get("/"))
    texts = [re.sub(r"<[^>]+>|\s", "", part) for part in re.findall(r"<(?:p|a|span)\b[^>]*>.*?</(?:p|a|span)>", shown)]
    assert (MARKS[name] in shown, [text for text in texts if not text]) == (False, [])


def test_a_foot_without_any_mark_has_no_empty_line(client, settings):
    for name in MARKS:
        setattr(settings, name, "")
    assert re.findall(r"<p[^>]*>\s*</p>", foot(client.get("/"))) == []
