"""The wording of a certificate 荣誉证书 and the code by which anybody can check one."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from ideas.rules.papers import width
from ideas.rules.receipts import CODE_ALPHABET, Draw

PLACES = ("name", "title", "tier", "campaign", "organiser", "day")
CODE_LENGTH = 16  # 80 bits: nobody finds one by trying
LONG = (200, 400)  # what fits at the usual size, and at the next smaller one
_PLACE = re.compile(r"\{([^{}]*)\}")


class Wording(NamedTuple):
    """The first line addresses whoever is honoured; the others are the paragraphs below it."""

    address: str
    paragraphs: tuple[str, ...]


def unknown_places(text: str) -> list[str]:
    """What stands in braces and is no placeholder, a brace alone too: nobody should find it on paper."""
    named = [f"{{{name}}}" for name in _PLACE.findall(text) if name not in PLACES]
    return named + re.findall(r"[{}]", _PLACE.sub("", text))


def worded(text: str, facts: Mapping[str, str]) -> Wording:
    """The wording with its facts; braces inside a fact, as in a title, are nothing but braces."""
    filled = _PLACE.sub(lambda place: facts.get(place[1], place[0]), text)
    lines = [line.strip() for line in filled.splitlines() if line.strip()]
    return Wording(lines[0] if lines else "", tuple(lines[1:]))


def size_of(wording: Wording) -> str:
    """The class of a sheet with many words, "" for the usual size; a Chinese character is as wide as two others."""
    wide = sum(map(width, wording.paragraphs))
    return "longest" if wide > LONG[1] else "long" if wide > LONG[0] else ""


def new_code(draw: Draw) -> str:
    return "".join(draw(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def show_code(code: str) -> str:
    """As it is printed, and as it stands in the address: 7K3M-9Q2T-…"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
