import pytest

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
