"""Writing files so that they are on the disk before anything says that they are."""

import logging
import os
from collections.abc import Mapping

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.translation import gettext_lazy as _

from ideas.errors import Refusal

log = logging.getLogger(__name__)


class NotStored(Refusal):
    """The disk is full, or can only be read."""


def store_files(store: Storage, contents: Mapping[str, bytes]) -> None:
    """Write these files, all or none, and sync them and their folders. Refuses where the disk does not take them."""
    try:
        for name, content in contents.items():
            store.save(name, ContentFile(content))
            _sync(store.path(name))
        for folder in {os.path.dirname(store.path(name)) for name in contents}:
            _sync(folder)
            _sync(os.path.dirname(folder))  # it may be new itself
    except OSError as error:
        log.error("a file could not be stored: %s", error.strerror)
        drop_files(store, contents)
        raise NotStored(_("It could not be stored just now. Please try again later.")) from error


def drop_files(store: Storage, names: Mapping[str, bytes] | list[str]) -> None:
    """Delete what is there of these files; what cannot be deleted now is swept later."""
    for name in names:
        try:
            store.delete(name)
        except OSError as error:
            log.error("a file could not be deleted: %s", error.strerror)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
