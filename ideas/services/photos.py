"""Photos: adding them to drafts, removing, covering, releasing. Files are written before their rows, deleted after
them. Those of the places of a referral are added by services.referral_photos."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import BinaryIO, cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.choices import Action
from ideas.errors import Refusal
from ideas.models import Draft, Idea, Photo, User
from ideas.models.photos import photo_store
from ideas.rules.photos import Cover, Picture, covered
from ideas.services.files import NotStored, drop_files, store_files
from ideas.services.health import for_each
from ideas.services.photo_owners import about, held_photo, note_photo, require_editor
from ideas.services.publishing import require_first_check
from ideas.services.throttle import consume
from ideas.services.transactions import in_one_transaction

log = logging.getLogger(__name__)
SWEEP_AFTER = timedelta(days=1)
_FOLDER = re.compile("[0-9a-f]{2}")
_FILE = re.compile(r"(?P<key>[0-9a-f]{32})(-small)?\.jpg")


class TooManyPhotos(Refusal):
    """No place is left for another one."""


def may_upload(sender: str, *, at: datetime) -> bool:
    """Whether another photo may come from this sender (throttle.sender_key) now; asked before it is looked at.

    Keeps a disk from being filled on purpose: so many an hour, and so much that is not sent.
    """
    unsent = Photo.objects.filter(draft__sender=sender).aggregate(held=Sum("size"))["held"] or 0
    if unsent >= conf.draft_photo_bytes():
        return False
    return consume("photo-address", sender, most=conf.limit_photos_hour(), per=timedelta(hours=1), at=at)


class _AlreadyThere(Exception):
    """The draft holds this very picture."""

    def __init__(self, photo: Photo) -> None:
        self.photo = photo


def add_photo(*, draft: Draft, picture: Picture, at: datetime) -> Photo:
    """Keep a picture with a draft that is not sent yet; once, however often the same one comes (a double click)."""
    try:
        with stored(picture, at) as photo:
            locked = Draft.objects.select_for_update().get(pk=draft.pk)
            if same := same_photo(locked.photos.all(), picture):
                raise _AlreadyThere(same)
            if locked.idea_id is not None or locked.photos.count() >= conf.photos_per_idea():
                raise TooManyPhotos(_("There are already %(most)s photos.") % {"most": conf.photos_per_idea()})
            photo.draft = locked
            photo.save(force_insert=True)
    except _AlreadyThere as found:
        return found.photo
    return photo


def same_photo(photos: QuerySet[Photo], picture: Picture) -> Photo | None:
    """The one of them that shows this very picture. Redrawing is repeatable: the same file gives the same bytes."""
    likely = photos.filter(size=len(picture.full), width=picture.width, height=picture.height)
    return next((photo for photo in likely if _content(photo) == picture.full), None)


def _content(photo: Photo) -> bytes:
    try:
        return _bytes(photo.file_name)
    except OSError:
        return b""


def _bytes(name: str) -> bytes:
    with photo_store().open(name) as file:
        return file.read()


@contextmanager
def stored(picture: Picture, at: datetime) -> Iterator[Photo]:
    """The unsaved row of a picture whose files are on the disk; they go again if the row is not saved."""
    photo = Photo(added_at=at, width=picture.width, height=picture.height, size=len(picture.full))
    photo.digest_files(picture.full, picture.thumb)
    store_files(photo_store(), {photo.file_name: picture.full, photo.thumb_name: picture.thumb})
    try:
        with transaction.atomic():
            yield photo
    except BaseException:
        _delete_files([photo])
        raise


def copy_photos(*, source: Draft, target: Draft, at: datetime) -> None:
    """Give another draft the same photos, as files of its own; each counts as one more."""
    for photo in source.photos.all():
        if target.sender and not may_upload(target.sender, at=at):
            return
        try:
            full, thumb = _bytes(photo.file_name), _bytes(photo.thumb_name)
            add_photo(draft=target, picture=Picture(full, thumb, photo.width, photo.height), at=at)
        except (OSError, NotStored) as error:  # the words are worth more than the copy of a photo
            log.error("photo %s could not be copied: %s", photo.key, type(error).__name__)


def drop_photo(*, draft: Draft, key: UUID) -> None:
    """Take a photo out of a draft; one that is not there (any more) is no error."""
    delete_photos(Photo.objects.filter(draft=draft, key=key))


def attach_photos(*, draft: Draft, idea: Idea) -> None:
    draft.photos.update(draft=None, idea=idea)


@in_one_transaction
def delete_photos(photos: QuerySet[Photo]) -> None:
    """Delete rows, and their files once that is certain."""
    gone = list(photos)
    photos.delete()
    transaction.on_commit(lambda: _delete_files(gone), robust=True)  # what is left over is swept


@in_one_transaction
def check_photo(*, photo: Photo, checker: User, at: datetime, expected_version: int | None = None) -> None:
    """The first check 初审 of a photo, where the campaign takes two."""
    require_editor(photo, checker)
    row = held_photo(photo, checker)
    _require_releasable(row)
    if row.checked_by_id is not None:
        raise Refusal(_("The first check is done already."))
    note_photo(row, Action.CHECK_PHOTO, checker, at, expected_version)
    Photo.objects.filter(pk=row.pk).update(checked_by=checker, checked_at=at)


@in_one_transaction
def release_photo(
    *, photo: Photo, editor: User, at: datetime, shown: bool, expected_version: int | None = None
) -> None:
    """Let everybody see a photo wherever its idea, or the one it was merged into, is public; or take it back. That of
    a place is seen wherever the way of the idea is public (queries.referral_photos).

    A photo that was taken back needs its checks again.
    """
    require_editor(photo, editor)
    row = held_photo(photo, editor)
    if shown:
        _require_releasable(row)
        if about(row).campaign.two_checks:
            require_first_check(row.checked_by_id, editor)
    note_photo(row, Action.SHOW_PHOTO if shown else Action.HIDE_PHOTO, editor, at, expected_version)
    photo.shown_at = at if shown else None
    Photo.objects.filter(pk=row.pk).update(shown_at=photo.shown_at)
    if not shown:
        Photo.objects.filter(pk=row.pk).update(checked_by=None, checked_at=None)


def cover_photo(
    *, photo: Photo, covers: Sequence[Cover], editor: User, at: datetime, expected_version: int | None = None
) -> Photo | None:
    """Draw over faces and plates in a copy of a photo; an earlier copy goes. No covers: the photo is without a copy.

    The photo itself is left as it is, and is not shown to anybody outside while there is a copy.
    """
    require_editor(photo, editor)
    if not covers:
        _replace_copies(photo, editor, at, expected_version)
        return None
    with photo_store().open(photo.file_name) as file:
        picture = covered(cast(BinaryIO, file), covers)
    with stored(picture, at) as copy:
        row = _replace_copies(photo, editor, at, expected_version)
        copy.idea, copy.copy_of = row.idea, row
        copy.place, copy.stage, copy.milestone = row.place, row.stage, row.milestone
        copy.covers = [[cover.left, cover.top, cover.width, cover.height] for cover in covers]
        copy.save(force_insert=True)
    return copy


@in_one_transaction
def _replace_copies(photo: Photo, editor: User, at: datetime, expected_version: int | None) -> Photo:
    row = held_photo(photo, editor)
    if row.is_slip or row.copy_of_id is not None:
        raise Refusal(_("Only a photo that the resident or the unit sent is covered."))
    note_photo(row, Action.COVER_PHOTO, editor, at, expected_version)
    if row.shown_at is not None:
        release_photo(photo=row, editor=editor, at=at, shown=False)
    delete_photos(row.copies.all())
    return row


def _require_releasable(photo: Photo) -> None:
    if photo.is_slip:
        raise Refusal(_("The photo of a slip is evidence of consent; it is never released."))
    if photo.shown_at is not None:
        raise Refusal(_("The photo is released already."))
    if photo.copies.exists():
        raise Refusal(_("Parts of this photo were covered: only the covered copy can be released."))


def sweep_files(*, at: datetime) -> int:
    """Delete files that no row names, left by a crash between file and row; returns how many."""
    store = photo_store()
    folders = [name for name in store.listdir("")[0] if _FOLDER.fullmatch(name)] if store.exists("") else []
    found = [name for folder in folders for name in _orphans(folder)]
    return for_each(found, lambda name: _sweep(name, at), what="photo file")


def _orphans(folder: str) -> list[str]:
    """The files of a folder that are named like ours and that no row names. What is not ours is left alone."""
    try:
        files = photo_store().listdir(folder)[1]
    except OSError as error:
        log.error("photo folder %s: %s", folder, type(error).__name__)
        return []
    keys = {name: match["key"] for name in files if (match := _FILE.fullmatch(name)) and name.startswith(folder)}
    known = Photo.objects.filter(key__in=[UUID(key) for key in keys.values()]).values_list("key", flat=True)
    held = {key.hex for key in known}
    return [f"{folder}/{name}" for name, key in keys.items() if key not in held]


def _sweep(name: str, at: datetime) -> bool:
    """Whether it was old enough to go; somebody else may have been faster."""
    try:
        if photo_store().get_modified_time(name) >= at - SWEEP_AFTER:
            return False
        photo_store().delete(name)
    except FileNotFoundError:
        return False
    return True


def _delete_files(photos: list[Photo]) -> None:
    drop_files(photo_store(), [name for photo in photos for name in (photo.file_name, photo.thumb_name)])
