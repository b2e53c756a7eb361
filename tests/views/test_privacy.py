import re

import pytest

from ideas.rules.privacy import NOTICE_VERSION

pytestmark = pytest.mark.django_db


def choose(client, **data):
    return client.post("/preferences/", {"next": "/privacy/", **data})


def test_chinese_is_the_default_whatever_the_browser_prefers(client):
    answer = client.get("/", headers={"Accept-Language": "en"})
    assert (answer.headers["Content-Language"], 'lang="zh-Hans"' in answer.content.decode()) == ("zh-hans", True)


def test_a_chosen_language_stays_and_leads_back(client):
    assert choose(client, language="en").url == "/privacy/"
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
    assert client.post("/preferences/", {"next": target, "language": "en"}).url == "/"


def test_a_choice_needs_a_post(client):
    assert client.get("/preferences/").status_code == 405


def test_a_step_larger_still_stays_on(client):
    choose(client, elder="max")
    assert 'class="elder max"' in client.get("/").content.decode()


def test_unknown_letters_change_nothing(client):
    choose(client, elder="huge")
    assert "elder" not in client.cookies


@pytest.mark.parametrize(("cookie", "offered"), [("", ["on"]), ("on", ["off", "max"]), ("max", ["off", "on"])])
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
