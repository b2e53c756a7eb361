"""Photos as residents send them, redrawn: upright, of moderate size, and without a word beside the picture."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from PIL import Image, ImageDraw

from ideas.rules import containers
from ideas.rules.containers import Drawing, Kind

try:
    import pillow_heif
except ImportError:  # the extra "heic" is not installed
    pillow_heif = None  # type: ignore[assignment]

COVER = "#16202a"  # the ink of the pages
FULL_SIDE, THUMB_SIDE = 2048, 320
MOST_SIDE = 30_000  # one column of millions of rows costs far more than its pixels; panoramas have some 16,000
QUALITY = 82
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Fault(StrEnum):
    """Why a file is not taken."""

    UNREADABLE = "unreadable"  # damaged
    EMPTY = "empty"
    KIND = "kind"  # none of JPEG, PNG, WebP, HEIC
    HEIC = "heic"  # would be taken, were the extra installed
    PIXELS = "pixels"  # too many


class NotAPhoto(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Picture:
    """Both are JPEG without metadata; width and height are those of `full`."""

    full: bytes
    thumb: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Cover:
    """A rectangle in pixels of the picture, counted from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


def takes_heic() -> bool:
    return pillow_heif is not None


def read_photo(file: BinaryIO, *, most_pixels: int) -> Picture:
    """The photo redrawn, or NotAPhoto; nothing else is raised for what a file holds.

    The file is read whole: who calls has bounded its bytes.
    """
    file.seek(0)
    data = file.read()
    if not data:
        raise NotAPhoto(Fault.EMPTY)
    kind = containers.kind_of(data)
    if kind is None:
        raise NotAPhoto(Fault.KIND)
    if kind is Kind.HEIC and not takes_heic():
        raise NotAPhoto(Fault.HEIC)
    with _damage_refused():
        drawing = containers.take_apart(kind, data)
        del data
        if drawing.width * drawing.height > most_pixels or max(drawing.width, drawing.height) > MOST_SIDE:
            raise NotAPhoto(Fault.PIXELS)
        if drawing.is_ended_here and not _is_whole(drawing):
            raise NotAPhoto(Fault.UNREADABLE)
        return _redrawn(kind, drawing)


def _is_whole(drawing: Drawing) -> bool:
    """Whether a JPEG lost its end only: of a whole picture more data change nothing, a cut one is drawn from them."""
    end = len(containers.JPEG_END)
    seen = []
    for more in (b"", b"\x55" * 512):
        data = drawing.data[:-end] + more + containers.JPEG_END
        with Image.open(io.BytesIO(data), formats=[Kind.JPEG]) as image:
            image.draft(None, _fitting(image.size, THUMB_SIDE))
            seen.append(image.tobytes())
    return seen[0] == seen[1]


def covered(file: BinaryIO, covers: Sequence[Cover]) -> Picture:
    """One of our own pictures with solid rectangles over parts of it, redrawn: nothing of them is left in the file."""
    with Image.open(file, formats=["JPEG"]) as image:
        full = image.convert("RGB")
    brush = ImageDraw.Draw(full)
    for cover in covers:
        right, bottom = cover.left + cover.width - 1, cover.top + cover.height - 1  # Pillow draws the last pixel too
        brush.rectangle((cover.left, cover.top, right, bottom), fill=COVER)
    thumb = _shrunk(full, _fitting(full.size, THUMB_SIDE))
    return Picture(_jpeg(full), _jpeg(thumb), *full.size)


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except NotAPhoto:
        raise
    # Broad on purpose: decoders answer damaged files with whatever their C code ran into (OSError, SyntaxError,
    # ValueError, struct.error, OverflowError, MemoryError and more), a new release with something else again, and none
    # of it is a reason to lose the text of an idea.
    except Exception as error:
        raise NotAPhoto(Fault.UNREADABLE) from error


def _redrawn(kind: Kind, drawing: Drawing) -> Picture:
    with _opened(kind, drawing) as source:
        # A draft's sides are rounded up, which would make long pictures a little too tall.
        stated = source.size if kind is Kind.HEIC else (drawing.width, drawing.height)
        full = _shrunk(_painted(_even(source)), _fitting(stated, FULL_SIDE))
    if drawing.orientation in TURNS:
        full = full.transpose(TURNS[drawing.orientation])
    thumb = _shrunk(full, _fitting(full.size, THUMB_SIDE))
    return Picture(_jpeg(full), _jpeg(thumb), *full.size)


@contextmanager
def _opened(kind: Kind, drawing: Drawing) -> Iterator[Image.Image]:
    """Decoded, at the size stated before: what a decoder finds to be another size was stated in bad faith."""
    if kind is Kind.HEIC:
        heif = pillow_heif.open_heif(io.BytesIO(drawing.data))
        if heif.size[0] * heif.size[1] > drawing.width * drawing.height:
            raise NotAPhoto(Fault.PIXELS)
        with heif[heif.primary_index].to_pillow() as image:
            yield image
        return
    with Image.open(io.BytesIO(drawing.data), formats=[kind]) as image:
        if image.size != (drawing.width, drawing.height):
            raise NotAPhoto(Fault.UNREADABLE)
        # A large JPEG is decoded at a half, a quarter or an eighth, as long as that is not smaller than what we keep.
        image.draft(None, _fitting(image.size, FULL_SIDE))
        image.load()
        yield image


def _even(image: Image.Image) -> Image.Image:
    """Eight bits per colour: convert() would clip grey values of sixteen bits instead of scaling them."""
    if not image.mode.startswith("I"):
        return image
    return image.point(lambda grey: grey * (1 / 256)).convert("L")


def _painted(image: Image.Image) -> Image.Image:
    """In RGB, transparent areas on white.

    Colour profiles are not applied: they are a stranger's input to one more C library, for a difference that shows only
    in the strongest colours of wide-gamut phones (slightly paler).
    """
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")  # convert() would copy even then
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if size == image.size:
        return image
    # With the gap a large picture is first halved or cut by more, which is cheap; without it the filter's table for a
    # very long row takes a gigabyte.
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _jpeg(image: Image.Image) -> bytes:
    image.info = {}  # Pillow writes a comment it finds here
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()
