import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from ideas.models import Draft, Idea
from ideas.services.publishing import edit_published
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(campaign):
    """The three addresses of a submission."""
    return [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]


@pytest.fixture
def data():
    return factories.form_data(form_key=str(uuid.uuid4()))


def post_all(client, steps, data):
    """Form and check page; gives the answer to the last post."""
    client.post(steps[0], data)
    return client.post(steps[1], {"form_key": data["form_key"]})


def opened_in(answer):
    """The signed moment that the form carries along."""
    return re.findall(r'name="opened" value="([^"]+)"', answer.content.decode())[0]


def receipt_in(answer):
    """Receipt number and query code of a receipt page."""
    return re.findall(r'id="(?:receipt|query-code)">([^<]+)<', answer.content.decode())


def test_the_form_has_the_fields_that_other_tools_rely_on(client, steps, during):
    fields = client.get(steps[0]).context["form"].fields
    assert list(fields) == [
        "form_key", "title", "topic", "problem", "proposal", "area", "place", "photos", "phone", "email", "naming",
        "name", "net_name", "publish_consent", "age_14", "consent",
    ]  # fmt: skip


def test_form_check_receipt(client, steps, data, during):
    first = client.post(steps[0], data)
    check = client.get(steps[1]).content.decode()
    second = client.post(steps[1], {"form_key": data["form_key"]})
    done = client.get(steps[2]).content.decode()
    assert [(answer.status_code, answer.url) for answer in (first, second)] == [(302, steps[1]), (302, steps[2])]
    assert data["title"] in check
    assert f'id="receipt">{Idea.objects.get().receipt}<' in done
    assert 'id="query-code">' in done


def test_nothing_is_sent_before_it_is_checked(client, steps, data, during):
    client.post(steps[0], data)
    client.get(steps[1])
    assert (Idea.objects.count(), Draft.objects.count()) == (0, 1)


def test_posting_again_gives_the_same_receipt(client, steps, data, during):
    post_all(client, steps, data)
    first = receipt_in(client.get(steps[2]))
    post_all(client, steps, data)
    assert (Idea.objects.count(), receipt_in(client.get(steps[2]))) == (1, first)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"topic": "nonsense"}, "topic"),
        ({"problem": "  "}, "problem"),
        ({"proposal": ""}, "proposal"),
        ({"area": "999999999999"}, "area"),
        ({"area": ""}, "area"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "", "email": ""}, "phone"),
        ({"email": "nonsense"}, "email"),
        ({"naming": "real", "name": ""}, "name"),
        ({"naming": "net_name", "net_name": ""}, "net_name"),
        ({"age_14": False}, "age_14"),
        ({"consent": False}, "consent"),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_typed_is_lost(client, steps, data, during, change, field):
    data = {name: value for name, value in {**data, **change}.items() if value is not False}
    answer = client.post(steps[0], data)
    body = answer.content.decode()
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [field])
    assert f'href="#id_{field}"' in body
    assert all(data[name] in body for name in ("problem", "proposal", "place", "net_name") if data[name].strip())
    assert "<title>错误：" in body


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("０５９２－６０６　００００", "+865926060000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("13800138000", "+8613800138000"),
    ],
)
def test_phones_are_understood_as_people_type_them(client, steps, data, during, typed, kept):
    post_all(client, steps, {**data, "phone": typed})
    assert factories.resident_of(Idea.objects.get()).contact["phone"] == kept


def test_a_full_width_email_is_understood(client, steps, data, during):
    post_all(client, steps, {**data, "email": "ｎａｍｅ＠ｅｘａｍｐｌｅ。com"})
    assert factories.resident_of(Idea.objects.get()).contact["email"] == "name@example.com"


def test_without_the_separate_consent_the_idea_is_taken_and_nobody_is_named(client, steps, data, during):
    data.pop("publish_consent")
    post_all(client, steps, {**data, "naming": "real"})
    assert factories.resident_of(Idea.objects.get()).public_name == ""


def test_what_is_too_long_is_said_in_plain_words(client, steps, data, during):
    body = client.post(steps[0], {**data, "title": "长" * 61}).content.decode()
    assert "最多60字，现有61字。" in body


def test_an_unknown_place_is_an_answer(client, steps, data, during):
    post_all(client, steps, {**data, "area": "unknown"})
    assert Idea.objects.get().area is None


def test_the_same_words_sent_again_from_a_fresh_form_are_the_same_idea(client, steps, data, during):
    """The back button brings a form with another key, filled in by the browser."""
    post_all(client, steps, data)
    again = client.post(steps[0], {**data, "form_key": str(uuid.uuid4())})
    assert (again.url, Idea.objects.count()) == (steps[2], 1)


@pytest.mark.parametrize("change", [{"phone": "13800138000"}, {"title": "另一条建议"}, {"naming": "anonymous"}])
def test_anything_new_from_the_same_browser_is_not_lost(client, steps, data, during, change):
    post_all(client, steps, data)
    again = client.post(steps[0], {**data, **change, "form_key": str(uuid.uuid4())})
    assert again.url == steps[1]


def test_pages_with_what_somebody_typed_are_not_kept(client, steps, data, during):
    client.post(steps[0], data)
    kept = [client.get(f"{steps[0]}?change"), client.get(steps[1])]
    assert ["no-store" in answer.headers["Cache-Control"] for answer in kept] == [True, True]


def test_a_browser_can_go_back_to_a_form_and_to_the_answer_of_its_post(client, steps, data, during):
    """Answers of a post cannot be asked for again; a form fetched again would be another one, without its photos."""
    pages = [client.get(steps[0]), client.post(steps[0], {**data, "title": ""}), client.get(steps[0])]
    assert [(page.headers["Cache-Control"], "Vary" in page.headers) for page in pages] == [
        ("private, no-cache", False)
    ] * 3


def test_other_words_from_the_same_browser_are_another_idea(client, steps, data, during):
    post_all(client, steps, data)
    post_all(client, steps, {**data, "title": "另一条建议", "form_key": str(uuid.uuid4())})
    assert Idea.objects.count() == 2


@pytest.mark.parametrize(
    ("choice", "cookie", "shown"),
    [({"language": "en"}, ("language", "en"), "Submit an idea"), ({"elder": "on"}, ("elder", "on"), 'class="elder"')],
)
def test_choosing_language_or_letters_keeps_what_was_typed(client, steps, data, during, choice, cookie, shown):
    answer = client.post(steps[0], {**data, "title": "", **choice})
    body, form = answer.content.decode(), answer.context["form"]
    assert (answer.status_code, client.cookies[cookie[0]].value, shown in body) == (200, cookie[1], True)
    kept = {name: str(form[name].value()) for name in data if name != "title"}
    assert kept == {name: str(value) for name, value in data.items() if name != "title"}
    answers, ticked = Draft.objects.get().content.answers, re.findall("<input[^>]* checked", body)
    assert (form.errors, answers, len(ticked)) == ({}, None, 5)


def test_the_buttons_in_the_head_of_the_form_send_it_along(client, steps, during):
    body = client.get(steps[0]).content.decode()
    assert body.count('form="idea-form"') == 3  # and a hidden first one, for Enter in a field


def test_a_nonsense_language_changes_nothing(client, steps, data, during):
    body = client.post(steps[0], {**data, "language": "../x"}).content.decode()
    assert ('lang="zh-Hans"' in body, data["problem"] in body) == (True, True)


def test_changing_an_answer_finds_everything_still_there(client, steps, data, during):
    client.post(steps[0], data)
    form = client.get(f"{steps[0]}?change").context["form"]
    assert (form["title"].value(), str(form["form_key"].value())) == (data["title"], data["form_key"])


def test_another_browser_sees_neither_draft_nor_receipt(client, client_class, steps, data, during):
    post_all(client, steps, data)
    stranger = client_class()
    assert stranger.get(steps[1]).url == steps[0]
    assert Idea.objects.get().receipt not in stranger.get(steps[2]).content.decode()


@pytest.fixture
def client_class(client):
    return type(client)


@pytest.mark.parametrize("method", ["get", "post"])
def test_before_opening_the_form_is_403(client, steps, data, method):
    with clock.at(clock.OPENS - clock.BLINK):
        answer = getattr(client, method)(steps[0], data if method == "post" else {})
    assert (answer.status_code, "2026-03-10 00:00" in answer.content.decode()) == (403, True)


def test_after_closing_the_form_is_410_and_shows_what_was_typed(client, steps, data):
    with clock.at(clock.CLOSES):
        answer = client.post(steps[0], data)
    assert answer.status_code == 410
    assert all(data[name] in answer.content.decode() for name in ("title", "problem", "proposal"))


def test_sending_a_checked_draft_too_late_shows_what_was_typed(client, steps, data):
    with clock.at(clock.CLOSES - clock.BLINK):
        client.post(steps[0], data)
    with clock.at(clock.CLOSES):
        answer = client.post(steps[1], {"form_key": data["form_key"]})
    assert (answer.status_code, data["problem"] in answer.content.decode()) == (410, True)
    assert Idea.objects.count() == 0


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_a_form_without_a_usable_key_gets_one(client, steps, data, during, key):
    assert client.post(steps[0], {**data, "form_key": key}).url == steps[1]
    assert Draft.objects.count() == 1


def test_a_key_of_another_campaigns_form_loses_nothing(client, steps, data, during):
    other = reverse("submit", args=[factories.make_campaign().slug])
    client.post(steps[0], data)
    answer = client.post(other, data)
    form = answer.context["form"]
    assert (answer.status_code, form["title"].value()) == (410, data["title"])
    assert form["form_key"].value() != data["form_key"]


@pytest.mark.parametrize("key", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_form_key_is_explained(client, steps, during, key):
    answer = client.post(steps[1], {"form_key": key})
    assert (answer.status_code, Idea.objects.count()) == (410, 0)


def test_markup_is_shown_as_text(client, steps, data, during):
    attack = "<script>alert(1)</script>"
    client.post(steps[0], {**data, "title": attack, "place": f'"{attack}'})
    body = client.get(steps[1]).content.decode()
    assert (attack in body, "&lt;script&gt;" in body) == (False, True)


def test_queries_do_not_grow(client, steps, data, during, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):  # and one for whoever gets it within the same second
        client.get(steps[0])
    with django_assert_max_num_queries(11):  # one asks how much this sender keeps unsent
        client.post(steps[0], data)
    with django_assert_max_num_queries(23):
        client.post(steps[1], {"form_key": data["form_key"]})


def test_published_ideas_alike_stand_on_the_check_page(client, steps, data, campaign, moderator, during):
    campaign.show_ideas = True
    campaign.save()
    [shown] = factories.accepted(campaign, moderator, title=data["title"])
    published = {"title": data["title"], "text": f"{data['problem']}{data['proposal']}"}
    edit_published(idea=shown, editor=moderator, at=clock.DURING, **published)
    client.post(steps[0], data)
    similar = client.get(steps[1]).context["similar"]
    assert [idea.receipt for idea in similar] == [shown.receipt]


def test_a_machine_that_fills_in_everything_is_marked_and_taken(client, steps, data, during):
    post_all(client, steps, {**data, "website": "http://spam.example"})
    assert Idea.objects.get().suspicions == ["fast", "honeypot"]


def test_somebody_who_took_the_time_is_not_marked(client, steps, data, during):
    opened = opened_in(client.get(steps[0]))
    with clock.at(clock.DURING + timedelta(seconds=30)):
        post_all(client, steps, {**data, "opened": opened})
    assert Idea.objects.get().suspicions == []


def test_a_quick_second_look_is_not_marked(client, steps, data, during):
    """The form comes back filled in, after an error for example: sending it again takes a moment."""
    opened = opened_in(client.get(steps[0]))
    with clock.at(clock.DURING + timedelta(seconds=30)):
        again = opened_in(client.post(steps[0], {**data, "title": "", "opened": opened}))
        post_all(client, steps, {**data, "opened": again})
    assert Idea.objects.get().suspicions == []


@pytest.mark.parametrize("button", [{"elder": "on"}, {"language": "en"}, {"save": ""}], ids=repr)
def test_a_quick_button_that_leads_back_to_the_form_marks_nothing(client, steps, data, during, button):
    """Large letters are pressed before anything is written; the time counts from when the form was first opened."""
    opened = opened_in(client.get(steps[0]))
    with clock.at(clock.DURING + timedelta(seconds=2)):
        again = opened_in(client.post(steps[0], {**data, "opened": opened, **button}))
    with clock.at(clock.DURING + timedelta(seconds=6)):
        post_all(client, steps, {**data, "opened": again})
    assert Idea.objects.get().suspicions == []


def test_a_machine_that_presses_such_a_button_first_is_marked_all_the_same(client, steps, data, during):
    opened = opened_in(client.get(steps[0]))
    again = opened_in(client.post(steps[0], {**data, "opened": opened, "save": ""}))
    post_all(client, steps, {**data, "opened": again})
    assert Idea.objects.get().suspicions == ["fast"]
