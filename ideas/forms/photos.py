"""The files of a form as photos, and the words for those that are none."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, BinaryIO, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ideas import conf
from ideas.forms.uploads import NotKept, TooLarge, TooManyFiles
from ideas.rules.photos import Fault, NotAPhoto, Picture, read_photo, takes_heic

# One large photo at a time in each process: drawing 25 megapixels may take half a gigabyte (docs/operations.md).
DECODER = Lock()
KINDS = ["image/jpeg", "image/png", "image/webp"]


class PhotosInput(forms.FileInput):
    """A field for several files. Where `accept` lacks HEIC, an iPhone turns its photos into JPEG by itself."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else []


class PhotosField(forms.Field):
    """Takes part in the form as a label and a hint; the files are read by `read_photos`, whatever the rest says."""

    widget = PhotosInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        kinds = [*KINDS, "image/heic", "image/heif"] if takes_heic() else KINDS
        return {"accept": ",".join(kinds)}

    def clean(self, value: Any) -> list[UploadedFile]:
        return value or []


def photos_hint() -> Any:
    """What is taken, and what becomes of it."""
    return _(
        "Up to %(most)s, %(kinds)s, at most %(size)s MB each. Please without faces and number plates; where "
        "and by whom a photo was taken is removed. Only staff see them until they are released."
    ) % {
        "most": conf.photos_per_idea(),
        "kinds": _("JPEG, PNG, WebP or HEIC") if takes_heic() else _("JPEG, PNG or WebP"),
        "size": conf.photo_bytes() // (1024 * 1024),
    }


def read_photos(
    files: Iterable[UploadedFile], *, room: int, may_read: Callable[[], bool] = lambda: True
) -> tuple[list[Picture], list[str]]:
    """The pictures in the files, at most `room`, and one sentence for each file that is not taken.

    `may_read` is asked before each one: to draw a photo anew costs a second, whether there is one in the file or not.
    """
    pictures: list[Picture] = []
    faults: list[str] = []
    for file in files:
        if len(pictures) >= room or isinstance(file, TooManyFiles):
            most = conf.photos_per_idea()
            faults.append(
                gettext("“%(file)s” was left out: %(most)s photos are the most.") % {"file": _name(file), "most": most}
            )
            continue
        if not isinstance(file, TooLarge) and not may_read():
            faults.append(gettext("Many photos come from your network just now. Please add yours again in an hour."))
            break
        try:
            pictures.append(_read(file))
        except NotAPhoto as error:
            faults.append(_words(error.fault) % {"file": _name(file), "most": conf.photo_pixels() // 1_000_000})
        except FileNotKept:
            faults.append(not_stored(_name(file)))
        except FileTooLarge:
            most = conf.photo_bytes() // (1024 * 1024)
            faults.append(
                gettext("“%(file)s” was left out: it is larger than %(most)s MB.") % {"file": _name(file), "most": most}
            )
    return pictures, faults


class FileTooLarge(Exception):
    """The upload handler skipped it."""


class FileNotKept(Exception):
    """The upload handler had no room for it."""


def not_stored(name: str) -> str:
    """The sentence about a photo for which the disk has no room."""
    return _("“%(file)s” could not be stored just now. Please add it again later; your text is kept.") % {"file": name}


def _read(file: UploadedFile) -> Picture:
    if isinstance(file, NotKept):
        raise FileNotKept
    if isinstance(file, TooLarge) or file.file is None:
        raise FileTooLarge
    with DECODER:
        return read_photo(cast(BinaryIO, file.file), most_pixels=conf.photo_pixels())


def _name(file: UploadedFile) -> str:
    return Truncator(file.name or gettext("photo")).chars(40)


def _words(fault: Fault) -> str:
    return {
        Fault.EMPTY: gettext("“%(file)s” was left out: the file is empty. Please choose it again."),
        Fault.UNREADABLE: gettext(
            "“%(file)s” was left out: the file is damaged or not complete. Please choose it again."
        ),
        Fault.KIND: gettext("“%(file)s” was left out: it is no photo. JPEG, PNG, WebP and HEIC are taken.")
        if takes_heic()
        else gettext("“%(file)s” was left out: it is no photo. JPEG, PNG and WebP are taken."),
        Fault.HEIC: gettext(
            "“%(file)s” was left out: HEIC photos cannot be read here. On an iPhone choose “Most Compatible” under "
            "Settings, Camera, Formats, or send a screenshot of the photo."
        ),
        Fault.PIXELS: gettext(
            "“%(file)s” was left out: it has more than %(most)s megapixels. Please take it with a smaller setting."
        ),
    }[fault]
