"""Files that mean harm, or only look like photos: built by code, each with the reason why it is here.

`fault` says how the file is refused; None where its picture is whole after all and comes out redrawn, without PAYLOAD.
"""

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import pillow_heif
from PIL import Image

from ideas.rules.photos import Fault

pillow_heif.register_heif_opener()  # for saving; the rules go without
MOST_PIXELS = 25_000_000
PAYLOAD = b"<script>alert('payload')</script>"
UNREADABLE, KIND, PIXELS = Fault.UNREADABLE, Fault.KIND, Fault.PIXELS


class Hostile(NamedTuple):
    why: str
    data: bytes
    fault: Fault | None


def saved(kind, image=None, **options):
    file = io.BytesIO()
    (image or Image.radial_gradient("L").resize((96, 64)).convert("RGB")).save(file, kind, **options)
    return file.getvalue()


def marker(code, content):
    return struct.pack(">BBH", 0xFF, code, len(content) + 2) + content


def jpeg(*segments, of=None):
    """A good JPEG with segments put behind its start."""
    return b"\xff\xd8" + b"".join(segments) + (of or saved("JPEG"))[2:]


def frame(width, height, *, code=0xC0, bits=8, planes=3, told=None):
    """A good JPEG whose frame says something else."""
    good = saved("JPEG")
    start = good.index(b"\xff\xc0")
    (length,) = struct.unpack_from(">H", good, start + 2)
    parts = b"".join(bytes([number, 0x11, 0]) for number in range(1, planes + 1))
    said = struct.pack(">BHHB", bits, height, width, planes if told is None else told) + parts
    return good[:start] + marker(code, said) + good[start + 2 + length :]


def entry(tag, kind, count, value):
    return struct.pack("<HHII", tag, kind, count, value)


def exif(*entries, start=8, following=0):
    return b"II*\0" + struct.pack("<IH", start, len(entries)) + b"".join(entries) + struct.pack("<I", following)


def with_exif(block):
    return jpeg(marker(0xE1, b"Exif\0\0" + block))


def scans(count):
    """The last scan of a progressive file again and again: each costs the decoder a pass over the whole picture."""
    good = saved("JPEG", progressive=True)
    last = good.rindex(b"\xff\xda")
    return good[:last] + good[last:-2] * count + good[-2:]


def chunk(name, content, crc=None):
    summed = zlib.crc32(name + content) if crc is None else crc
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", summed)


def png(width=64, height=64, *, bits=8, colour=2, before=b"", pixels=None, after=b"", end=True):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    rows = zlib.compress(b"\0" * (64 * 3 + 1) * 64) if pixels is None else pixels
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + before
        + (chunk(b"IDAT", rows) if rows else b"")
        + after
        + chunk(b"IEND", b"") * end
    )


def riff(*chunks, length=None):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if length is None else length) + body


def part(name, content, length=None):
    padding = b"\0" * (len(content) % 2)
    return name + struct.pack("<I", len(content) if length is None else length) + content + padding


def canvas(width, height, flags=0):
    size = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return part(b"VP8X", bytes([flags, 0, 0, 0]) + size)


def anmf(width, height, *inner, x=0):
    place = [x, 0, width - 1, height - 1, 100]
    return part(b"ANMF", b"".join(n.to_bytes(3, "little") for n in place) + b"\0" + b"".join(inner))


def vp8():
    return saved("WEBP")[12:]


def vp8l(width, height, rest=b""):
    return part(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + rest)


def box(name, content):
    return struct.pack(">I4s", len(content) + 8, name) + content


def heic(*inner, brand=b"heic"):
    return box(b"ftyp", brand + b"\0\0\0\0mif1" + brand) + box(b"meta", b"\0\0\0\0" + b"".join(inner))


def extents(width, height):
    return box(b"iprp", box(b"ipco", box(b"ispe", struct.pack(">III", 0, width, height))))


def lying_heic():
    """Black, 4096 by 4096, its size then overwritten by 64 by 64. Kept as a file: to encode it takes ten seconds."""
    return (Path(__file__).parent / "lying.heic").read_bytes()


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("payload.html", PAYLOAD)
    return file.getvalue()


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BOMB = zlib.compress(b"\0" * 50_000_000, 9)
RATIONAL = b"".join(entry(tag, 7, 60_000, 8) for tag in range(1, 5_000))

NOT_PICTURES = {
    "empty": ("nothing in it", b""),
    "one-byte": ("shorter than any signature", b"\xff"),
    "signature-only-gif": ("a signature without a picture", b"GIF89a"),
    "text": ("words named photo.jpg", b"Dear office, " * 50),
    "html": ("a page that a browser would run", b"<!doctype html>" + PAYLOAD),
    "javascript": ("a script", b"alert('payload')"),
    "php": ("a script for a careless server", b"<?php system($_GET['c']); ?>"),
    "svg": ("a drawing that runs scripts", b'<svg xmlns="http://www.w3.org/2000/svg">' + PAYLOAD + b"</svg>"),
    "svg-entities": ("entities that grow tenfold nine times", b"<!DOCTYPE svg [" + LAUGHS + b"]><svg>&l9;</svg>"),
    "svg-file": (
        "an entity that reads a file",
        b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    ),
    "gif": ("a kind that we do not take", saved("GIF")),
    "gif-javascript": ("a GIF that is a script as well", b"GIF89a=1;alert('payload');//" + saved("GIF")[6:]),
    "bmp": ("a kind that we do not take", saved("BMP")),
    "tiff": ("a kind whose reader has a long record of faults", saved("TIFF")),
    "tiff-loop": ("a directory that is its own successor", exif(entry(256, 3, 1, 1), following=8)),
    "ico": ("a container of other kinds", saved("ICO")),
    "icns": ("a container of other kinds", b"icns\0\0\0\x10ic07\0\0\0\x08"),
    "psd": ("a kind that we do not take", b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 300000, 300000, 8, 3)),
    "eps": ("a program for Ghostscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n"),
    "pdf": ("a document", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"),
    "pcx": ("a kind that we do not take", saved("PCX")),
    "tga": ("a kind without a signature", saved("TGA")),
    "jpeg-2000": ("a kind whose decoder is heavy", saved("JPEG2000")),
    "avif-header": ("a kind that we do not take", box(b"ftyp", b"avif\0\0\0\0avifmif1miaf")),
    "mp4": ("a film in the same container as HEIC", box(b"ftyp", b"isom\0\0\2\0isommp42")),
    "fli": ("a kind whose reader had overflows", struct.pack("<IHHHHHH", 128, 0xAF11, 1, 64, 64, 8, 3) + b"\0" * 112),
    "xbm": ("a picture written as C", b"#define x_width 9\n#define x_height 9\nstatic char x_bits[] = {0};"),
    "xpm": ("a picture written as C", b'/* XPM */\nstatic char *x[] = {"99999 99999 1 1"};'),
    "wmf": ("a list of calls to an old Windows", b"\xd7\xcd\xc6\x9a" + b"\0" * 40),
    "mpeg": ("a film", b"\0\0\1\xb3" + b"\xff" * 60),
    "zip": ("an archive", zipped()),
    "gzip": ("ten megabytes in ten kilobytes", gzip.compress(b"\0" * 10_000_000, mtime=0)),
    "elf": ("a program", b"\x7fELF\2\1\1" + b"\0" * 57),
    "wav": ("a sound in the same container as WebP", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32),
    "png-behind-text": ("the picture begins later than the file", b"hello" + png()),
}

JPEGS = {
    "jpeg-html": ("a photo with a page in its comment", jpeg(marker(0xFE, PAYLOAD)), None),
    "jpeg-zip": ("a photo with an archive behind it", saved("JPEG") + zipped(), None),
    "jpeg-script-in-tables": (
        "a script in every place for applications",
        jpeg(*(marker(code, PAYLOAD) for code in range(0xE0, 0xF0))),
        None,
    ),
    "jpeg-signature": ("a signature without a picture", b"\xff\xd8\xff", UNREADABLE),
    "jpeg-only-ends": ("begins and ends with nothing between", b"\xff\xd8\xff\xd9", UNREADABLE),
    "jpeg-cut-in-head": ("ends in its tables", saved("JPEG")[:200], UNREADABLE),
    "jpeg-cut-at-scan": ("ends where the picture begins", saved("JPEG").partition(b"\xff\xda")[0], UNREADABLE),
    "jpeg-cut-in-half": ("ends in the picture", saved("JPEG")[: -len(saved("JPEG")) // 3], UNREADABLE),
    "jpeg-cut-progressive": ("ends between two scans", saved("JPEG", progressive=True)[:-250], UNREADABLE),
    "jpeg-huge": ("says 65535 x 65535 in a thousand bytes", frame(65535, 65535), PIXELS),
    "jpeg-just-too-large": ("says one row too many", frame(5000, 5001), PIXELS),
    "jpeg-too-little-data": ("says more pixels than it has: they come out grey", frame(4900, 4900), None),
    "jpeg-no-width": ("zero columns", frame(0, 64), UNREADABLE),
    "jpeg-no-height": ("rows to be told later", frame(96, 0), UNREADABLE),
    "jpeg-planes": ("says four planes and describes three", frame(96, 64, told=4), UNREADABLE),
    "jpeg-two-planes": ("a number of planes that no colours have", frame(96, 64, planes=2), UNREADABLE),
    "jpeg-255-planes": ("more planes than a decoder has room for", frame(96, 64, planes=255), UNREADABLE),
    "jpeg-12-bits": ("twelve bits per colour", frame(96, 64, bits=12), UNREADABLE),
    "jpeg-arithmetic": ("a coding that nobody writes and few test", frame(96, 64, code=0xC9), UNREADABLE),
    "jpeg-lossless": ("a coding that nobody writes and few test", frame(96, 64, code=0xC3), UNREADABLE),
    "jpeg-two-frames": (
        "a small frame hides a large one",
        jpeg(marker(0xC0, b"\x08" + struct.pack(">HHB", 60000, 60000, 1) + b"\1\x11\0")),
        UNREADABLE,
    ),
    "jpeg-many-applications": ("three hundred full segments", jpeg(marker(0xE4, b"\0" * 65533) * 300), None),
    "jpeg-crumbs-of-exif": (
        "EXIF in a million crumbs that are joined one by one",
        jpeg(marker(0xE1, b"Exif\0\0x") * 1_000_000),
        UNREADABLE,
    ),
    "jpeg-padding": ("ten megabytes of fill bytes", jpeg(b"\xff" * 10_000_000), None),
    "jpeg-length-lies": ("a segment longer than the file", b"\xff\xd8\xff\xe1\xff\xffExif\0\0", UNREADABLE),
    "jpeg-length-zero": ("a segment that does not even hold its length", jpeg(b"\xff\xe1\0\0"), UNREADABLE),
    "jpeg-icc": (
        "a colour profile of nonsense, in the wrong order",
        jpeg(*(marker(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + b"\xff" * 9000) for n in range(9, 0, -1))),
        None,
    ),
    "jpeg-mpf": (
        "an index of four thousand million further pictures",
        jpeg(marker(0xE2, b"MPF\0" + exif(entry(0xB001, 4, 1, 0xFFFFFFFF), entry(0xB002, 7, 16, 8)))),
        None,
    ),
    "jpeg-photoshop": (
        "a resource longer than its segment",
        jpeg(marker(0xED, b"Photoshop 3.0\08BIM\4\4\0\0\xff\xff\xff\xff")),
        None,
    ),
    "exif-loop": (
        "a directory that is its own successor and its own child",
        with_exif(exif(entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8), following=8)),
        None,
    ),
    "exif-bomb": ("five thousand entries that each name the same 60 KB", with_exif(exif(*[RATIONAL])[:65_000]), None),
    "exif-nowhere": ("a directory behind the end", with_exif(exif(start=0xFFFFFFF0)), None),
    "exif-count": ("65535 entries promised, none there", with_exif(b"II*\0\x08\0\0\0\xff\xff"), None),
    "exif-orientation": ("turned in a ninth way", with_exif(exif(entry(0x0112, 3, 1, 9))), None),
    "exif-rational": (
        "a resolution divided by zero",
        with_exif(exif(entry(0x011A, 5, 1, 26), entry(0x0128, 3, 1, 2))),
        None,
    ),
    "exif-cut": ("three bytes of EXIF", with_exif(b"II*"), None),
    "jpeg-huffman": (
        "a code table that counts more codes than there are",
        jpeg(marker(0xC4, b"\0" + b"\xff" * 300)),
        UNREADABLE,
    ),
    "jpeg-quantum": ("a table of a size that does not exist", jpeg(marker(0xDB, b"\x70" + b"\0" * 9)), UNREADABLE),
    "jpeg-restarts": (
        "restarts where none were announced",
        saved("JPEG")[:-2] + b"\xff\xd3\xff\xd0\xff\xd7" * 500 + b"\xff\xd9",
        None,
    ),
    "jpeg-scans": ("a thousand passes over one picture", scans(1000), UNREADABLE),
}

PNGS = {
    "png-signature": ("a signature without a picture", png()[:8], UNREADABLE),
    "png-huge": ("says 65535 x 65535", png(65535, 65535), PIXELS),
    "png-largest": ("says as many pixels as the format can", png(2**31 - 1, 2**31 - 1), PIXELS),
    "png-negative": ("a width that is negative to careless readers", png(2**32 - 1, 1), PIXELS),
    "png-no-width": ("zero columns", png(0, 64), UNREADABLE),
    "png-no-height": ("zero rows", png(64, 0), UNREADABLE),
    "png-one-row": (
        "one row of 24 million pixels: a filter for it takes a gigabyte",
        png(24_000_000, 1, bits=1, colour=0, pixels=zlib.compress(b"\0" * 3_000_001)),
        PIXELS,
    ),
    "png-one-column": (
        "one column of 24 million pixels: each row costs the decoder twenty bytes more",
        png(1, 24_000_000, bits=1, colour=0, pixels=zlib.compress(b"\0" * 48_000_000)),
        PIXELS,
    ),
    "png-wrong-sum": (
        "a header that does not fit its check sum",
        png().replace(struct.pack(">II", 64, 64), struct.pack(">II", 64, 65), 1),
        UNREADABLE,
    ),
    "png-no-data": ("no picture between head and end", png(pixels=b""), UNREADABLE),
    "png-no-head": ("begins with data", png()[:8] + chunk(b"IDAT", BOMB) + chunk(b"IEND", b""), UNREADABLE),
    "png-two-heads": (
        "a small header hides a large one",
        png(before=chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))),
        UNREADABLE,
    ),
    "png-data-bomb": ("data a thousand times longer than the header says", png(pixels=BOMB), None),
    "png-data-short": ("data that ends too early", png(pixels=zlib.compress(b"\0" * 99)), UNREADABLE),
    "png-data-nonsense": ("data that is not compressed", png(pixels=b"\xff" * 500), UNREADABLE),
    "png-blank": ("24 million pixels promised, none sent", png(4900, 4900), UNREADABLE),
    "png-ztxt": ("a comment of fifty megabytes in fifty kilobytes", png(before=chunk(b"zTXt", b"c\0\0" + BOMB)), None),
    "png-ztxt-behind": ("the same behind the picture", png(after=chunk(b"zTXt", b"c\0\0" + BOMB)), None),
    "png-ztxt-many": ("the same two hundred times", png(before=chunk(b"zTXt", b"c\0\0" + BOMB) * 200), None),
    "png-itxt": ("the same with a language", png(before=chunk(b"iTXt", b"c\0\1\0\0\0" + BOMB)), None),
    "png-iccp": ("a colour profile of fifty megabytes", png(before=chunk(b"iCCP", b"c\0\0" + BOMB)), None),
    "png-exif-bomb": (
        "five thousand entries that each name the same bytes",
        png(before=chunk(b"eXIf", exif(RATIONAL))),
        None,
    ),
    "png-text": ("a script in a comment", png(before=chunk(b"tEXt", b"Comment\0" + PAYLOAD)), None),
    "png-zip": ("a picture with an archive behind it", png() + zipped(), None),
    "png-length-lies": ("a chunk longer than the file", png(before=b"\xff\xff\xff\xffzTXtc\0\0"), UNREADABLE),
    "png-crumbs": ("a million empty chunks", png(before=chunk(b"teSt", b"") * 1_000_000), UNREADABLE),
    "png-no-palette": (
        "colours from a palette that is missing",
        png(colour=3, pixels=zlib.compress((b"\0" + b"\7" * 64) * 64)),
        UNREADABLE,
    ),
    "png-palette-short": (
        "a palette of one and a third colours",
        png(colour=3, before=chunk(b"PLTE", b"abcd"), pixels=zlib.compress((b"\0" + b"\7" * 64) * 64)),
        None,
    ),
    "png-depth": ("seven bits per colour", png(bits=7), UNREADABLE),
    "png-frames": (
        "an animation of four thousand million frames",
        png(
            before=chunk(b"acTL", struct.pack(">II", 0xFFFFFFFF, 0))
            + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 64, 64, 0, 0, 0, 0, 3, 9))
        ),
        None,
    ),
    "png-frame-size": (
        "an animation whose frame is larger than its canvas",
        png(
            before=chunk(b"acTL", struct.pack(">II", 2, 0))
            + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 60000, 60000, 9, 9, 0, 0, 0, 0))
        ),
        None,
    ),
    "png-cut": ("ends in the picture", saved("PNG")[:-40], UNREADABLE),
    "png-no-end": ("has no end", png(end=False), UNREADABLE),
}

WEBPS = {
    "webp-signature": ("a signature without a picture", riff(), UNREADABLE),
    "webp-canvas": ("a canvas of 268 million pixels round nothing", riff(canvas(16384, 16384)), UNREADABLE),
    "webp-canvas-lies": (
        "a canvas of 268 million pixels round a small picture",
        riff(canvas(16384, 16384), vp8()),
        None,
    ),
    "webp-largest": ("says 16384 x 16384 in forty bytes", riff(vp8l(16384, 16384, b"\0" * 16)), PIXELS),
    "webp-blank": ("24 million pixels promised, none sent", riff(vp8l(4900, 4900)), UNREADABLE),
    "webp-codes": ("a code table of nonsense", riff(vp8l(4900, 4900, b"\xff" * 4000)), UNREADABLE),
    "webp-version": (
        "a version that does not exist",
        riff(part(b"VP8L", b"\x2f\x3f\0\0\xf0" + b"\0" * 20)),
        UNREADABLE,
    ),
    "webp-riff-short": ("a container that says it is shorter", riff(vp8(), length=20), UNREADABLE),
    "webp-riff-long": ("a container that says it is longer", riff(vp8(), length=0xFFFFFFF0), UNREADABLE),
    "webp-chunk-lies": ("a chunk longer than the file", riff(part(b"VP8 ", vp8()[8:], length=0x7FFFFFFF)), UNREADABLE),
    "webp-cut": ("ends in the picture, with lengths that say so", riff(part(b"VP8 ", vp8()[8:60])), UNREADABLE),
    "webp-no-width": ("zero columns", riff(part(b"VP8 ", b"\x10\0\0\x9d\1\x2a\0\0\x40\0" + b"\0" * 20)), UNREADABLE),
    "webp-frame-large": (
        "a frame larger than its canvas",
        riff(canvas(64, 64, 2), part(b"ANIM", b"\0" * 6), anmf(16384, 16384, vp8())),
        None,
    ),
    "webp-frame-outside": (
        "a frame beside its canvas",
        riff(canvas(64, 64, 2), part(b"ANIM", b"\0" * 6), anmf(96, 64, vp8(), x=0xFFFFFF)),
        None,
    ),
    "webp-frame-empty": ("a frame without a picture", riff(canvas(64, 64, 2), anmf(64, 64)), UNREADABLE),
    "webp-frames": (
        "a hundred thousand frames",
        riff(canvas(96, 64, 2), anmf(96, 64, vp8()), anmf(1, 1) * 100_000),
        UNREADABLE,
    ),
    "webp-xmp": ("a script in its metadata", riff(canvas(96, 64, 4), vp8(), part(b"XMP ", PAYLOAD)), None),
    "webp-exif-loop": (
        "a directory that is its own successor",
        riff(canvas(96, 64, 8), vp8(), part(b"EXIF", exif(entry(0x8769, 4, 1, 8), following=8))),
        None,
    ),
    "webp-alpha": ("transparency of nonsense", riff(canvas(96, 64, 16), part(b"ALPH", b"\xff" * 9), vp8()), UNREADABLE),
}

# With the extra installed, which the tests have; without it every one is refused as Fault.HEIC.
HEICS = {
    "heic-header": ("a signature without a picture", box(b"ftyp", b"heic\0\0\0\0mif1heic"), UNREADABLE),
    "heic-empty": ("a table of contents without contents", heic(), UNREADABLE),
    "heic-huge": ("says four thousand million columns and rows", heic(extents(2**32 - 1, 2**32 - 1)), PIXELS),
    "heic-no-primary": (
        "its main picture is missing",
        heic(box(b"pitm", b"\0\0\0\0\0\7"), extents(64, 64)),
        UNREADABLE,
    ),
    "heic-size-lies": ("a small size stated for a large picture", lying_heic(), UNREADABLE),
    "heic-cut": ("ends in the picture", saved("HEIF")[:-200], UNREADABLE),
    "heic-box-lies": (
        "a box longer than the file",
        box(b"ftyp", b"heic\0\0\0\0heic") + b"\xff\xff\xff\xffmeta",
        UNREADABLE,
    ),
    "heic-box-endless": ("a box of no length in a loop", heic(b"\0\0\0\0iprp\0\0\0\x04ipco"), UNREADABLE),
    "heic-box-wide": (
        "a box of 2^63 bytes",
        box(b"ftyp", b"heic\0\0\0\0heic") + b"\0\0\0\1meta" + b"\x7f" * 8,
        UNREADABLE,
    ),
    "heic-crumbs": ("a million empty boxes", heic(box(b"free", b"") * 1_000_000), UNREADABLE),
}

HOSTILE = {
    **{name: Hostile(why, data, KIND if data else Fault.EMPTY) for name, (why, data) in NOT_PICTURES.items()},
    **{name: Hostile(*row) for name, row in {**JPEGS, **PNGS, **WEBPS, **HEICS}.items()},
}
