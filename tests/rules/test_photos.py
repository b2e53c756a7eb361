import io
import subprocess
import sys
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from ideas.rules.photos import Fault, NotAPhoto, Picture, read_photo, takes_heic
from tests.rules import hostile

pytestmark = pytest.mark.slow  # drawing

ROOT = Path(__file__).parent.parent.parent
MOST = hostile.MOST_PIXELS
RED, GREEN, BLUE, YELLOW, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)
saved = hostile.saved


def flag(size=(96, 64), mode="RGB"):
    """Red and green above, blue and yellow below."""
    image, (width, height) = Image.new("RGB", size, RED), size
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image.convert(mode)


def read(data, most=MOST):
    return read_photo(io.BytesIO(data), most_pixels=most)


def opened(data):
    return Image.open(io.BytesIO(data), formats=["JPEG"])


def fault_of(data, most=MOST):
    try:
        read(data, most)
    except NotAPhoto as refused:
        return refused.fault
    return None


def named(colour):
    """The nearest of our colours: JPEG does not keep them to the digit."""
    return min((RED, GREEN, BLUE, YELLOW, WHITE), key=lambda c: sum(abs(a - b) for a, b in zip(c, colour, strict=True)))


def corners(data):
    image = opened(data)
    right, low = image.width - 5, image.height - 5
    return [named(image.getpixel(place)) for place in ((4, 4), (right, 4), (4, low), (right, low))]


UPRIGHT = [RED, GREEN, BLUE, YELLOW]
TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # held so that it must be turned back by 270 degrees
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def orientation(number, byte_order="<"):
    exif = Image.Exif()
    exif.endian = byte_order
    exif[0x0112] = number
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("number", TURNED)
def test_every_orientation_comes_out_upright(kind, number):
    image = flag() if TURNED[number] is None else flag().transpose(TURNED[number])
    picture = read(saved(kind, image, exif=orientation(number)))
    assert (picture.width, picture.height) == (96, 64)
    assert corners(picture.full) == corners(picture.thumb) == UPRIGHT


def test_orientation_is_read_in_both_byte_orders():
    picture = read(saved("JPEG", flag().transpose(Image.Transpose.ROTATE_90), exif=orientation(6, ">")))
    assert corners(picture.full) == UPRIGHT


def test_heic_is_turned_by_its_container_and_not_once_more_by_exif():
    image = flag().transpose(Image.Transpose.ROTATE_90)
    image.info["exif"] = orientation(6).tobytes()  # what makes the writer say it in both places
    data = saved("HEIF", image, quality=95)
    assert (b"irot" in data, b"II*\0" in data) == (True, True)
    assert corners(read(data).full) == UPRIGHT


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "RGBA"),
     ("PNG", "I;16"), ("WEBP", "RGBA"), ("HEIF", "RGBA"), ("HEIF", "L")],
)  # fmt: skip
def test_every_mode_becomes_rgb(kind, mode):
    image = flag().convert("L").convert(mode) if mode in ("I;16", "LA") else flag(mode=mode)
    picture = read(saved(kind, image))
    assert [opened(data).mode for data in (picture.full, picture.thumb)] == ["RGB", "RGB"]
    assert (picture.width, picture.height) == (96, 64)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [("JPEG", "RGB", {"progressive": True}), ("JPEG", "CMYK", {}), ("PNG", "P", {}), ("PNG", "RGBA", {}),
     ("WEBP", "RGB", {}), ("WEBP", "RGBA", {"lossless": True}), ("HEIF", "RGB", {"quality": 95})],
)  # fmt: skip
def test_colours_are_kept(kind, mode, options):
    assert corners(read(saved(kind, flag(mode=mode), **options)).full) == UPRIGHT


def test_sixteen_bits_are_scaled_and_not_clipped():
    grey = Image.new("I;16", (64, 64), 0x8000)
    assert opened(read(saved("PNG", grey)).full).getpixel((9, 9)) == (128, 128, 128)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_transparent_areas_are_white(kind):
    image = flag(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 48, 32))
    assert corners(read(saved(kind, image)).full) == [WHITE, GREEN, BLUE, YELLOW]


def test_a_transparent_palette_colour_is_white():
    image = flag(mode="P")
    assert corners(read(saved("PNG", image, transparency=image.getpixel((0, 0)))).full) == [WHITE, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_an_animation_is_its_first_frame(kind, options):
    moving = saved(kind, flag(), save_all=True, append_images=[Image.new("RGB", (96, 64))] * 3, **options)
    assert corners(read(moving).full) == UPRIGHT


def test_the_first_of_several_pictures_is_taken():
    """MPO: how some phones write depth and a second exposure behind a photo."""
    several = saved("MPO", flag(), save_all=True, append_images=[Image.new("RGB", (96, 64))])
    assert Image.open(io.BytesIO(several)).format == "MPO"
    assert corners(read(several).full) == UPRIGHT


def told():
    """A photo that tells where and by whom it was taken, in every place a file has for that."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = "SECRET exif"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = "SECRET gps"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET text")
    notes.add_itxt("XML:com.adobe.xmp", "SECRET xmp", zip=True)
    xmp, profile = b"<x>SECRET xmp</x>", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    iptc = hostile.marker(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x10\x1c\x02\x78\0\x0bSECRET iptc")
    everything = {"exif": exif, "xmp": xmp, "icc_profile": profile}
    jpeg = saved("JPEG", flag(), comment=b"SECRET comment", **everything)
    return {
        "jpeg": hostile.jpeg(iptc, of=jpeg) + b"SECRET tail",
        "png": saved("PNG", flag(), pnginfo=notes, exif=exif, icc_profile=profile) + b"SECRET tail",
        "webp": saved("WEBP", flag(), **everything) + b"SECRET tail",
        "heic": saved("HEIF", flag(), **everything),
    }


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
def test_nothing_that_was_told_beside_the_picture_is_left(kind):
    data = told()[kind]
    assert b"SECRET" in data
    picture = read(data)
    for made in (picture.full, picture.thumb):
        assert not any(word in made for word in (b"SECRET", b"Exif", b"ICC_PROFILE", b"adobe", b"8BIM", b"xpacket"))
        assert dict(opened(made).getexif()) == {}
        assert set(opened(made).info) <= {
            "jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("size", "full", "thumb"),
    [
        ((96, 64), (96, 64), (96, 64)),
        ((2048, 1000), (2048, 1000), (320, 156)),
        ((4032, 3024), (2048, 1536), (320, 240)),
        ((3000, 5000), (1229, 2048), (192, 320)),
        ((9000, 90), (2048, 20), (320, 3)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_sizes(kind, size, full, thumb):
    picture = read(saved(kind, flag(size)))
    sizes = (picture.width, picture.height), opened(picture.full).size, opened(picture.thumb).size
    assert sizes == (full, full, thumb)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_the_limit_of_pixels_is_exact(kind):
    data = saved(kind, flag())
    assert (fault_of(data, 96 * 64), fault_of(data, 96 * 64 - 1)) == (None, Fault.PIXELS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_the_same_file_gives_the_same_bytes(kind):
    data = saved(kind, flag((3000, 2000)))
    assert read(data) == read(data)


def test_the_file_stays_open_for_its_owner():
    file = io.BytesIO(saved("JPEG"))
    file.read(7)
    read_photo(file, most_pixels=MOST)
    assert not file.closed


def test_a_tiled_heic_as_phones_write_it():
    assert corners(read(saved("HEIF", flag((1200, 900)), tile_size=512, quality=90)).full) == UPRIGHT


def test_heic_is_taken_where_the_extra_is_installed():
    assert takes_heic()


def test_heic_is_refused_by_name_where_the_extra_is_missing():
    code = (
        "import io, sys; sys.modules['pillow_heif'] = None\n"
        "from ideas.rules.photos import NotAPhoto, read_photo, takes_heic\n"
        "try: read_photo(sys.stdin.buffer and io.BytesIO(sys.stdin.buffer.read()), most_pixels=10**6)\n"
        "except NotAPhoto as refused: print(takes_heic(), refused.fault)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=saved("HEIF", flag()), capture_output=True, check=True
    )
    assert done.stdout.split() == [b"False", b"heic"]


# Hostile files


def test_the_corpus_is_large_enough():
    assert len(hostile.HOSTILE) >= 45
    assert all(file.why for file in hostile.HOSTILE.values())


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_a_hostile_file_is_refused_or_redrawn_clean(name):
    _, data, fault = hostile.HOSTILE[name]
    if fault:
        with pytest.raises(NotAPhoto) as refused:
            read(data)
        assert refused.value.fault == fault
        return
    picture = read(data)
    assert isinstance(picture, Picture)
    for made in (picture.full, picture.thumb):
        assert not any(word in made for word in (b"payload", b"PK\3\4", b"Exif", b"<script"))
        opened(made).load()


CAGE = """
import io, os, resource, sys, time
from tests.rules.hostile import HOSTILE, MOST_PIXELS
from ideas.rules.photos import NotAPhoto, read_photo

gigabyte = 2**30
resource.setrlimit(resource.RLIMIT_AS, (3 * gigabyte // 2, 3 * gigabyte // 2))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a single byte written to a file ends the process
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
slowest = 0
for name, file in HOSTILE.items():
    start, fault = time.process_time(), None
    try:
        read_photo(io.BytesIO(file.data), most_pixels=MOST_PIXELS)
    except NotAPhoto as refused:
        fault = refused.fault
    assert fault == file.fault, (name, fault)
    slowest = max(slowest, time.process_time() - start)
[peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak) // 1024, round(slowest, 2))  # getrusage would count what the process that started us had held
"""


def test_the_corpus_stays_within_memory_time_and_off_the_disk():
    done = subprocess.run(
        [sys.executable, "-c", CAGE], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    megabytes, slowest = map(float, done.stdout.split())
    assert megabytes < 700
    assert slowest < 5


GOOD = {
    kind: saved(kind, flag(), **options)
    for kind, options in {"JPEG": {"exif": orientation(6)}, "PNG": {}, "WEBP": {}, "HEIF": {}}.items()
}
OUTCOMES = (None, *Fault)
WITHOUT_DEADLINE = settings(
    deadline=None, max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", hostile.png()[:33], b"RIFF\x40\0\0\0WEBPVP8 "]))
@WITHOUT_DEADLINE
def test_random_bytes_raise_nothing_else(data, start):
    assert fault_of(start + data) in OUTCOMES


@given(
    st.sampled_from(sorted(GOOD)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    st.floats(0.1, 1),
)
@WITHOUT_DEADLINE
def test_damaged_photos_raise_nothing_else(kind, changes, kept):
    data = bytearray(GOOD[kind])
    for place, byte in changes:
        data[int(place * len(data))] = byte
    assert fault_of(bytes(data[: int(kept * len(data))]), 10**6) in OUTCOMES


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.8, 0.95])
def test_a_file_that_is_cut_off_is_refused(kind, kept):
    data = saved(kind, Image.effect_noise((300, 200), 90).convert("RGB"))
    assert fault_of(data[: int(len(data) * kept)]) == Fault.UNREADABLE


def test_the_tests_use_the_extra_as_the_rules_do():
    assert pillow_heif.open_heif(io.BytesIO(GOOD["HEIF"])).size == (96, 64)


NOISE = Image.effect_noise((300, 200), 80).convert("RGB")
WAYS = [{}, {"progressive": True}, {"quality": 40}, {"subsampling": 0}]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("lost", [1, 2])
def test_a_jpeg_that_lost_its_end_marker_is_taken_as_it_is(way, lost):
    data = saved("JPEG", NOISE, **way)
    assert read(data[:-lost]).full == read(data).full


def test_a_jpeg_that_ends_in_zeros_instead_of_its_marker_is_taken():
    data = saved("JPEG", NOISE)
    assert read(data[:-2] + b"\0" * 64).full == read(data).full


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_a_jpeg_of_which_a_part_is_missing_is_still_refused(way, part):
    data = saved("JPEG", NOISE, **way)
    assert fault_of(data[: int(len(data) * part)]) == Fault.UNREADABLE


def test_a_sketch_whose_last_scan_is_missing_is_refused():
    data = saved("JPEG", NOISE, progressive=True)
    assert fault_of(data[: data.rindex(b"\xff\xda")]) == Fault.UNREADABLE


def test_an_empty_file_is_called_empty():
    assert fault_of(b"") == Fault.EMPTY
