"""Picture files taken apart: what a decoder needs to draw the first picture, and nothing else.

Decoders are asked to draw, never to read what strangers wrote beside the picture: texts, colour profiles, EXIF, further
frames and padding are where small files grow large (64 KB of EXIF can name its own bytes 5,000 times) or slow. Sizes
are known before a decoder sees a byte. JPEG: ITU T.81; PNG: third edition; WebP: RFC 9649; HEIC: ISO 14496-12.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Named as Pillow names them."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIC = "HEIF"


class Damaged(Exception):
    """The file breaks the rules of its kind, or uses a part of them that no camera and no phone uses."""


@dataclass(frozen=True)
class Drawing:
    """A file of the same kind that holds one picture only; `orientation` is EXIF's, 1 where nothing usable is said.

    `is_ended_here`: its end was not in the file and was put here; whether the picture is whole, decoding must tell.
    """

    data: bytes
    width: int
    height: int
    orientation: int = 1
    is_ended_here: bool = False


PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
# Photos of phones have some dozens of each; a file with more only wants to keep us busy.
MOST_PARTS = 20_000
MOST_SCANS = 64  # progressive files have about ten, and each costs a pass over the whole picture
# The next segment; what stands before it is coded data, restarts included, or padding.
MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")


def kind_of(data: bytes) -> Kind | None:
    """By content; names and declared types are the sender's to choose."""
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(PNG_MAGIC):
        return Kind.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[start : start + 4] for start in (8, *range(16, end, 4))}
        return Kind.HEIC if brands & HEIC_BRANDS else None
    return None


def take_apart(kind: Kind, data: bytes) -> Drawing:
    """Damaged, struct.error or IndexError where the file cannot be followed."""
    return {Kind.JPEG: _jpeg, Kind.PNG: _png, Kind.WEBP: _webp, Kind.HEIC: _heic}[kind](data)


def _need(held: object) -> None:
    if not held:
        raise Damaged


# JPEG


def _jpeg_parts(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, the marker with its segment, the coded data after it) up to the first end of image, if there is one."""
    found = MARKER.search(data, 2)
    for _ in range(MOST_PARTS):
        if found is None:
            return
        start, marker = found.start(), data[found.end() - 1]
        if marker == 0xD9:
            yield marker, data[start : start + 2], b""
            return
        (length,) = struct.unpack_from(">H", data, start + 2)
        end = start + 2 + length
        _need(length >= 2 and end <= len(data))
        found = MARKER.search(data, end)
        coded = data[end : found.start() if found else None] if marker == 0xDA else b""
        yield marker, data[start:end], coded
    raise Damaged


JPEG_END = b"\xff\xd9"
# Tables, frames as phones write them (baseline, extended, progressive), restarts, scans and the end, besides these the
# two application segments that tell the decoder which colours it sees: JFIF and Adobe.
JPEG_KEPT = {0xDB, 0xC4, 0xC0, 0xC1, 0xC2, 0xDD, 0xDA, 0xD9}
JPEG_NEVER = {0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xDC, 0xDE, 0xDF}


def _jpeg(data: bytes) -> Drawing:
    kept, frames, scans, orientation, marker, planes, fine = [b"\xff\xd8"], [], 0, 0, 0, 0, set[int]()
    for marker, segment, coded in _jpeg_parts(data):
        _need(marker not in JPEG_NEVER)
        if marker in (0xC0, 0xC1, 0xC2):
            height, width, planes = struct.unpack_from(">HHB", segment, 5)
            _need(segment[4] == 8 and len(segment) == 10 + 3 * planes)
            frames.append((width, height))
        elif marker == 0xDA:
            scans += 1
            fine |= _drawn_to_the_end(segment)
        elif marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = orientation or _orientation(segment[10:])
        adobe = marker == 0xEE and segment[4:9] == b"Adobe"
        if marker in JPEG_KEPT or adobe or (marker == 0xE0 and segment[4:9] == b"JFIF\0"):
            kept += [segment, coded]
    _need(len(frames) == 1 and 1 <= scans <= MOST_SCANS)
    drawn, is_ended = b"".join(kept), marker == JPEG_END[1]
    if not is_ended:
        _need(len(fine) == planes)
        drawn = drawn.rstrip(JPEG_END[:1]) + JPEG_END  # half of the mark may be there
    return Drawing(drawn, *frames[0], orientation or 1, not is_ended)


def _drawn_to_the_end(scan: bytes) -> set[int]:
    """The colour planes whose last and finest detail is in this scan; of progressive files some are sketches."""
    last, low = scan[-2], scan[-1] & 15
    return set(scan[5 : 5 + 2 * scan[4] : 2]) if last == 63 and low == 0 else set()


# PNG


def _png(data: bytes) -> Drawing:
    kept, here, orientation = [PNG_MAGIC], len(PNG_MAGIC), 1
    width, height = struct.unpack_from(">II", data, here + 8)
    for number in range(MOST_PARTS):
        length, name = struct.unpack_from(">I4s", data, here)
        end = here + 12 + length
        _need(end <= len(data) and (name == b"IHDR") == (number == 0))
        if name == b"eXIf":
            orientation = _orientation(data[here + 8 : end - 4])
        elif name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(data[here:end])
        if name == b"IEND":
            return Drawing(b"".join(kept), width, height, orientation)
        here = end
    raise Damaged


# WebP


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, payload); payloads are padded to even lengths."""
    here = 0
    for _ in range(MOST_PARTS):
        if here + 8 > len(data):
            return
        name, length = struct.unpack_from("<4sI", data, here)
        _need(here + 8 + length <= len(data))
        yield name, data[here + 8 : here + 8 + length]
        here += 8 + length + length % 2
    raise Damaged


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def _webp(data: bytes) -> Drawing:
    """The first frame of an animation becomes a picture of its own size."""
    (length,) = struct.unpack_from("<I", data, 4)
    _need(4 <= length <= len(data) - 8)
    image, alpha, orientation = None, b"", 1
    for name, payload in _riff_chunks(data[12 : 8 + length]):
        parts = list(_riff_chunks(payload[16:])) if name == b"ANMF" and not image else [(name, payload)]
        for part, content in parts:
            if part == b"ALPH" and not image:
                alpha = content
            elif part in (b"VP8 ", b"VP8L") and not image:
                image = part, content
        if name == b"EXIF":
            orientation = _orientation(payload.removeprefix(b"Exif\0\0"))
    if image is None:
        raise Damaged
    width, height = _vp8_size(*image)
    body = _chunk(*image)
    if alpha and image[0] == b"VP8 ":
        canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = _chunk(b"VP8X", b"\x10\0\0\0" + canvas) + _chunk(b"ALPH", alpha) + body
    return Drawing(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body, width, height, orientation)


def _vp8_size(name: bytes, content: bytes) -> tuple[int, int]:
    """From the coded picture itself, so that no frame or canvas around it can say otherwise."""
    if name == b"VP8L":
        _need(content[0] == 0x2F)
        (bits,) = struct.unpack_from("<I", content, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    _need(content[3:6] == b"\x9d\x01\x2a")
    width, height = struct.unpack_from("<HH", content, 6)
    return width & 0x3FFF, height & 0x3FFF


# HEIC


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    here = 0
    for _ in range(MOST_PARTS):
        if here + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, here)
        start = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, here + 8)
            start = 16
        elif length == 0:
            length = len(data) - here
        _need(start <= length <= len(data) - here)
        yield name, data[here + start : here + length]
        here += length
    raise Damaged


def _inside(data: bytes, wanted: bytes) -> bytes:
    for name, content in _boxes(data):
        if name == wanted:
            return content
    raise Damaged


def _heic(data: bytes) -> Drawing:
    """The file as it is, and the largest picture in it: the decoder holds each picture to the size stated for it.

    What the picture says of its own rotation binds the decoder; EXIF's orientation is not to be heeded again.
    """
    properties = _inside(_inside(_inside(data, b"meta")[4:], b"iprp"), b"ipco")
    sizes = [struct.unpack_from(">II", content, 4) for name, content in _boxes(properties) if name == b"ispe"]
    _need(sizes)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Drawing(data, width, height)


# EXIF


def _orientation(exif: bytes) -> int:
    """1 to 8. Only the first directory's own entries are looked at; nothing in them is followed.

    Broken EXIF does not make a photo worse than none: 1.
    """
    try:
        order = {b"II": "<", b"MM": ">"}[exif[:2]]
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(order + "HHIH", exif, entry)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except (struct.error, KeyError):
        pass
    return 1
