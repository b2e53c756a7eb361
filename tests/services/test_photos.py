import os
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from ideas.choices import Action
from ideas.errors import NotPermitted
from ideas.models import Photo
from ideas.models.photos import photo_store
from ideas.rules.photos import Picture
from ideas.services import drafts, photos
from tests import clock, factories

pytestmark = pytest.mark.django_db
PICTURE = Picture(full=b"full", thumb=b"thumb", width=3, height=2)


@pytest.fixture
def draft(campaign):
    return factories.make_draft(campaign)


@pytest.fixture
def photo(draft):
    return photos.add_photo(draft=draft, picture=PICTURE, at=clock.DURING)


def files(photo):
    return [photo_store().exists(name) for name in (photo.file_name, photo.thumb_name)]


def test_a_photo_is_two_files_that_only_the_portal_can_read(photo):
    store = photo_store()
    assert [store.open(name).read() for name in (photo.file_name, photo.thumb_name)] == [b"full", b"thumb"]
    assert oct(os.stat(store.path(photo.file_name)).st_mode & 0o777) == "0o600"


def test_a_draft_takes_so_many_photos_and_no_more(draft, settings):
    settings.IDEAS_PHOTOS = 2
    for content in (b"one", b"two"):
        photos.add_photo(draft=draft, picture=replace(PICTURE, full=content), at=clock.DURING)
    with pytest.raises(photos.TooManyPhotos):
        photos.add_photo(draft=draft, picture=PICTURE, at=clock.DURING)
    assert draft.photos.count() == 2


def test_the_same_photo_sent_twice_is_kept_once_also_where_no_other_has_room(draft, photo, settings):
    settings.IDEAS_PHOTOS = 1
    assert photos.add_photo(draft=draft, picture=PICTURE, at=clock.DURING) == photo
    assert (draft.photos.count(), files(photo)) == (1, [True, True])


def test_another_photo_of_the_same_size_is_another_photo(draft, photo):
    photos.add_photo(draft=draft, picture=replace(PICTURE, full=b"FULL"), at=clock.DURING)
    assert draft.photos.count() == 2


def test_a_photo_that_was_not_taken_leaves_no_files(draft, settings, tmp_path):
    settings.IDEAS_PHOTOS = 0
    settings.STORAGES = {**settings.STORAGES, "photos": store_in(tmp_path)}
    with pytest.raises(photos.TooManyPhotos):
        photos.add_photo(draft=draft, picture=PICTURE, at=clock.DURING)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def store_in(path):
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": path}}


def test_taking_a_photo_out_deletes_its_files(draft, photo, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        photos.drop_photo(draft=draft, key=photo.key)
    assert (Photo.objects.count(), files(photo)) == (0, [False, False])


def test_files_stay_until_the_deletion_is_certain(draft, photo, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False):
        photos.drop_photo(draft=draft, key=photo.key)
    assert files(photo) == [True, True]


def test_the_photos_of_an_expired_draft_go_with_it(photo, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        drafts.drop_expired_drafts(at=clock.DURING + drafts.DRAFT_LIFE)
    assert (Photo.objects.count(), files(photo)) == (0, [False, False])


def test_the_photos_of_a_sent_draft_stay_with_the_idea(draft, photo, django_capture_on_commit_callbacks):
    idea = drafts.send_draft(key=draft.form_key, campaign=draft.campaign, at=clock.DURING).idea
    with django_capture_on_commit_callbacks(execute=True):
        drafts.drop_expired_drafts(at=clock.DURING + drafts.DRAFT_LIFE)
    assert (list(idea.photos.all()), files(photo)) == ([photo], [True, True])


def test_a_photo_belongs_to_a_draft_or_to_an_idea(draft, photo):
    idea = factories.make_idea(draft.campaign)
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photo.pk).update(idea=idea)


def test_files_that_no_row_names_are_swept_after_a_day(photo, settings, tmp_path):
    settings.STORAGES = {**settings.STORAGES, "photos": store_in(tmp_path)}
    (tmp_path / "ab").mkdir()
    for name, age in (("old", timedelta(days=2)), ("new", timedelta(hours=1))):
        file = tmp_path / "ab" / f"{'ab' if name == 'old' else 'cd'}{'0' * 30}.jpg"
        file.write_bytes(b"x")
        os.utime(file, times=((clock.LATER - age).timestamp(),) * 2)
    assert photos.sweep_files(at=clock.LATER) == 1
    assert [path.name[:2] for path in (tmp_path / "ab").iterdir()] == ["cd"]


def test_files_with_a_row_are_never_swept(photo):
    os.utime(photo_store().path(photo.file_name), times=(0, 0))
    photos.sweep_files(at=clock.LATER)
    assert files(photo) == [True, True]


def test_releasing_a_photo_is_an_act_in_the_trail(draft, photo, moderator):
    idea = drafts.send_draft(key=draft.form_key, campaign=draft.campaign, at=clock.DURING).idea
    photo.refresh_from_db()
    for shown in (True, False):
        photos.release_photo(
            photo=photo, editor=moderator, at=clock.LATER, shown=shown, expected_version=idea.event_count
        )
        idea.refresh_from_db()
    assert [event.action for event in idea.events.order_by("number")][1:] == [Action.SHOW_PHOTO, Action.HIDE_PHOTO]


def test_only_editors_release_photos(draft, photo, auditor):
    drafts.send_draft(key=draft.form_key, campaign=draft.campaign, at=clock.DURING)
    photo.refresh_from_db()
    with pytest.raises(NotPermitted):
        photos.release_photo(photo=photo, editor=auditor, at=clock.LATER, shown=True)
