import ast
import html
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as ours
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.utils.module_loading import import_string

from ideas.rules.privacy import NOTICE_VERSION

pytestmark = pytest.mark.django_db


def choose(client, **data):
    return client.post("/preferences/", {"next": "/privacy/", **data})


def test_chinese_is_the_default_whatever_the_browser_prefers(client):
    answer = client.get("/", headers={"Accept-Language": "en"})
    assert (answer.headers["Content-Language"], 'lang="zh-Hans"' in answer.content.decode()) == ("zh-hans", True)


def test_a_chosen_language_stays_and_leads_back(client):
    assert urlsplit(choose(client, language="en").url).path == "/privacy/"
    assert "Privacy notice" in client.get("/privacy/").content.decode()


def test_choosing_the_default_leaves_no_cookie(client):
    choose(client, language="en")
    choose(client, language="zh-hans")
    assert client.cookies["language"].value == ""


def test_an_unknown_language_changes_nothing(client):
    choose(client, language="xx")
    assert "language" not in client.cookies


def test_the_switch_can_be_hidden_and_then_has_no_effect(client, settings):
    settings.IDEAS_LANGUAGE_SWITCH = False
    client.cookies["language"] = "en"
    body = client.get("/").content.decode()
    assert ('lang="zh-Hans"' in body, "English" in body) == (True, False)


def test_large_letters_stay_on(client):
    choose(client, elder="on")
    assert 'class="elder"' in client.get("/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_led_away(client, target):
    led = urlsplit(client.post("/preferences/", {"next": target, "language": "en"}).url)
    assert (led.scheme, led.netloc, led.path) == ("", "", "/")


def test_a_choice_needs_a_post(client):
    assert client.get("/preferences/").status_code == 405


def test_a_step_larger_still_stays_on(client):
    choose(client, elder="max")
    assert 'class="elder max"' in client.get("/").content.decode()


def test_unknown_letters_change_nothing(client):
    choose(client, elder="huge")
    assert "elder" not in client.cookies


@pytest.mark.parametrize(
    ("cookie", "offered"), [("", ["on"]), ("huge", ["on"]), ("on", ["off", "max"]), ("max", ["off", "on"])]
)
def test_the_head_offers_the_other_letters(client, cookie, offered):
    client.cookies["elder"] = cookie
    assert re.findall(r'name="elder" value="(\w+)"', client.get("/").content.decode()) == offered


def test_the_notice_names_the_version_that_consents_name(client):
    choose(client, language="en")
    assert f"Version {NOTICE_VERSION}." in client.get("/privacy/").content.decode()


@pytest.mark.parametrize(("wanted", "told"), [(True, True), (False, False)])
def test_the_notice_tells_of_verified_numbers_where_they_are_asked_for(client, settings, wanted, told):
    settings.IDEAS_VERIFY_PHONE = wanted
    choose(client, language="en")
    assert ("verified by a code" in client.get("/privacy/").content.decode()) == told


ROOT = Path(__file__).parent.parent.parent
CODE = [path for room in ("ideas", "portal") for path in sorted((ROOT / room).rglob("*.py"))]


def cookies_of_the_code():
    """The settings that name a cookie: Django's, and all that any file of ours speaks of."""
    spoken = {name for path in CODE for name in re.findall(r"\b[A-Z]+_COOKIE_NAME\b", path.read_text(encoding="utf-8"))}
    return spoken | {name for name in dir(ours) if name.endswith("_COOKIE_NAME")}


@pytest.mark.slow
def test_no_cookie_is_set_under_a_name_that_no_setting_gives():
    calls = [
        (path.name, node.args[0])
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("set_cookie", "set_signed_cookie")
    ]
    assert {name for name, _given in calls} == {"privacy.py", "drafts.py", "kept.py"}
    assert not [name for name, given in calls if isinstance(given, ast.Constant | ast.JoinedStr)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_notice_names_every_cookie(client, language):
    choose(client, language=language)
    text = client.get("/privacy/").content.decode()
    names = [getattr(ours, name) for name in cookies_of_the_code()]
    if issubclass(import_string(ours.MESSAGE_STORAGE), FallbackStorage):
        names.append(CookieStorage.cookie_name)
    assert len(names) >= 8
    assert set(re.findall(r"<code>([^<]+)</code>", text)) == set(names)


# --- A choice in a browser that keeps no cookies ---------------------------------------------------------------------

LOST = {"language": "your browser keeps no cookies", "elder": "您的浏览器不保存本网站的Cookie"}
BUTTONS = [("language", "en"), ("elder", "on"), ("elder", "max")]


def as_chosen(text):
    return ('lang="en"' in text.split("<head>")[0], 'class="elder' in text.split("<head>")[0])


@pytest.mark.parametrize(("field", "value"), BUTTONS)
@pytest.mark.parametrize("page", ["/", "/privacy/", "/track/?receipt=a+b&over=", "/nowhere/"])
def test_the_page_that_comes_back_says_that_no_cookie_was_kept(client, page, field, value):
    led = client.post("/preferences/", {"next": page, field: value}).url
    client.cookies.clear()
    answer = client.get(led)
    text = answer.content.decode()
    assert LOST[field] in text
    assert as_chosen(text) == (field == "language", field == "elder")
    assert f'name="next" value="{html.escape(page)}"' in text


@pytest.mark.parametrize(("field", "value"), BUTTONS)
def test_where_the_cookie_is_kept_the_page_has_its_own_address_again(client, field, value):
    led = client.post("/preferences/", {"next": "/track/?receipt=a%20b", field: value}, follow=True)
    assert led.redirect_chain[-1] == ("/track/?receipt=a+b", 302)
    assert "notice warn" not in led.content.decode()


def test_who_is_known_to_keep_cookies_comes_back_at_once(client):
    client.cookies["csrf"] = "x" * 32
    assert choose(client, elder="on").url == "/privacy/"


def test_a_default_needs_no_cookie_and_says_nothing(client):
    assert choose(client, language="zh-hans", elder="off").url == "/privacy/"


@pytest.mark.parametrize("value", ["", "off", "zh-hans", "xx", "²", "x" * 3000])
def test_a_mark_of_no_choice_is_nothing(client, value):
    answer = client.get("/", {"chosen": value})
    assert (answer.status_code, "notice warn" in answer.content.decode()) == (200, False)


def test_the_mark_leads_nobody_away(client):
    client.cookies["csrf"] = "x" * 32
    assert urlsplit(client.get("//evil.example/?chosen=en").headers.get("Location", "/")).netloc == ""
