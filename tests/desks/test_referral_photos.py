"""Photos before and after on the desks: an officer adds them beside an answer, the office covers and releases them."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ideas.models import Photo, Referral, ReferralAnswer
from ideas.services.photos import cover_photo, release_photo
from ideas.services.referrals import recall
from tests import clock, factories
from tests.desks.test_units import GIVEN, MONDAY
from tests.views.tracked import opened

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 3, 23, 10, tzinfo=clock.SHANGHAI)
WORDS = {**GIVEN, "draft": ""}


@pytest.fixture(autouse=True)
def monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def unit(db):
    return factories.make_unit("城管局")


@pytest.fixture
def referral(campaign, unit, moderator):
    return factories.referred([factories.make_idea(campaign, title="公园北门缺一盏路灯")], unit, moderator)


@pytest.fixture
def place(referral):
    return referral.places.get()


@pytest.fixture
def officer(client, unit):
    person = factories.officer_of(unit)
    client.force_login(person)
    return person


@pytest.fixture
def photo(place, unit):
    return factories.photo_of_place(place, factories.officer_of(unit), at=MONDAY)


def not_a_photo(name="notes.txt"):
    return SimpleUploadedFile(name, b"no photo at all", "text/plain")


def send(client, referral, *files, act="photos", **given):
    row = Referral.objects.get(pk=referral.pk)
    place = row.places.first().pk
    data = {"seen": row.version, "place": place, "stage": "after", "photos": list(files), **given}
    address = ("unit-photos", [row.pk]) if act == "photos" else ("unit-act", [row.pk, act])
    return client.post(reverse(address[0], args=address[1]), data)


def page(client, referral):
    return client.get(reverse("unit-referral", args=[referral.pk])).content.decode()


def test_the_page_shows_what_came_with_the_idea(client, officer, referral, place):
    sent, slip = factories.add_photo(place.idea), factories.add_photo(place.idea, is_slip=True)
    text = page(client, referral)
    shown = [reverse("photo-thumb", args=[row.key]) in text for row in (sent, slip)]
    assert shown == [True, False]


def test_several_photos_are_added_at_once(client, officer, referral, place):
    answer = send(client, referral, factories.photo_file(), factories.photo_file(colour="navy"))
    facts = {(row.place, row.stage, row.added_by) for row in Photo.objects.all()}
    assert (answer.status_code, Photo.objects.count(), facts) == (302, 2, {(place, "after", officer)})
    text = page(client, referral)
    assert [reverse("photo-thumb", args=[row.key]) in text for row in Photo.objects.all()] == [True, True]


def test_what_was_typed_beside_the_photos_is_a_draft(client, officer, referral):
    send(client, referral, factories.photo_file(), **WORDS)
    assert (ReferralAnswer.objects.get().public, GIVEN["public"] in page(client, referral)) == (GIVEN["public"], True)


def test_photos_alone_begin_no_answer(client, officer, referral):
    send(client, referral, factories.photo_file(), kind="plan", draft="")
    assert (Photo.objects.count(), ReferralAnswer.objects.count()) == (1, 0)


@pytest.mark.parametrize("act", ["photos", "save", "hand-in"])
def test_a_file_that_is_no_photo_costs_a_sentence_and_neither_words_nor_the_other_photos(
    client, officer, referral, act
):
    answer = send(client, referral, not_a_photo(), factories.photo_file(), act=act, **WORDS)
    text = answer.content.decode()
    assert (answer.status_code, "不是照片" in text, GIVEN["public"] in text) == (422, True, True)
    assert (Photo.objects.count(), text.count('class="field-error"')) == (1, 1)


def test_photos_are_kept_where_the_words_are_refused(client, officer, referral):
    answer = send(client, referral, factories.photo_file(), act="hand-in", **{**WORDS, "public": ""})
    assert (answer.status_code, Photo.objects.count()) == (409, 1)
    answer = send(client, referral, factories.photo_file(colour="navy"), **{**WORDS, "finish_on": "2026-02-31"})
    text = answer.content.decode()
    assert (answer.status_code, Photo.objects.count(), GIVEN["public"] in text) == (422, 2, True)


def test_one_press_hands_in_the_report_with_its_photos(client, officer, referral):
    send(client, referral, factories.photo_file(), act="hand-in", **WORDS)
    assert (Photo.objects.count(), ReferralAnswer.objects.get().state) == (1, "handed_in")


def test_no_file_and_one_too_many_are_said(client, officer, referral, settings):
    settings.IDEAS_PHOTOS = 1
    assert "请至少选择一张照片。" in send(client, referral).content.decode()
    answer = send(client, referral, factories.photo_file(), factories.photo_file("b.jpg", colour="navy"))
    assert ("最多1张" in answer.content.decode(), Photo.objects.count()) == (True, 1)


def test_a_photo_of_a_place_that_is_not_the_referrals_is_kept_nowhere(client, officer, referral, campaign, unit):
    moderator = factories.make_keeper()
    foreign = factories.referred([factories.make_idea(campaign)], factories.make_unit(), moderator)
    answer = send(client, referral, factories.photo_file(), place=foreign.places.get().pk)
    assert (answer.status_code, Photo.objects.count()) == (422, 0)


def test_a_photo_at_a_milestone_is_added_with_its_milestone_only(client, officer, referral):
    assert page(client, referral).count('name="stage"') == 2
    answer = send(client, referral, factories.photo_file(), stage="during")
    assert (answer.status_code, Photo.objects.count()) == (422, 0)


def test_with_several_places_the_form_names_the_idea(client, officer, unit, campaign, moderator):
    ideas = [factories.make_idea(campaign, title=title) for title in ("北门缺路灯需要增设", "南门缺路灯需要增设")]
    row = factories.referred(ideas, unit, moderator)
    text = page(client, row)
    assert (text.count('name="place"'), text.count('type="radio" name="place"')) == (2, 2)
    send(client, row, factories.photo_file(), place=row.places.last().pk)
    assert Photo.objects.get().place.idea == ideas[1]


def test_after_the_report_photos_are_added_by_a_form_of_their_own(client, officer, referral, unit):
    done = {**WORDS, "kind": "done", "adoption": "", "finish_on": ""}
    client.force_login(factories.head_of(unit))
    send(client, referral, act="hand-in", **done)
    text = page(client, referral)
    assert ('id="unit-form"' in text, 'name="public"' in text, 'name="photos"' in text) == (True, False, True)
    assert send(client, referral, factories.photo_file()).status_code == 302


def test_a_photo_is_taken_out_again_and_the_words_stay(client, officer, referral, photo):
    send(client, referral, remove=str(photo.key), **WORDS)
    assert (Photo.objects.count(), ReferralAnswer.objects.get().public) == (0, GIVEN["public"])


def test_what_is_released_cannot_be_removed(client, officer, referral, photo, moderator):
    release_photo(photo=photo, editor=moderator, at=MONDAY, shown=True)
    assert 'name="remove"' not in page(client, referral)
    send(client, referral, remove=str(photo.key))
    assert Photo.objects.count() == 1


def test_another_unit_and_a_helping_one_add_and_remove_nothing(client, referral, photo):
    helper, other = factories.make_unit(), factories.make_unit()
    referral.helping_units.add(helper)
    found = []
    for unit in (helper, other):
        client.force_login(factories.officer_of(unit))
        found.append(send(client, referral, factories.photo_file()).status_code)
        send(client, referral, remove=str(photo.key))
    assert (found, list(Photo.objects.all())) == ([422, 404], [photo])


def test_nothing_is_offered_where_it_has_ended(client, officer, referral, photo, moderator):
    recall(referral=referral, staff=moderator, at=MONDAY, reason="发错单位。")
    text = page(client, referral)
    assert (reverse("photo-thumb", args=[photo.key]) in text, 'name="photos"' in text) == (True, False)
    assert send(client, referral, factories.photo_file()).status_code == 422


def office(client, referral):
    return client.get(reverse("admin:ideas_referral_change", args=[referral.pk])).content.decode()


def press(client, photo, wish, seen=None):
    row = photo.place.referral
    seen = Referral.objects.get(pk=row.pk).version if seen is None else seen
    return client.post(reverse("admin:ideas_referral_photo", args=[row.pk, photo.key]), {"shown": wish, "seen": seen})


def is_shown(photo):
    return Photo.objects.get(pk=photo.pk).shown_at is not None


def test_the_office_releases_a_photo_and_takes_it_back(client, referral, photo, moderator):
    client.force_login(moderator)
    assert "仅内部可见" in office(client, referral)
    found = []
    for wish in ("on", "off"):
        press(client, photo, wish)
        found.append(is_shown(photo))
    assert found == [True, False]


def test_a_button_of_an_outdated_page_does_nothing_and_says_so(client, photo, moderator):
    client.force_login(moderator)
    answer = press(client, photo, "on", seen=1)
    assert (answer.status_code, is_shown(photo)) == (302, False)
    assert "请再看一次" in client.get(answer.url).content.decode()


def test_the_office_covers_faces_in_a_copy(client, referral, photo, moderator):
    client.force_login(moderator)
    address = reverse("admin:ideas_referral_cover", args=[referral.pk, photo.key])
    assert client.get(address).status_code == 200
    seen = Referral.objects.get().version
    client.post(address, {"left": "1", "top": "1", "width": "20", "height": "20", "seen": seen})
    copy = Photo.objects.get(copy_of=photo)
    assert (copy.place, is_shown(copy)) == (photo.place, False)
    assert client.get(reverse("admin:ideas_referral_cover", args=[referral.pk, copy.key])).status_code == 404


def test_the_office_adds_what_it_saw_on_site(client, referral, place, moderator):
    client.force_login(moderator)
    address = reverse("admin:ideas_referral_photos", args=[referral.pk])
    given = {"place": place.pk, "stage": "after", "seen": Referral.objects.get().version}
    client.post(address, {**given, "photos": [factories.photo_file()]})
    photo = Photo.objects.get()
    answer = client.post(address, {**given, "photos": [not_a_photo()]})
    assert (photo.added_by, "不是照片" in client.get(answer.url).content.decode()) == (moderator, True)
    client.post(address, {"remove": str(photo.key), "seen": Referral.objects.get().version})
    assert Photo.objects.count() == 0


def test_a_photo_of_another_referral_has_no_button_here(client, referral, photo, moderator, campaign, unit):
    client.force_login(moderator)
    other = factories.referred([factories.make_idea(campaign)], unit, moderator)
    address = reverse("admin:ideas_referral_photo", args=[other.pk, photo.key])
    assert client.post(address, {"shown": "on", "seen": other.version}).status_code == 404


def test_a_released_photo_stands_on_the_tracking_page_and_one_taken_back_does_not(client, photo, moderator):
    tracked = opened(client, photo.place.idea, MONDAY)
    found = []
    for shown in (True, False):
        release_photo(photo=photo, editor=moderator, at=MONDAY, shown=shown)
        text = tracked.get(reverse("track")).content.decode()
        found.append([reverse("photo-thumb", args=[photo.key]) in text, "整改后" in text])
    assert found == [[True, True], [False, False]]


def test_a_released_photo_stands_with_the_winner(client, moderator, managers, unit):
    idea = factories.released_campaign(moderator, managers).ideas.filter(status="awarded").first()
    photo = factories.photo_of_place(
        factories.referred([idea], unit, moderator).places.get(), factories.officer_of(unit)
    )
    address = reverse("winner", args=[idea.campaign.slug, idea.receipt])
    with clock.at(clock.LATER):
        before = client.get(address).content.decode()
        release_photo(photo=photo, editor=moderator, at=clock.LATER, shown=True)
        after = client.get(address).content.decode()
    thumb = reverse("photo-thumb", args=[photo.key])
    assert (thumb in before, thumb in after, 'loading="lazy"' in after) == (False, True, True)


def test_both_pages_ask_as_much_for_many_photos_as_for_one(client, officer, referral, place, moderator):
    counts = []
    for number in (1, 4):
        for _photo in range(number):
            row = factories.photo_of_place(place, officer, at=MONDAY)
            cover_photo(photo=factories.add_photo(place.idea), covers=[], editor=moderator, at=MONDAY)
        for person, show in ((officer, page), (moderator, office)):
            client.force_login(person)
            with CaptureQueriesContext(connection) as queries:
                assert reverse("photo-thumb", args=[row.key]) in show(client, referral)
            counts.append(len(queries))
    assert (counts[:2], max(counts) <= 30) == (counts[2:], True)
