"""A private link is a copy: whoever was sent it goes on alone, and sees nothing of what is added elsewhere."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from ideas.models import Draft, Idea, Photo
from ideas.models.photos import photo_store
from ideas.views.drafts import own_link
from tests import clock, factories

pytestmark = pytest.mark.django_db
HOST = "http://127.0.0.1:8000"


@pytest.fixture
def steps(campaign):
    return [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]


@pytest.fixture
def data():
    return factories.form_data(form_key=str(uuid4()), title="在侧门加一盏灯")


@pytest.fixture
def link(client, steps, data, during):
    """Of a form that is saved with a photo."""
    saved = client.post(steps[0], {**data, "photos": [factories.photo_file()], "save": ""})
    return saved.context["link"].removeprefix(HOST)


@pytest.fixture(params=["of today", "of before"])
def any_link(request, campaign, link, data):
    """Before, a link named the key of the form; such ones were sent, and are opened after the upgrade."""
    return link if request.param == "of today" else reverse("resume", args=[campaign.slug, data["form_key"]])


@pytest.fixture
def friend():
    return Client()


def form_of(answer):
    return {name: field.value() for name in ("title", "problem", "phone") for field in [answer.context["form"][name]]}


def test_the_link_does_not_tell_the_key_of_the_form(link, data):
    assert data["form_key"] not in link
    assert data["form_key"].replace("-", "") not in link


def test_elsewhere_it_opens_a_copy_of_words_and_photos_under_a_fresh_key(client, friend, any_link, data):
    answer = friend.get(any_link, follow=True)
    assert form_of(answer)["title"] == data["title"]
    assert str(answer.context["form"]["form_key"].value()) != data["form_key"]
    assert [photo.width for photo in answer.context["photos"]] == [640]
    assert (Draft.objects.count(), Photo.objects.count()) == (2, 2)
    contents = {photo_store().open(photo.file_name).read() for photo in Photo.objects.all()}
    assert len(contents) == 1


def test_in_its_own_browser_it_opens_the_form_itself(client, any_link, data):
    answer = client.get(any_link, follow=True)
    assert str(answer.context["form"]["form_key"].value()) == data["form_key"]
    assert Draft.objects.count() == 1


def test_what_one_adds_the_other_does_not_see(client, friend, any_link, data, steps):
    theirs = friend.get(any_link, follow=True)
    copy = {**data, "form_key": str(theirs.context["form"]["form_key"].value()), "problem": "朋友写的。", "save": ""}
    friend.post(steps[0], copy)
    client.post(steps[0], {**data, "problem": "本人写的。", "save": ""})
    assert form_of(client.get(any_link, follow=True))["problem"] == "本人写的。"
    assert {draft.content.typed["problem"] for draft in Draft.objects.all()} == {"朋友写的。", "本人写的。"}


def test_the_receipt_is_shown_to_nobody_who_has_only_the_link(client, friend, any_link, data, steps):
    friend.get(any_link, follow=True)
    client.post(steps[0], data)
    client.post(steps[1], {"form_key": data["form_key"]})
    idea = Idea.objects.get()
    code = client.get(steps[2]).context["code"]
    for answer in (
        friend.get(steps[2]),
        friend.get(any_link),
        friend.get(steps[1], follow=True),
        Client().get(any_link),
    ):
        text = answer.content.decode()
        assert idea.receipt not in text
        assert code not in text


@pytest.mark.parametrize("step", [0, 1])
def test_what_stands_in_the_link_cannot_be_posted_as_the_forms_key(client, friend, link, data, steps, step):
    client.post(steps[0], data)
    client.post(steps[1], {"form_key": data["form_key"]})
    named = link.strip("/").rpartition("/")[2]
    friend.post(steps[step], {**data, "form_key": named, "title": "别的"})
    assert "code" not in (friend.get(steps[2]).context or {})
    assert Idea.objects.get().title == data["title"]


def test_both_can_send_and_are_two_ideas_with_their_photos(client, friend, any_link, data, steps):
    theirs = friend.get(any_link, follow=True)
    copy = {**data, "form_key": str(theirs.context["form"]["form_key"].value()), "title": "朋友的建议"}
    for one, form in ((client, data), (friend, copy)):
        one.post(steps[0], form)
        assert one.post(steps[1], {"form_key": form["form_key"]}).status_code == 302
    assert {idea.title: idea.photos.count() for idea in Idea.objects.all()} == {data["title"]: 1, "朋友的建议": 1}


def test_a_preview_of_the_link_copies_nothing(friend, any_link):
    assert friend.head(any_link).status_code == 302
    assert Draft.objects.count() == 1


def test_a_verified_number_is_not_copied(client, friend, any_link, data):
    draft = Draft.objects.get()
    draft.content = replace(draft.content, verified="+8613800138000")
    draft.save()
    friend.get(any_link)
    assert [row.content.verified for row in Draft.objects.exclude(pk=draft.pk)] == [""]


def test_photos_beyond_what_may_come_from_one_address_are_left_out_and_it_is_said(friend, link, settings):
    settings.IDEAS_LIMIT_PHOTOS_HOUR = 1
    answer = friend.get(link, follow=True)
    assert list(answer.context["photos"]) == []
    assert "照片" in "".join(map(str, answer.context["messages"]))


def test_the_way_back_after_lost_cookies_leads_to_the_form_itself(campaign, friend, link, data):
    answer = friend.get(own_link(campaign.slug, data["form_key"]), follow=True)
    assert str(answer.context["form"]["form_key"].value()) == data["form_key"]


def test_a_link_with_somebody_elses_signature_is_a_copy(campaign, friend, link, data):
    signature = own_link(campaign.slug, uuid4()).partition("?")[2]
    answer = friend.get(f"{link}?{signature}", follow=True)
    assert str(answer.context["form"]["form_key"].value()) != data["form_key"]


def test_after_the_deadline_the_words_of_the_link_are_shown_to_be_copied(campaign, friend, any_link, data):
    saved = Draft.objects.get()
    saved.expires_at = clock.LATER
    saved.save()
    with clock.at(clock.CLOSES):
        answer = friend.get(any_link, follow=True)
    assert answer.status_code == 410
    assert data["title"] in answer.content.decode()


def test_opening_a_link_leaves_no_way_to_the_form_itself_in_the_browser(any_link, friend, data):
    friend.get(any_link, follow=True)
    assert data["form_key"] not in friend.cookies[settings.DRAFT_COOKIE_NAME].value
