"""What a stranger may send: how much is read of it, and how much is kept."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ideas import conf
from ideas.models import Area, Criterion, Draft, Photo, Quota, Topic
from ideas.services import drafts, photos
from portal import bodies
from tests import clock, factories
from tests.admin.forms import filled
from tests.cost import spent

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
FORM = "application/x-www-form-urlencoded"
# The fields of the resident's form with the most that each may hold.
LONGEST = {
    "title": 60, "problem": 5000, "proposal": 5000, "place": 100, "phone": 30, "email": 120, "name": 40, "net_name": 20,
}  # fmt: skip


@pytest.fixture
def form(campaign):
    return reverse("submit", args=[campaign.slug])


def post(client, address, size, kind=FORM):
    return client.post(address, b"title=" + b"a" * (size - 6), kind)


# --- what is too much -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/track/", "/track/lost/", "/preferences/", "/login/"])
def test_more_than_a_form_can_hold_is_answered_413_in_words(client, during, address):
    answer = post(client, address, bodies.TEXT + 1)
    assert (answer.status_code, "一次发送的内容太多" in answer.content.decode()) == (413, True)


def test_as_much_as_a_form_can_hold_is_read(client, during):
    assert post(client, "/track/", bodies.TEXT).status_code == 200


def test_forms_with_photos_have_a_limit_of_their_own(client, form, during, settings):
    settings.IDEAS_PHOTO_MEGABYTES = 1
    most = (conf.photos_per_idea() + 5) * 1024 * 1024 + bodies.TEXT
    too_large = SimpleUploadedFile("a.jpg", b"x" * most)
    assert client.post(form, {"form_key": uuid4(), "photos": too_large}).status_code == 413
    assert client.post("/track/", {"receipt": SimpleUploadedFile("a.jpg", b"x" * bodies.TEXT)}).status_code == 413


def test_the_longest_honest_form_goes_through_with_all_its_photos(client, form, during, settings):
    """Every field full of characters of four bytes, each sent as twelve, and photos of the largest size."""
    settings.IDEAS_PHOTO_MEGABYTES = 1
    words = {name: "𠮷" * most for name, most in LONGEST.items() if name not in ("phone", "email")}
    posted = factories.form_data(**words, form_key=str(uuid4()), phone="", email=f"{'a' * 58}@example.com")
    photos = [factories.photo_file(f"{n}.jpg", size=(640 + n, 480)) for n in range(conf.photos_per_idea())]
    assert client.post(form, {**posted, "photos": photos}).status_code == 302
    assert (Draft.objects.get().content.answers["problem"], Photo.objects.count()) == ("𠮷" * 5000, 5)


def test_a_text_far_too_long_is_told_so_and_given_back(client, form, during):
    """Somebody pastes a whole report of forty pages."""
    report = "居民建议。" * 8000
    answer = client.post(form, factories.form_data(form_key=str(uuid4()), problem=report))
    assert (answer.status_code, answer.context["form"]["problem"].value()) == (200, report)


def test_sixty_photos_at_once_cost_no_word(client, form, during):
    """All pictures of an outing: five are taken, the others are named."""
    files = [factories.photo_file(f"{n}.jpg", size=(64 + n, 48)) for n in range(60)]
    posted = factories.form_data(form_key=str(uuid4()))
    answer = client.post(form, {**posted, "photos": files})
    assert (Photo.objects.count(), answer.context["form"]["problem"].value()) == (5, posted["problem"])


def parts(count, head):
    part = (
        b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n\r\n'
        if head
        else b"--x\r\n\r\n"
    )
    return part * count + b"--x--\r\n"


@pytest.mark.parametrize("head", [True, False], ids=["files", "parts without a name"])
def test_fifty_thousand_parts_are_not_taken_apart(form, during, head):
    client, sent = Client(raise_request_exception=False), parts(50_000, head)
    answers = []
    took = spent(lambda: answers.append(client.post(form, sent, "multipart/form-data; boundary=x")))
    assert ({answer.status_code for answer in answers}, took < 1) == ({413}, True)


def test_nothing_is_read_for_an_address_that_does_not_exist(client, during):
    sent, answers = parts(50_000, True), []
    took = spent(lambda: answers.append(client.post("/no/such/address/", sent, "multipart/form-data; boundary=x")))
    assert ({answer.status_code for answer in answers}, took < 0.5) == ({404}, True)


# --- how many fields --------------------------------------------------------------------------------------------------


def fields(count):
    return urlencode([(f"field-{n}", "") for n in range(count)])


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "没有保存任何内容"), ("en", "nothing was saved")])
def test_more_fields_than_a_form_has_are_answered_in_words(
    client, campaign, manager, during, settings, language, words
):
    client.force_login(manager)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    desk = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    answers = [client.post("/track/", fields(1_001), FORM), client.post(desk, fields(10_001), FORM)]
    assert [(answer.status_code, words in answer.content.decode()) for answer in answers] == [(413, True)] * 2


def test_fields_are_counted_before_they_are_taken_apart(client, during):
    answers = []
    took = spent(lambda: answers.append(client.post("/track/", b"&" * bodies.TEXT, FORM)))
    assert ({answer.status_code for answer in answers}, took < 0.5) == ({413}, True)


def test_a_public_form_has_room_for_what_it_can_hold(client, during):
    assert client.post("/track/", fields(1_000), FORM).status_code == 200


def test_a_very_large_campaign_is_saved(client, manager):
    """60 topics, 15 criteria, 70 quotas and 40 panellists: half as many fields again as Django takes by itself."""
    campaign = very_large_campaign()
    client.force_login(manager)
    address = reverse("admin:ideas_campaign_change", args=[campaign.pk])
    with clock.at(clock.ANNOUNCED):
        data = {**filled(client, address), "title": "更大的一期", "topics-59-hint": "最后一类"}
        answer = client.post(address, urlencode(data), FORM)
    campaign.refresh_from_db()
    assert (len(data) > 1_300, answer.status_code) == (True, 302)
    assert (campaign.title, campaign.topics.last().hint) == ("更大的一期", "最后一类")


def very_large_campaign():
    campaign = factories.make_campaign(announced_at=None)
    for n in range(58):
        Topic.objects.create(campaign=campaign, slug=f"topic-{n}", name=f"类别{n}", position=10 + n)
    for n in range(11):
        words = dict.fromkeys(("low", "middle", "high"), "词")
        Criterion.objects.create(campaign=campaign, name=f"标准{n}", is_advice=True, position=10 + n, **words)
    Area.objects.bulk_create(Area(code=f"{n:012}", name=f"社区{n}", street=f"街道{n}") for n in range(10))
    Quota.objects.bulk_create(Quota(campaign=campaign, topic=topic, most=9) for topic in campaign.topics.all())
    Quota.objects.bulk_create(Quota(campaign=campaign, street=f"街道{n}", most=9) for n in range(10))
    factories.make_panel(campaign, 40)
    return campaign


# --- what is decoded, and kept ----------------------------------------------------------------------------------------


def test_a_photo_beyond_the_limit_is_not_even_decoded(client, form, during, settings, monkeypatch):
    settings.IDEAS_LIMIT_PHOTOS_HOUR = 2
    decoded = []
    real = __import__("ideas.forms.photos", fromlist=["read_photo"]).read_photo
    monkeypatch.setattr("ideas.forms.photos.read_photo", lambda *a, **k: decoded.append(1) or real(*a, **k))
    for _ in range(3):
        client.post(form, {**factories.form_data(form_key=str(uuid4())), "photos": [factories.photo_file()]})
    assert (len(decoded), Photo.objects.count(), Draft.objects.count()) == (2, 2, 3)


def keep(campaign, address="203.0.113.7", at=clock.DURING, size=100):
    return drafts.keep_draft(key=uuid4(), campaign=campaign, typed={"problem": "字" * size}, at=at, address=address)


@pytest.fixture
def small(settings):
    """A budget of one megabyte for a sender."""
    settings.IDEAS_DRAFTS_MEGABYTES = 1


def test_what_a_sender_keeps_beyond_the_budget_is_kept_for_an_hour(campaign, small):
    lives = [keep(campaign, size=100_000).expires_at - clock.DURING for _ in range(4)]
    assert lives == [drafts.DRAFT_LIFE] * 3 + [drafts.CROWDED_LIFE]


def test_very_much_is_not_kept_and_comes_back_in_the_form(client, form, campaign, small, during):
    for _ in range(8):
        keep(campaign, address="127.0.0.1", size=100_000)
    posted = factories.form_data(form_key=str(uuid4()))
    answer = client.post(form, posted)
    assert (answer.status_code, answer.context["form"]["problem"].value()) == (429, posted["problem"])
    assert Draft.objects.count() == 8


def test_another_sender_does_not_feel_it(campaign, small):
    for _ in range(8):
        keep(campaign, size=100_000)
    assert keep(campaign, address="203.0.113.8").expires_at == clock.DURING + drafts.DRAFT_LIFE


def test_what_is_sent_or_over_does_not_count(campaign, small):
    for _ in range(8):
        keep(campaign, size=100_000)
    later = clock.DURING + drafts.DRAFT_LIFE
    campaign.closes_at = later + drafts.DRAFT_LIFE
    campaign.save()
    assert keep(campaign, at=later).expires_at == later + drafts.DRAFT_LIFE


def test_a_whole_library_keeps_its_forms_for_a_week(campaign):
    """Two hundred visitors of one address within the week, each with the longest text of the form."""
    text = {"problem": "字" * 5000, "proposal": "字" * 5000}
    for _ in range(200):
        draft = drafts.keep_draft(
            key=uuid4(), campaign=campaign, typed=text, answers=text, at=clock.DURING, address="203.0.113.7"
        )
    assert draft.expires_at == clock.DURING + drafts.DRAFT_LIFE


def test_unsent_photos_of_a_sender_have_a_budget_and_the_text_stays(client, form, during, settings):
    settings.IDEAS_DRAFT_PHOTOS_MEGABYTES = 0
    posted = factories.form_data(form_key=str(uuid4()))
    answer = client.post(form, {**posted, "photos": [factories.photo_file()]})
    assert (Photo.objects.count(), answer.context["form"]["problem"].value()) == (0, posted["problem"])


def test_a_school_keeps_the_photos_of_its_unsent_forms(campaign):
    """Forty pupils behind one address, each with five photos of the largest size in which they are kept."""
    for _ in range(40):
        draft = keep(campaign)
        kept = {"draft": draft, "added_at": clock.DURING, "width": 1600, "height": 1200, "size": 2_000_000}
        Photo.objects.bulk_create(Photo(**kept) for _ in range(5))
    assert photos.may_upload(draft.sender, at=clock.DURING)
    Photo.objects.update(size=3_000_000)
    assert not photos.may_upload(draft.sender, at=clock.DURING)


def test_copies_of_photos_count_as_photos(client, form, campaign, during, settings):
    """Two tabs of one form: each time the other one's photos are copied."""
    settings.IDEAS_LIMIT_PHOTOS_HOUR = 3
    key = str(uuid4())
    first = {**factories.form_data(form_key=key), "page": "aaaaaaaa"}
    client.post(form, {**first, "photos": [factories.photo_file()]})
    for page in "bcdefg":
        client.post(form, {**factories.form_data(form_key=key), "page": page * 8})
    assert (Draft.objects.count(), Photo.objects.count()) == (7, 3)
