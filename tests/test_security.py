"""What every answer promises the browser, and what an operator is promised of the settings."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from ideas.choices import Role
from ideas.models import Photo
from portal.middleware import client_address
from portal.urls import patterns
from tests import clock, factories

ROOT = Path(__file__).parent.parent
KEY = "k1:" + "A" * 43 + "="


def run(code="", *command, **env):
    """Run manage.py or a piece of Python under settings of its own."""
    argv = [sys.executable, "-c", code] if code else [sys.executable, "manage.py", *command]
    fixed = {"PORTAL_ENV_FILE": "", "SECRET_KEY": "s" * 60 + "-_0aZ9", "IDEAS_KEYS": KEY, "PATH": os.environ["PATH"]}
    return subprocess.run(argv, cwd=ROOT, env={**fixed, **env}, capture_output=True, text=True, check=False)


@pytest.fixture
def story(db, moderator, managers):
    return factories.released_campaign(moderator, managers)


@pytest.mark.parametrize("path", ["/", "/track/", "/privacy/", "/login/", "/nope/", "/healthz"])
def test_every_page_has_a_strict_policy(client, db, path):
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_admin_has_the_same_policy(client, manager):
    client.force_login(manager)
    assert (
        client.get("/admin/").headers["Content-Security-Policy"] == client.get("/").headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize("folder", ["templates", "ideas/templates"])
def test_no_template_holds_inline_script_or_style(folder):
    found = [
        path.name
        for path in (ROOT / folder).rglob("*.html")
        if any(
            word in path.read_text(encoding="utf-8") for word in ("<script>", "style=", "onclick", "<style", "//cdn")
        )
    ]
    assert found == []


def test_pages_that_only_read_set_no_cookie(client, story):
    with clock.at(clock.LATER):
        winner = story.ideas.filter(shortlist_entry__isnull=False).first()
        paths = ["/", f"/campaigns/{story.slug}/", f"/campaigns/{story.slug}/winners/", "/privacy/", "/accessibility/"]
        paths += [f"/campaigns/{story.slug}/winners/{winner.receipt}/", "/nope/"]
        for path in paths:
            client.get(path)
    assert dict(client.cookies) == {}


def test_nothing_is_cached_by_others(client, db):
    assert "private" in client.get("/").headers["Cache-Control"]


def test_forms_want_a_token(db, campaign):
    with clock.at(clock.DURING):
        answer = Client(enforce_csrf_checks=True).post("/track/", {"receipt": "x", "code": "y"})
    assert (answer.status_code, "Cookie" in answer.content.decode()) == (403, True)


def test_production_settings_pass_djangos_own_check():
    answer = run(
        "", "check", "--deploy", "--fail-level", "WARNING", HTTPS="on", IDEAS_SITE_URL="https://ideas.example.gov.cn"
    )
    assert (answer.returncode, "no issues" in answer.stdout + answer.stderr) == (0, True), answer.stderr


def test_with_https_cookies_carry_the_host_prefix_and_are_secure():
    code = (
        "import django, json; django.setup()\n"
        "from django.conf import settings as s\n"
        "print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.DRAFT_COOKIE_NAME,"
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0]))"
    )
    answer = run(
        code, HTTPS="on", DJANGO_SETTINGS_MODULE="portal.settings", IDEAS_SITE_URL="https://ideas.example.gov.cn"
    )
    names = ["__Host-session", "__Host-csrf", "__Host-language", "__Host-draft"]
    assert json.loads(answer.stdout) == [*names, True, True, True, True]


@pytest.mark.parametrize("keys", ["", "k1:short", "nonsense"])
def test_a_portal_without_good_keys_says_so(keys):
    answer = run("", "check", IDEAS_KEYS=keys)
    assert (answer.returncode, "IDEAS_KEYS" in answer.stderr) == (1, True)


def test_a_portal_without_a_secret_says_so():
    answer = run("import os; del os.environ['SECRET_KEY']; import portal.settings")
    assert "SECRET_KEY" in answer.stderr


def test_desks_decide_what_a_process_answers():
    names = {
        desks: {getattr(pattern, "name", None) or "admin" for pattern in patterns(desks)}
        for desks in ("public", "staff", "both")
    }
    assert names["public"] & {"admin", "login", "panel", "rate"} == set()
    assert names["staff"] & {"home", "submit", "track", "winners"} == set()
    assert names["public"] | names["staff"] == names["both"]


@pytest.mark.parametrize(
    ("desks", "path", "status"),
    [
        ("public", "/", 200),
        ("public", "/admin/", 404),
        ("public", "/login/", 404),
        ("staff", "/", 404),
        ("staff", "/login/", 200),
    ],
)
def test_the_rest_is_404(client, db, settings, desks, path, status):
    settings.IDEAS_DESKS = desks
    module = SimpleNamespace(
        urlpatterns=patterns(desks),
        handler404="ideas.views.pages.not_found",
        handler500="ideas.views.pages.server_error",
    )
    settings.ROOT_URLCONF = tuple_of(module)
    assert client.get(path).status_code == status


def test_photos_are_seen_where_only_the_staffs_addresses_are_answered(client, settings, campaign, moderator):
    photo = Photo.objects.create(idea=factories.make_idea(campaign), added_at=clock.DURING, width=3, height=2, size=1)
    settings.ROOT_URLCONF = tuple_of(SimpleNamespace(urlpatterns=patterns("staff")))
    client.force_login(moderator)
    page = client.get(reverse("admin:ideas_idea_change", args=[photo.idea_id]))
    assert reverse("photo-thumb", args=[photo.key]) in page.content.decode()


def tuple_of(module):
    """A module that Django can import by name."""
    sys.modules["tests.urls_for_desks"] = module
    return "tests.urls_for_desks"


def request(remote, forwarded):
    return SimpleNamespace(META={"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded})


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger may write what he likes
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # only what our proxy added is believed
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", ""),
    ],
)
def test_forwarded_addresses_are_believed_from_our_proxy_only(settings, remote, forwarded, address):
    settings.TRUSTED_PROXY = ["10.0.0.0/24"]
    assert client_address(request(remote, forwarded)) == address


def test_https_is_believed_from_our_proxy_only(client, db, settings):
    settings.TRUSTED_PROXY = ["10.0.0.1"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    secure = {
        remote: client.get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_PROTO="https").wsgi_request.is_secure()
        for remote in ("10.0.0.1", "203.0.113.9")
    }
    assert secure == {"10.0.0.1": True, "203.0.113.9": False}


def test_ten_wrong_passwords_lock_the_name_at_that_address_only(client, db):
    user = factories.make_user(Role.MODERATOR)
    user.set_password("right-password")
    user.save()
    for _ in range(10):
        client.post("/login/", {"username": user.username, "password": "wrong"})
    right = {"username": user.username, "password": "right-password"}
    assert client.post("/login/", right).status_code == 429
    assert client.post("/login/", right, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_a_database_that_is_away_is_told_in_plain_words(client, db, monkeypatch):
    from django.db import OperationalError

    from ideas.queries import access

    def away(_at):
        raise OperationalError("could not connect to 10.0.0.5")

    monkeypatch.setattr(access, "public_campaigns", away)
    client.raise_request_exception = False
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"], "10.0.0.5" in answer.content.decode()) == (
        503,
        "120",
        False,
    )


def test_an_unknown_host_is_refused_without_a_fuss(client, db):
    client.raise_request_exception = False
    assert client.get("/", HTTP_HOST="evil.example").status_code == 400


def test_an_error_on_our_side_is_told_in_plain_words(client, db, monkeypatch):
    from ideas.queries import access

    def broken(_at):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(access, "public_campaigns", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert (answer.status_code, "secret detail" in answer.content.decode()) == (500, False)
    assert "0592-000-0000" in answer.content.decode()


def test_the_log_holds_no_keys():
    """The private link carries the key of a form, and Django logs the address of every failed request."""
    key = "0f6b1c52-9d0e-4c1f-8a52-6f0a3c1d2e3f"
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Gone: %s", (f"/x/resume/{key}/",), None)
    handler = next(handler for handler in logging.getLogger().handlers if handler.filters)
    assert handler.filter(record)
    assert record.getMessage() == "Gone: /x/resume/…/"
