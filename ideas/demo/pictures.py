"""Pictures that invented residents add to their ideas: drawn here, so that no real street, face or plate is in them."""

import io
from collections.abc import Callable
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


def _crossing(brush: Brush) -> list[Cover]:
    _house(brush, 60, 180, 700, wall="#d9c7a3")
    brush.rectangle((760, 250, 1140, GROUND), fill="#c4b48f")
    brush.rectangle((860, 380, 1040, GROUND), fill="#7a6a4c")
    _street(brush)
    for x in range(100, 1100, 120):  # a worn crossing: broken stripes
        brush.rectangle((x, 690, x + 60, 760), fill="#c9cccd")
        brush.rectangle((x, 800, x + 60, 830), fill="#b4b8ba")
    coats = ("#b5483a", "#2f6f8f", "#c79a2b")
    return [_person(brush, 300 + 130 * place, 500, coat) for place, coat in enumerate(coats)]


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
    "kerb": _kerb,
    "lamp": _lamp,
    "parking": _parking,
    "washing": _washing,
}
