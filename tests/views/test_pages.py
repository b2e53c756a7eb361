"""Whatever breaks: what somebody typed is shown to be copied."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from ideas.services import drafts
from tests import factories

ROOT = Path(__file__).parents[2]
WORDS = {
    "title": "路灯 <script>alert(1)</script>",
    "problem": "晚上很黑。\n老人 </textarea> 摔倒。",
    "proposal": "装两盏灯 & 画线。",
    "place": '公交站旁 "甲"',
}
ESCAPED = [
    "路灯 &lt;script&gt;alert(1)&lt;/script&gt;",
    "晚上很黑。\n老人 &lt;/textarea&gt; 摔倒。",
    "装两盏灯 &amp; 画线。",
    "公交站旁 &quot;甲&quot;",
]
CONTACT = {"name": "林小满", "phone": "0592-6060000", "email": "resident@example.com", "net_name": "海边的风"}


@pytest.fixture
def form(campaign):
    return f"/campaigns/{campaign.slug}/submit/"


@pytest.fixture
def data():
    key = "00000000-0000-4000-8000-000000000001"
    return {**factories.form_data(form_key=key), **WORDS, **CONTACT}


def broken_by(error):
    def save_draft(*_args, **_answers):
        raise error

    return save_draft


def csrf(form, data, monkeypatch):
    return Client(enforce_csrf_checks=True).post(form, data)


def error(form, data, monkeypatch):
    monkeypatch.setattr(drafts, "keep_draft", broken_by(RuntimeError()))
    return Client(raise_request_exception=False).post(form, data)


def away(form, data, monkeypatch):
    monkeypatch.setattr(drafts, "keep_draft", broken_by(OperationalError()))
    return Client(raise_request_exception=False).post(form, data)


FAILURES = {403: csrf, 500: error, 503: away}


@pytest.fixture(params=FAILURES)
def failed(request, form, data, monkeypatch, during):
    """The body of the page that answers a post that failed with each of the statuses."""
    answer = FAILURES[request.param](form, data, monkeypatch)
    assert answer.status_code == request.param
    return answer.content.decode()


@pytest.mark.django_db
def test_what_was_typed_is_shown_and_is_no_markup(failed):
    boxes = [box.partition(">")[2].partition("</textarea>")[0].strip() for box in failed.split("<textarea")[1:]]
    assert boxes == ESCAPED


@pytest.mark.django_db
def test_contact_data_are_not_shown(failed):
    shown = re.sub(r'<input type="hidden"[^>]*>', "", failed)
    assert [value for value in CONTACT.values() if value in shown] == []


@pytest.mark.django_db
def test_the_buttons_in_the_head_lead_back_to_the_form_with_everything(client, failed, form, monkeypatch):
    """Large letters on the page of a failed post: nothing of what was typed goes, the contact neither."""
    own = failed.split('id="kept-form"')[1].split("</form>")[0]
    monkeypatch.undo()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', own)
    boxes = re.findall(r'<textarea class="copy" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', own)
    carried = {name: html.unescape(text) for name, text in [*hidden, *boxes]}
    answer = client.post(form, {**carried, "elder": "on"})
    given = {name: answer.context["form"][name].value() for name in (*WORDS, *CONTACT)}
    assert given == {**WORDS, **CONTACT}


@pytest.mark.django_db
def test_nothing_is_shown_where_nothing_was_typed(form, monkeypatch, during):
    monkeypatch.setattr("ideas.queries.access.public_campaigns", broken_by(RuntimeError()))
    assert "<textarea" not in Client(raise_request_exception=False).get(form).content.decode()


@pytest.mark.django_db
def test_a_body_that_cannot_be_read_is_no_second_error(form, settings, during):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = Client(raise_request_exception=False).post(form, "title=" + "a" * 200, "application/x-www-form-urlencoded")
    assert (answer.status_code, "<textarea" in answer.content.decode()) == (413, False)


AWAY = """
import django, json, sys
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, HTTP_HOST="localhost")
answer = client.post("/campaigns/any/submit/", json.loads(sys.argv[1]))
print(json.dumps([answer.status_code, answer.headers.get("Retry-After"), answer.content.decode()]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgres://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.sqlite3"])
def test_the_page_stands_while_the_database_is_really_away(data, database):
    """In a process of its own whose database does not answer."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database}
    run = [sys.executable, "-c", AWAY, json.dumps(data)]
    done = subprocess.run(run, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    status, retry, body = json.loads(done.stdout)
    assert (status, retry, [words for words in ESCAPED if words not in body]) == (503, "120", [])


def test_browsers_find_an_icon_where_a_page_names_none(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/ideas/icon.svg")


@pytest.mark.django_db
def test_only_public_pages_print_their_address(client, campaign, manager, during):
    public = reverse("campaign", args=[campaign.slug])
    assert f"{public}</p>" in client.get(public).content.decode()
    client.force_login(manager)
    pages = [reverse("password"), reverse("desk"), "/no/such/page/"]
    assert ["print-only" in client.get(page, follow=True).content.decode() for page in pages] == [False] * 3
