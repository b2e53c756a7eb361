"""A disk that is full or can only be read costs a photo, with a sentence, and never a word of the text."""

import gc
import logging
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ideas.models import Draft, OfficeEvent, Photo, SignedMinutes
from ideas.models.photos import photo_store
from ideas.rules.photos import Picture
from ideas.services.files import NotStored
from ideas.services.photos import add_photo
from tests import clock, factories, servers

pytestmark = pytest.mark.django_db
KEPT_OUT = "could not be stored"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 kB, really mounted."""
    with servers.mounted(tmp_path / "disk", "size=64k") as folder:
        if folder is None:
            pytest.skip("nothing can be mounted here")
        yield folder


@pytest.fixture
def locked_disk(tmp_path):
    """A file system that can only be read."""
    with servers.mounted(tmp_path / "disk", "ro") as folder:
        if folder is None:
            pytest.skip("nothing can be mounted here")
        yield folder


def use(settings, folder):
    """Photos lie in this folder."""
    own = settings.STORAGES["photos"]
    options = {**own["OPTIONS"], "location": folder}
    settings.STORAGES = {**settings.STORAGES, "photos": {**own, "OPTIONS": options}}
    assert photo_store().path("") == str(folder)


def post(client, campaign, *photos):
    client.cookies["language"] = "en"
    data = {**factories.form_data(form_key=str(uuid4())), "photos": list(photos)}
    with clock.at(clock.DURING):
        return client.post(reverse("submit", args=[campaign.slug]), data), data


def noisy(name="noise.jpg", size=(700, 700)):
    """A photo that JPEG cannot make small."""
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(file, "JPEG", quality=95)
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


@pytest.mark.parametrize("disk", ["small_disk", "locked_disk"])
def test_a_photo_that_cannot_be_stored_is_named_and_the_text_is_kept(client, campaign, settings, disk, request):
    folder = request.getfixturevalue(disk)
    use(settings, folder)
    answer, data = post(client, campaign, noisy())
    page = answer.content.decode()
    assert (answer.status_code, KEPT_OUT in page, data["problem"] in page) == (200, True, True)
    assert (Draft.objects.get().content.typed["problem"], Photo.objects.count()) == (data["problem"], 0)
    assert [path for path in Path(folder).rglob("*") if path.is_file()] == []


def test_a_small_photo_beside_one_that_is_too_much_is_taken(client, campaign, settings, small_disk):
    use(settings, small_disk)
    answer, _data = post(client, campaign, noisy(), factories.photo_file(size=(20, 20)))
    assert (answer.status_code, Photo.objects.count()) == (200, 1)


def test_a_full_temporary_folder_costs_the_photo_only(client, campaign, small_disk, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    answer, data = post(client, campaign, noisy("large.jpg", (1500, 1500)), factories.photo_file())
    page = answer.content.decode()
    assert (answer.status_code, KEPT_OUT in page, data["problem"] in page) == (200, True, True)
    assert (Draft.objects.get().content.typed["problem"], Photo.objects.count()) == (data["problem"], 1)


def test_the_forms_script_is_told_why(client, campaign, settings, locked_disk):
    use(settings, locked_disk)
    client.cookies["language"] = "en"
    data = {"form_key": str(uuid4()), "photos": [factories.photo_file()]}
    with clock.at(clock.DURING):
        answer = client.post(reverse("add-photos", args=[campaign.slug]), data)
    assert (answer.status_code, KEPT_OUT in answer.content.decode()) == (200, True)


def test_files_and_their_folder_are_on_the_disk_before_the_row(campaign, monkeypatch):
    """Every file written, and the folder that names it, is synced before there is a row."""
    synced, sync = [], os.fsync

    def note(descriptor):
        synced.append((os.readlink(f"/proc/self/fd/{descriptor}"), Photo.objects.count()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    photo = add_photo(draft=factories.make_draft(campaign), picture=Picture(b"full", b"small", 2, 1), at=clock.DURING)
    store = photo_store()
    wanted = {store.path(photo.file_name), store.path(photo.thumb_name), os.path.dirname(store.path(photo.file_name))}
    assert wanted <= {path for path, rows in synced if rows == 0}


def test_what_cannot_be_stored_leaves_no_row(campaign, settings, locked_disk):
    use(settings, locked_disk)
    with pytest.raises(NotStored):
        add_photo(draft=factories.make_draft(campaign), picture=Picture(b"a", b"b", 1, 1), at=clock.DURING)
    assert Photo.objects.count() == 0


# --- Files of staff -------------------------------------------------------------------------------------------------

NO_ROOM = "disk is full"


def staff(client, user):
    """Their browser; a fault of ours is answered as it would be, not raised in the test."""
    client.force_login(user)
    client.cookies["language"] = "en"
    client.raise_request_exception = False
    return client


@contextmanager
def without_log():
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def said(client, address, data):
    """(status, whether the page says why), after the request is over and forgotten; pytest's log would remember it."""
    with clock.at(clock.DURING), without_log():
        answer = client.post(address, data)
    found = (answer.status_code, NO_ROOM in answer.content.decode())
    del answer
    gc.collect()
    return found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the failed writer, tidying up
@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("kilobytes", [62, 46])
def test_an_export_that_does_not_fit_is_said_and_leaves_nothing(
    client, campaign, manager, small_disk, monkeypatch, form, kilobytes
):
    for number in range(12):
        factories.make_idea(campaign, problem="".join(f"{number * 1000 + n:06}" for n in range(330)))
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    taken = small_disk / "somebody_elses"
    taken.write_bytes(b"x" * kilobytes * 1024)
    address = reverse("admin:ideas_idea_export") + "?status=all"
    given = {"form": form, "contacts": "on", "purpose": "award"}
    assert said(staff(client, manager), address, given) == (507, True)
    assert list(small_disk.iterdir()) == [taken]
    assert not OfficeEvent.objects.exists(), "the log says that contacts were given out"
    monkeypatch.setattr(tempfile, "tempdir", None)
    with clock.at(clock.DURING):
        answer = client.post(address, given)
        assert (answer.status_code, len(b"".join(answer.streaming_content)) > 4000) == (200, True)
    assert OfficeEvent.objects.get().detail["persons"] == 12


@pytest.mark.parametrize("size", [200 * 1024, 4 * 1024 * 1024])
def test_a_scan_of_the_minutes_that_does_not_fit_is_said(client, moderator, managers, small_disk, monkeypatch, size):
    shortlist = factories.seal(factories.rated_campaign(moderator), managers)
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    scan = SimpleUploadedFile("minutes.pdf", b"%PDF-1.7\n" + b"x" * size, "application/pdf")
    address = reverse("admin:ideas_shortlist_scan", args=[shortlist.pk])
    assert said(staff(client, managers[0]), address, {"scan": scan}) == (507, True)
    assert SignedMinutes.objects.count() == 0
    assert list(small_disk.iterdir()) == []
