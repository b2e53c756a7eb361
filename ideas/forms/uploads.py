"""Reading uploaded files so that a wrong one never costs the text that came with it."""

from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from ideas import conf

IN_MEMORY = 1024 * 1024
SPARE = 5  # files beyond those that an idea may have are still looked at: some of them may be no photos


class Skipped(UploadedFile):
    """Stands for a file that was not kept: it has a name and a size, and nothing in it that could be closed."""

    def close(self) -> None:
        return


class TooLarge(Skipped):
    """It was larger than any that is taken."""


class TooManyFiles(Skipped):
    """It came after so many others."""


class NotKept(UploadedFile):
    """Stands for a file for which the temporary folder has no room."""


class SkippingUploadHandler(FileUploadHandler):
    """Keeps files up to the size and number that the portal takes; of others only the name comes through.

    Nothing raises here: Django would answer 400 and the resident's words would be gone.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.kept = 0
        self.content: IO[bytes] | None = None
        self.received = 0
        self.is_full = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received, self.is_full = 0, False
        has_room = self.kept < conf.photos_per_idea() + SPARE
        self.content = SpooledTemporaryFile(max_size=IN_MEMORY) if has_room else None  # noqa: SIM115

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.content is None:
            return
        try:
            if self.received > conf.photo_bytes():
                self.content.truncate(0)
            else:
                self.content.write(raw_data)
        except OSError:  # the temporary folder is full: what was written goes
            self.content.close()
            self.content, self.is_full = None, True

    def file_complete(self, file_size: int) -> UploadedFile:
        about: dict[str, Any] = {"name": self.file_name, "content_type": self.content_type, "size": self.received}
        if self.is_full:
            return NotKept(**about)
        if self.content is None:
            return TooManyFiles(**about)
        if self.received > conf.photo_bytes():
            self.content.close()
            return TooLarge(**about)
        self.kept += 1
        self.content.seek(0)
        return UploadedFile(file=self.content, **about)
