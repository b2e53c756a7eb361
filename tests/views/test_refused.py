"""A form without proof of where it came from: the cookie is blamed only where it is the cookie, and nothing is lost."""

import html
import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from ideas.models import Draft, Idea, Photo
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = {"title": "在侧门加一盏灯", "problem": "晚上很黑。", "proposal": "加一盏灯。", "place": "侧门"}


@pytest.fixture
def form(campaign):
    return reverse("submit", args=[campaign.slug])


@pytest.fixture
def browser(form, during):
    """With the form open, and all that it needs to send it."""
    client = Client(enforce_csrf_checks=True)
    page = client.get(form).content.decode()
    client.token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]  # type: ignore[attr-defined]
    return client


@pytest.fixture
def data():
    return {**factories.form_data(form_key=str(uuid4())), **WORDS}


def text_of(answer):
    assert answer.status_code == 403
    return answer.content.decode()


def test_a_whole_form_is_taken(browser, form, data):
    assert browser.post(form, {**data, "csrfmiddlewaretoken": browser.token}).status_code == 302


def test_the_cookie_is_blamed_where_it_is_the_cookie(browser, form, data):
    del browser.cookies[settings.CSRF_COOKIE_NAME]
    assert "Cookie" in text_of(browser.post(form, {**data, "csrfmiddlewaretoken": browser.token}))


@pytest.mark.parametrize(
    "sent",
    [
        {"token": "x" * 64},  # of another day
        {"token": ""},  # did not arrive
        {"headers": {"origin": "null"}},
        {"headers": {"origin": "https://proxy.example"}},
        {"secure": True},  # a proxy took Origin and Referer away
        {"secure": True, "headers": {"referer": "https://proxy.example/"}},
    ],
    ids=str,
)
def test_the_cookie_is_not_blamed_for_what_a_proxy_did_or_for_an_old_page(browser, form, data, sent):
    token = {"csrfmiddlewaretoken": sent.get("token", browser.token)}
    more = {name: value for name, value in sent.items() if name != "token"}
    text = text_of(browser.post(form, {**data, **token}, **more))
    assert "Cookie" not in text
    assert all(word in text for word in WORDS.values())
    assert f'href="{form}"' in text


@pytest.mark.parametrize("step", ["submit", "check", "add-photos", "similar"])
def test_the_page_leads_back_to_the_form(browser, campaign, form, step):
    answer = browser.post(reverse(step, args=[campaign.slug]), {"title": "x"})
    assert f'href="{form}"' in text_of(answer)


@pytest.mark.parametrize("page", ["/track/", "/track/lost/", "/track/amend/", "/login/"])
def test_every_other_form_has_its_own_way_back(browser, page):
    assert f'href="{page}"' in text_of(browser.post(page, {"title": "x"}))


def test_one_button_goes_on_with_words_and_photos(browser, form, data):
    del browser.cookies[settings.CSRF_COOKIE_NAME]
    text = text_of(browser.post(form, {**data, "photos": [factories.photo_file()]}))
    own = text.split('id="kept-form"')[1].split("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', own)
    boxes = re.findall(r'<textarea class="copy" name="([^"]+)"[^>]*>\n([^<]*)</textarea>', own)
    button = re.search(r'<button class="button" name="([^"]+)" value="([^"]*)"', own)
    carried = {name: html.unescape(value) for name, value in [*hidden, *boxes, button.groups()]}
    answer = browser.post(form, carried)
    assert {name: answer.context["form"][name].value() for name in WORDS} == WORDS
    assert list(answer.context["photos"]) == list(Photo.objects.all()) != []


def test_photos_are_not_taken_from_a_page_elsewhere(browser, form, data):
    posted = {**data, "csrfmiddlewaretoken": browser.token, "photos": [factories.photo_file()]}
    text = text_of(browser.post(form, posted, headers={"origin": "https://elsewhere.example"}))
    assert (Draft.objects.count(), Photo.objects.count()) == (0, 0)
    assert "仍在您的设备上" in text


def test_photos_go_to_no_form_that_is_in(client, browser, form, data):
    client.post(form, data)
    client.post(f"{form}check/", {"form_key": data["form_key"]})
    text_of(browser.post(form, {**data, "photos": [factories.photo_file()]}))
    assert Photo.objects.count() == 0


# --- Behind a proxy that takes Origin and Referer away, over https ----------------------------------------------------


@pytest.fixture
def https(settings):
    """What every request carries that a trusted proxy took by https."""
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return {"x-forwarded-proto": "https", "host": "testserver"}


SAME = {"sec-fetch-site": "same-origin"}


@pytest.mark.parametrize("origin", [{}, {"origin": "null"}], ids=["taken away", "made null"])
def test_an_idea_is_sent_where_only_the_browsers_word_is_left(browser, form, data, https, origin):
    token, headers = {"csrfmiddlewaretoken": browser.token}, {**https, **SAME, **origin}
    assert browser.post(form, {**data, **token}, headers=headers).status_code == 302
    answer = browser.post(f"{form}check/", {"form_key": data["form_key"], **token}, headers=headers)
    assert (answer.status_code, Idea.objects.get().title) == (302, WORDS["title"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {**SAME, "origin": "https://elsewhere.example"},
        {**SAME, "referer": "https://elsewhere.example/"},
        {**SAME, "referer": "http://testserver/"},
    ],
    ids=str,
)
def test_without_the_browsers_word_or_against_another_it_is_refused_and_nothing_is_lost(
    browser, form, data, https, headers
):
    posted = {**data, "csrfmiddlewaretoken": browser.token}
    text = text_of(browser.post(form, posted, headers={**https, **headers}))
    assert "Cookie" not in text
    assert "移动网络" in text
    assert all(word in text for word in WORDS.values())


@pytest.mark.parametrize("token", ["x" * 64, ""], ids=["of another day", "none"])
def test_the_browsers_word_takes_the_place_of_no_token(browser, form, data, https, token):
    answer = browser.post(form, {**data, "csrfmiddlewaretoken": token}, headers={**https, **SAME})
    assert (answer.status_code, Draft.objects.count()) == (403, 0)


def test_over_http_the_browsers_word_changes_nothing(browser, form, data):
    posted = {**data, "csrfmiddlewaretoken": browser.token}
    text_of(browser.post(form, posted, headers={**SAME, "origin": "null"}))


def test_photos_are_kept_where_origin_and_referer_were_taken_away(browser, form, data, https):
    posted = {**data, "csrfmiddlewaretoken": browser.token, "photos": [factories.photo_file()]}
    assert "您的照片已随表单保存" in text_of(browser.post(form, posted, headers=https))
    answer = browser.post(form, posted | {"photos": []}, headers={**https, "origin": "https://testserver"})
    assert (answer.status_code, Photo.objects.get().draft.content.typed["title"]) == (302, WORDS["title"])


def test_staff_read_what_is_in_the_way_and_find_their_words_in_the_form(moderator, campaign, https, during):
    idea = factories.make_idea(campaign)
    page, decline = reverse("admin:ideas_idea_change", args=[idea.pk]), f"/admin/ideas/idea/{idea.pk}/decide/decline/"
    staff = Client(enforce_csrf_checks=True)
    staff.force_login(moderator)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', staff.get(page, headers=https).content.decode())[1]
    typed = {"decline-reason": "写了很久的理由", "decline-seen": "1", "csrfmiddlewaretoken": token}
    text = text_of(staff.post(decline, typed, headers=https))
    assert "移动网络" in text
    assert "写了很久的理由" in text
    assert "写了很久的理由" in staff.get(page, headers=https).content.decode()


# --- Summaries -------------------------------------------------------------------------------------------------------


def summary_of(answer):
    found = re.search(r'class="error-summary".*?</div>', answer.content.decode(), re.S)
    return re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', found[0])


def test_a_summary_names_each_field(client, form, data, during):
    answer = client.post(form, {**data, "title": "", "phone": "12", "consent": ""})
    named = dict(summary_of(answer))
    labels = {name: str(answer.context["form"][name].label) for name in ("title", "phone")}
    assert set(named) == {"id_title", "id_phone", "id_consent"}
    assert all(named[f"id_{name}"].startswith(f"{label}：") for name, label in labels.items())
    assert all("？：" not in words for words in named.values())


def test_the_summaries_of_tracking_and_log_in_name_their_fields(client, during):
    for page in ("/track/", "/track/lost/", "/login/"):
        answer = client.post(page, {})
        for place, words in summary_of(answer):
            label = str(answer.context["form"][place.removeprefix("id_")].label)
            assert words.startswith(label)
