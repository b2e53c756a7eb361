"""Pictures that invented residents add to their ideas: drawn here, so that no real street, face or plate is in them."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image, ImageDraw

from ideas.rules.photos import Cover, Picture, read_photo

SIZE = (1200, 900)
GROUND = 560  # where the street begins
Brush = Any  # ImageDraw.ImageDraw


def picture_of(scene: str) -> tuple[Picture, list[Cover]]:
    """A scene as the portal keeps photos, and what of it must be covered before everybody may see it."""
    image = Image.new("RGB", SIZE, "#cfdde4")
    covers = SCENES[scene](ImageDraw.Draw(image))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return read_photo(file, most_pixels=SIZE[0] * SIZE[1]), covers


def _street(brush: Brush, colour: str = "#8a9096") -> None:
    brush.rectangle((0, GROUND, SIZE[0], SIZE[1]), fill=colour)
    brush.rectangle((0, GROUND, SIZE[0], GROUND + 24), fill="#b9bdbf")


def _house(brush: Brush, left: int, top: int, right: int, *, wall: str, rows: int = 3) -> None:
    brush.rectangle((left, top, right, GROUND), fill=wall)
    for row in range(rows):
        for x in range(left + 30, right - 60, 90):
            y = top + 30 + row * (GROUND - top) // rows
            brush.rectangle((x, y, x + 45, y + 55), fill="#5f7f93")


def _person(brush: Brush, left: int, top: int, coat: str) -> Cover:
    """Somebody with a face; the cover is what hides it."""
    brush.rectangle((left + 8, top + 76, left + 72, top + 190), fill=coat)
    brush.rectangle((left + 14, top + 190, left + 34, top + 270), fill="#39424b")
    brush.rectangle((left + 46, top + 190, left + 66, top + 270), fill="#39424b")
    brush.ellipse((left + 6, top, left + 74, top + 74), fill="#e8bd96")
    brush.pieslice((left + 2, top - 8, left + 78, top + 70), 180, 360, fill="#2b2522")
    for eye in (left + 24, left + 50):
        brush.ellipse((eye, top + 38, eye + 7, top + 45), fill="#2b2522")
    brush.arc((left + 26, top + 40, left + 54, top + 62), 20, 160, fill="#8c4a3c", width=3)
    return Cover(left, top - 10, 80, 90)


def _car(brush: Brush, left: int, colour: str) -> Cover:
    """A car from behind; the cover is what hides its plate."""
    top = GROUND + 20
    brush.rounded_rectangle((left + 40, top, left + 260, top + 110), 40, fill=colour)
    brush.rectangle((left + 75, top + 22, left + 225, top + 80), fill="#3c4f5c")
    brush.rounded_rectangle((left, top + 80, left + 300, top + 210), 30, fill=colour)
    for wheel in (left + 25, left + 215):
        brush.rectangle((wheel, top + 195, wheel + 60, top + 240), fill="#23272b")
    brush.rectangle((left + 95, top + 130, left + 205, top + 168), fill="#1f56a8")
    for stroke in range(6):  # no real number: six white strokes
        x = left + 105 + stroke * 16
        brush.rectangle((x, top + 139, x + 9, top + 159), fill="white")
    return Cover(left + 88, top + 122, 124, 54)


def _crossing(brush: Brush, done: bool = False) -> list[Cover]:
    _house(brush, 60, 180, 700, wall="#d9c7a3")
    brush.rectangle((760, 250, 1140, GROUND), fill="#c4b48f")
    brush.rectangle((860, 380, 1040, GROUND), fill="#7a6a4c")
    _street(brush)
    if done:
        return _crossing_done(brush)
    for x in range(100, 1100, 120):  # a worn crossing: broken stripes
        brush.rectangle((x, 690, x + 60, 760), fill="#c9cccd")
        brush.rectangle((x, 800, x + 60, 830), fill="#b4b8ba")
    coats = ("#b5483a", "#2f6f8f", "#c79a2b")
    return [_person(brush, 300 + 130 * place, 500, coat) for place, coat in enumerate(coats)]


def _crossing_again(brush: Brush) -> list[Cover]:
    """A barrier before the gate as well."""
    _crossing(brush, done=True)
    brush.rectangle((700, 480, 724, 690), fill="#3f4a52")
    brush.rectangle((724, 500, 1160, 524), fill="#f2f4f4")
    for x in range(724, 1160, 110):
        brush.rectangle((x, 500, x + 55, 524), fill="#b5483a")
    return []


def _crossing_done(brush: Brush) -> list[Cover]:
    """The way in front of the gate closed to cars: posts, a broad crossing, a green band to walk on."""
    brush.rectangle((0, GROUND + 24, SIZE[0], GROUND + 90), fill="#5f8f6a")
    for x in range(80, 1140, 100):
        brush.rectangle((x, 680, x + 56, 880), fill="#f2f4f4")
    for x in range(60, 1160, 140):
        brush.rounded_rectangle((x, GROUND - 20, x + 22, GROUND + 90), 8, fill="#d9a227")
        brush.rectangle((x, GROUND + 10, x + 22, GROUND + 26), fill="#f7f3e6")
    return []


def _lamp_again(brush: Brush) -> list[Cover]:
    """The last dark stretch lit as well."""
    _lamp_done(brush)
    for x in (250, 620, 990):
        brush.ellipse((x - 150, 690, x + 160, 890), fill="#8a8363")
        brush.rectangle((x, 590, x + 14, 830), fill="#2c3138")
        brush.ellipse((x - 28, 552, x + 42, 612), fill="#ffe7a3")
    return []


def _lamp_done(brush: Brush) -> list[Cover]:
    """The same path under a row of low lamps."""
    _lamp(brush)
    brush.rectangle((0, GROUND, SIZE[0], SIZE[1]), fill="#4b4a3e")
    brush.polygon([(0, SIZE[1]), (0, 700), (SIZE[0], 620), (SIZE[0], SIZE[1])], fill="#6d6a55")
    for place, x in enumerate(range(90, 1160, 210)):
        top = 430 - 12 * place
        brush.ellipse((x - 120, top + 40, x + 130, top + 330), fill="#7a7458")
        brush.rectangle((x, top, x + 10, 700 - 16 * place), fill="#2c3138")
        brush.ellipse((x - 22, top - 30, x + 32, top + 18), fill="#ffe7a3")
    return []


def _lamp(brush: Brush) -> list[Cover]:
    brush.rectangle((0, 0, *SIZE), fill="#18222f")
    for left, top, right in ((40, 240, 360), (420, 180, 760), (980, 260, 1180)):
        brush.rectangle((left, top, right, GROUND), fill="#222f3f")
    for x, y in ((90, 300), (480, 250), (640, 330), (1060, 330)):
        brush.rectangle((x, y, x + 46, y + 56), fill="#d8b45a")
    brush.rectangle((0, GROUND, *SIZE), fill="#10161d")
    brush.polygon([(860, 210), (640, 900), (1150, 900)], fill="#3a3a2c")
    brush.rectangle((852, 190, 866, GROUND + 60), fill="#59636d")
    brush.rounded_rectangle((800, 176, 900, 204), 12, fill="#f2cf6b")
    return []


def _kerb(brush: Brush) -> list[Cover]:
    _house(brush, 0, 140, 520, wall="#cdbfae", rows=4)
    brush.ellipse((820, 120, 1140, 470), fill="#6f8f5c")
    brush.rectangle((965, 400, 1000, GROUND), fill="#6b5138")
    brush.rectangle((0, GROUND, *SIZE), fill="#b4aca0")
    for y in range(GROUND, 720, 40):
        brush.line((0, y, SIZE[0], y), fill="#a0988c", width=3)
    brush.rectangle((0, 690, SIZE[0], 730), fill="#8d857a")
    brush.rectangle((0, 730, *SIZE), fill="#5d6369")
    brush.polygon([(430, 690), (770, 690), (820, 745), (380, 745)], fill="#c8b46a")
    brush.line((380, 738, 820, 738), fill="#2b2f33", width=9)
    return []


def _kerb_done(brush: Brush) -> list[Cover]:
    """The kerb ground down to the road, with a band of knobs to feel with a stick."""
    _kerb(brush)
    brush.polygon([(380, 640), (820, 640), (900, 770), (300, 770)], fill="#c9c2b4")
    for x in range(400, 800, 40):
        for y in (655, 680, 705):
            brush.ellipse((x, y, x + 16, y + 12), fill="#d9b13c")
    brush.line((300, 770, 900, 770), fill="#8b9197", width=4)
    return []


def _ramp(brush: Brush, done: bool = False) -> list[Cover]:
    """Three stone steps before a village clinic; later a ramp with a handrail beside them."""
    _house(brush, 120, 160, 760, wall="#e6e0d2")
    brush.rectangle((380, 320, 500, GROUND), fill="#5d7f6b")
    brush.rectangle((0, GROUND, *SIZE), fill="#a9b08f")
    for step in range(3):
        brush.rectangle((340 - 20 * step, GROUND + 40 * step, 540 + 20 * step, GROUND + 40 + 40 * step), fill="#8d8f86")
        brush.rectangle((340 - 20 * step, GROUND + 40 * step, 540 + 20 * step, GROUND + 8 + 40 * step), fill="#6f7a5c")
    if done:
        brush.polygon([(540, GROUND), (1140, GROUND + 110), (1140, GROUND + 130), (540, GROUND + 130)], fill="#cfcabd")
        brush.line((560, GROUND - 90, 1130, GROUND + 20), fill="#3f4a52", width=12)
        for x in range(560, 1140, 95):
            drop = (x - 540) * 110 // 600
            brush.line((x, GROUND - 88 + drop, x, GROUND + drop), fill="#3f4a52", width=10)
    return []


def _underpass(brush: Brush, done: bool = False) -> list[Cover]:
    """A flooded road under a railway bridge; later with a gauge in three colours, a sign and a barrier."""
    brush.rectangle((0, 120, SIZE[0], 300), fill="#8b8f93")
    brush.rectangle((0, 300, 150, GROUND + 120), fill="#767b80")
    brush.rectangle((1050, 300, SIZE[0], GROUND + 120), fill="#767b80")
    brush.rectangle((150, 300, 1050, GROUND), fill="#2d343b")
    brush.rectangle((0, GROUND, *SIZE), fill="#6b7076")
    brush.ellipse((120, GROUND - 40, 1080, 860), fill="#6d7f7a")
    for y in (620, 690, 760):
        brush.arc((260, y, 940, y + 60), 190, 350, fill="#93a6a0", width=4)
    if done:
        for place, colour in enumerate(("#b5483a", "#d9a227", "#5f8f6a")):
            brush.rectangle((1070, 330 + 110 * place, 1110, 440 + 110 * place), fill=colour)
            brush.line((1070, 385 + 110 * place, 1110, 385 + 110 * place), fill="white", width=5)
        brush.rectangle((40, 470, 66, 800), fill="#3f4a52")
        brush.rectangle((60, 640, 760, 668), fill="#f2f4f4")
        for x in range(60, 760, 140):
            brush.rectangle((x, 640, x + 70, 668), fill="#b5483a")
        brush.ellipse((10, 380, 100, 470), fill="#b5483a")
        brush.rectangle((28, 415, 82, 435), fill="white")
    return []


def _racks(brush: Brush, done: bool = False) -> list[Cover]:
    """E-bikes pell-mell along a wall; later bays on the ground, each with a post and a number's plate."""
    brush.rectangle((0, 200, SIZE[0], GROUND), fill="#c2ae93")
    for y in range(240, GROUND, 60):
        brush.line((0, y, SIZE[0], y), fill="#b09b80", width=3)
    _street(brush, "#979c9f")
    for place in range(6):
        x = 70 + place * 185 + (0 if done else (place * 53) % 60)
        y = 640 + (0 if done else (place * 37) % 90)
        if done:
            brush.line((x - 20, 600, x - 20, 860), fill="#f2f4f4", width=8)
            brush.rectangle((x + 60, 560, x + 74, 660), fill="#2f6f8f")
            brush.rectangle((x + 50, 540, x + 84, 566), fill="#f2f4f4")
        for wheel in (x, x + 100):
            brush.ellipse((wheel, y + 60, wheel + 56, y + 116), outline="#23272b", width=10)
        brush.line((x + 28, y + 80, x + 80, y + 30, x + 128, y + 86), fill=("#8c2f2b", "#2f4f73")[place % 2], width=14)
        brush.line((x + 80, y + 30, x + 92, y), fill="#23272b", width=8)
    return []


def _bench(brush: Brush) -> list[Cover]:
    brush.rectangle((0, 400, SIZE[0], GROUND), fill="#7fa9bd")
    for x in range(0, SIZE[0], 150):
        brush.arc((x, 440, x + 120, 480), 200, 340, fill="#a9c9d6", width=4)
    brush.rectangle((0, GROUND, *SIZE), fill="#d3cdbf")
    brush.ellipse((960, 40, 1090, 170), fill="#f0cf73")
    for left in (160, 660):
        brush.rectangle((left, 640, left + 360, 680), fill="#8e8a82")
        for leg in (left + 30, left + 290):
            brush.rectangle((leg, 680, leg + 40, 770), fill="#77736c")
    return []


def _parking(brush: Brush) -> list[Cover]:
    _house(brush, 80, 150, 1120, wall="#d3cab8", rows=4)
    _street(brush)
    return [_car(brush, left, colour) for left, colour in ((40, "#8c2f2b"), (440, "#dadfe2"), (840, "#2f4f73"))]


def _washing(brush: Brush) -> list[Cover]:
    for left in (0, 760):
        _house(brush, left, 60, left + 440, wall="#bfae9b", rows=5)
    _street(brush, "#9c9588")
    colours = ("#b5483a", "#e4e0d5", "#2f6f8f", "#c79a2b", "#6f8f5c")
    for y in (220, 360):
        brush.line((440, y, 760, y + 16), fill="#3c3f42", width=4)
        for place, colour in enumerate(colours):
            x = 452 + 60 * place
            brush.rectangle((x, y + 10, x + 44, y + 90), fill=colour)
    return []


SCENES: dict[str, Callable[[Brush], list[Cover]]] = {
    "bench": _bench,
    "crossing": _crossing,
    "crossing-after": partial(_crossing, done=True),
    "crossing-again": _crossing_again,
    "kerb": _kerb,
    "kerb-after": _kerb_done,
    "lamp": _lamp,
    "lamp-after": _lamp_done,
    "lamp-again": _lamp_again,
    "parking": _parking,
    "racks": _racks,
    "racks-after": partial(_racks, done=True),
    "ramp": _ramp,
    "ramp-after": partial(_ramp, done=True),
    "underpass": _underpass,
    "underpass-after": partial(_underpass, done=True),
    "washing": _washing,
}
