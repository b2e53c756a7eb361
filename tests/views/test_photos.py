"""Photos: taken with the form or alone, kept through every mishap, shown to those who may see them."""

from io import BytesIO
from uuid import UUID, uuid4

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from ideas.choices import Role
from ideas.models import Draft, Idea, Photo
from ideas.models.photos import photo_store
from ideas.queries import access
from ideas.services.photos import release_photo
from ideas.services.publishing import edit_published
from tests import clock, factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps(campaign):
    return [reverse(name, args=[campaign.slug]) for name in ("submit", "check", "done")]


@pytest.fixture
def upload(campaign):
    return reverse("add-photos", args=[campaign.slug])


def data(*files, **overrides):
    return {**factories.form_data(form_key=str(uuid4()), **overrides), "photos": list(files)}


def not_a_photo(name="notes.txt", size=100):
    return SimpleUploadedFile(name, b"x" * size, "image/jpeg")


def send(client, steps, *files):
    posted = data(*files)
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    return Idea.objects.get(form_hash__in=access.form_hashes(UUID(posted["form_key"])))


def test_photos_travel_from_the_form_to_the_idea(client, steps, during):
    idea = send(client, steps, factories.photo_file(), factories.photo_file(size=(4000, 3000)))
    assert [(photo.draft, photo.width, photo.height) for photo in idea.photos.all()] == [
        (None, 640, 480),
        (None, 2048, 1536),
    ]


def test_photos_stay_when_the_text_is_wrong(client, steps, during):
    answer = client.post(steps[0], data(factories.photo_file(), title=""))
    assert (answer.status_code, Photo.objects.count()) == (200, 1)
    assert reverse("photo-thumb", args=[Photo.objects.get().key]) in answer.content.decode()


@pytest.mark.parametrize("wrong", ["text", "oversize"])
def test_the_text_and_the_good_photo_stay_when_a_photo_is_wrong(client, steps, during, settings, wrong):
    settings.IDEAS_PHOTO_MEGABYTES = 1
    bad = not_a_photo(size=100 if wrong == "text" else 1024 * 1024 + 1)
    posted = data(bad, factories.photo_file())
    answer = client.post(steps[0], posted)
    body = answer.content.decode()
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["photos"])
    assert ("notes.txt" in body, posted["problem"] in body, Photo.objects.count()) == (True, True, 1)


def test_after_a_wrong_photo_the_form_goes_on_without_it(client, steps, during):
    posted = data(not_a_photo(), factories.photo_file())
    client.post(steps[0], posted)
    assert client.post(steps[0], {**posted, "photos": []}).url == steps[1]


def test_a_file_of_exactly_the_limit_is_read(client, steps, during, settings):
    settings.IDEAS_PHOTO_MEGABYTES = 1
    good = factories.photo_file()
    padded = SimpleUploadedFile("padded.jpg", good.read().ljust(1024 * 1024, b"\0"), "image/jpeg")
    client.post(steps[0], data(padded))
    assert Photo.objects.count() == 1


def test_a_sixth_photo_is_left_out_and_named(client, steps, during):
    files = [factories.photo_file(f"p{number}.jpg", size=(640, 400 + number)) for number in range(1, 7)]
    answer = client.post(steps[0], data(*files))
    assert (Photo.objects.count(), "p6.jpg" in answer.content.decode()) == (5, True)


def test_a_hundred_files_do_no_harm(client, steps, during):
    posted = data(*(not_a_photo(f"f{number}.jpg") for number in range(100)))
    answer = client.post(steps[0], posted)
    assert (answer.status_code, posted["problem"] in answer.content.decode()) == (200, True)


def test_a_photo_can_be_taken_out_again(client, steps, during):
    posted = data(factories.photo_file(), factories.photo_file(colour="navy"))
    client.post(steps[0], posted)
    first = Photo.objects.earliest("id")
    answer = client.post(steps[0], {**posted, "photos": [], "drop_photo": str(first.key)})
    assert (Photo.objects.filter(pk=first.pk).exists(), Photo.objects.count()) == (False, 1)
    assert answer.context["form"]["title"].value() == posted["title"]


def test_photos_are_kept_when_the_language_changes(client, steps, during):
    client.post(steps[0], data(factories.photo_file(), language="en"))
    assert Photo.objects.count() == 1


def test_a_photo_of_another_form_cannot_be_taken_out(client, steps, campaign, during):
    client.post(steps[0], data(factories.photo_file()))
    other = Client()
    other.post(steps[0], {**data(), "drop_photo": str(Photo.objects.get().key)})
    assert Photo.objects.count() == 1


def test_the_script_gets_the_new_strip_of_photos(client, upload, during):
    key = str(uuid4())
    answer = client.post(upload, {"form_key": key, "photos": [factories.photo_file()]})
    assert (answer.status_code, str(Photo.objects.get().key) in answer.content.decode()) == (200, True)
    assert str(Draft.objects.get().form_key) == key


def test_the_script_gets_the_words_for_a_wrong_file(client, upload, during):
    answer = client.post(upload, {"form_key": str(uuid4()), "photos": [not_a_photo()]})
    assert (answer.status_code, "notes.txt" in answer.content.decode(), Photo.objects.count()) == (200, True, 0)


def test_a_photo_sent_before_the_text_belongs_to_the_idea(client, steps, upload, during):
    posted = data()
    client.post(upload, {"form_key": posted["form_key"], "photos": [factories.photo_file()]})
    client.post(steps[0], posted)
    client.post(steps[1], {"form_key": posted["form_key"]})
    assert Idea.objects.get().photos.count() == 1


def test_after_closing_no_photo_is_taken(client, upload):
    with clock.at(clock.CLOSES):
        answer = client.post(upload, {"form_key": str(uuid4()), "photos": [factories.photo_file()]})
    assert (answer.status_code, Photo.objects.count()) == (410, 0)


def test_a_sent_idea_gets_no_more_photos(client, steps, upload, during):
    idea = send(client, steps)
    client.post(upload, {"form_key": str(idea.draft.form_key), "photos": [factories.photo_file()]})
    assert Photo.objects.count() == 0


def test_photos_from_one_network_have_a_limit_and_the_text_stays(client, steps, during, settings):
    settings.IDEAS_LIMIT_PHOTOS_HOUR = 1
    posted = data(factories.photo_file(), factories.photo_file(colour="navy"))
    answer = client.post(steps[0], posted)
    assert (Photo.objects.count(), answer.context["form"]["problem"].value()) == (1, posted["problem"])


def test_the_picture_that_comes_back_says_nothing_about_its_maker(client, steps, during):
    content, exif = BytesIO(), Image.Exif()
    exif[0x010F], exif[0x8825] = "SecretPhone", {1: "N", 2: (24.0, 34.0, 12.0)}
    Image.new("RGB", (300, 200)).save(content, "JPEG", exif=exif, comment=b"secret comment")
    client.post(steps[0], data(SimpleUploadedFile("IMG_secret.jpg", content.getvalue(), "image/jpeg")))
    for name in ("photo", "photo-thumb"):
        body = b"".join(client.get(reverse(name, args=[Photo.objects.get().key])).streaming_content)
        assert (body[:3], b"ecret" in body, dict(Image.open(BytesIO(body)).getexif())) == (b"\xff\xd8\xff", False, {})


def status(client, name="photo"):
    return client.get(reverse(name, args=[Photo.objects.get().key])).status_code


def test_a_photo_is_its_writers_alone(client, steps, during):
    client.post(steps[0], data(factories.photo_file()))
    assert [status(client), status(client, "photo-thumb"), status(Client())] == [200, 200, 404]


def test_a_sent_photo_is_seen_by_its_sender_and_by_staff_who_screen(client, steps, during, moderator, auditor):
    send(client, steps, factories.photo_file())
    staff = {}
    for role in (moderator, auditor, factories.make_user(Role.PANELLIST), factories.make_user(Role.CLERK)):
        visitor = Client()
        visitor.force_login(role)
        staff[role.groups.get().name] = status(visitor)
    assert (status(client), status(Client())) == (200, 404)
    assert staff == {"moderator": 200, "auditor": 200, "panellist": 404, "community-clerk": 404}


def test_number_and_code_open_the_photos_too(client, steps, during):
    send(client, steps, factories.photo_file())
    code = client.get(steps[2]).context["code"]
    visitor = Client()
    visitor.post(reverse("track"), {"receipt": Idea.objects.get().receipt, "code": code})
    assert status(visitor) == 200


def test_a_released_photo_is_public_only_while_its_idea_is(client, campaign, moderator, managers):
    campaign = factories.released_campaign(moderator, managers)
    winner = campaign.ideas.filter(status="awarded").first()
    loser = campaign.ideas.filter(status="accepted").first()
    shown = {}
    for idea in (winner, loser):
        photo = Photo.objects.create(idea=idea, added_at=clock.DURING, width=1, height=1, size=1)
        photo_store().save(photo.file_name, factories.photo_file())
        before = client.get(reverse("photo", args=[photo.key])).status_code
        release_photo(photo=photo, editor=moderator, at=clock.LATER, shown=True)
        after = client.get(reverse("photo", args=[photo.key])).status_code
        release_photo(photo=photo, editor=moderator, at=clock.LATER, shown=False)
        shown[idea.status] = (before, after, client.get(reverse("photo", args=[photo.key])).status_code)
    assert shown == {"awarded": (404, 200, 404), "accepted": (404, 404, 404)}


def test_a_released_photo_stands_with_the_published_text_of_a_shown_idea(client, campaign, moderator, during):
    campaign.show_ideas = True
    campaign.save()
    [idea] = factories.accepted(campaign, moderator)
    edit_published(idea=idea, editor=moderator, at=clock.DURING, title="公开", text="公开稿正文。")
    photo = Photo.objects.create(idea=idea, added_at=clock.DURING, width=1, height=1, size=1)
    page = reverse("idea", args=[campaign.slug, idea.receipt])
    before = client.get(page).content.decode()
    release_photo(photo=photo, editor=moderator, at=clock.DURING, shown=True)
    address = reverse("photo", args=[photo.key])
    assert [address in before, address in client.get(page).content.decode()] == [False, True]


def test_a_picture_is_never_taken_for_anything_else(client, steps, during):
    client.post(steps[0], data(factories.photo_file()))
    headers = client.get(reverse("photo", args=[Photo.objects.get().key])).headers
    assert (headers["Content-Type"], headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "private" in headers["Cache-Control"]


def test_a_file_name_is_shown_as_text(client, steps, during):
    answer = client.post(steps[0], data(not_a_photo("<img src=x onerror=alert(1)>.jpg")))
    assert "<img src=x" not in answer.content.decode()


def test_after_closing_the_photos_of_a_kept_form_can_be_saved(client, steps, during):
    client.post(steps[0], data(factories.photo_file(), title=""))
    with clock.at(clock.CLOSES):
        Draft.objects.update(expires_at=clock.LATER)
        body = client.get(steps[0]).content.decode()
    assert reverse("photo", args=[Photo.objects.get().key]) in body


@pytest.mark.parametrize("heic", [True, False])
def test_the_hint_and_the_refusal_name_the_kinds_that_are_taken(client, steps, during, monkeypatch, heic):
    monkeypatch.setattr("ideas.forms.photos.takes_heic", lambda: heic)
    hint = client.get(steps[0]).context["form"].fields["photos"].help_text
    [fault] = client.post(steps[0], data(not_a_photo())).context["form"].errors["photos"]
    assert ["HEIC" in str(text) for text in (hint, fault)] == [heic, heic]


def test_a_heic_photo_goes_through_the_form(client, steps, during):
    file = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 240), "teal")).save(file)
    idea = send(client, steps, SimpleUploadedFile("IMG_0001.HEIC", file.getvalue(), "image/heic"))
    assert [(photo.width, photo.height) for photo in idea.photos.all()] == [(320, 240)]
