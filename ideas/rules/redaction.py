"""Private data inside a text: found by their shape and check digits, and left out of a draft for publication.

Numbers that everybody may call (110, 12345, 400 …), dates, amounts and house numbers are none.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ideas.choices import PrivateKind

SHORTEST_NAME = 2
# What stands in a published text instead; published texts are Chinese.
MARKS = {
    PrivateKind.PHONE: "［电话略］",
    PrivateKind.ID_NUMBER: "［证件号略］",
    PrivateKind.PLATE: "［车牌略］",
    PrivateKind.EMAIL: "［邮箱略］",
    PrivateKind.BANK_CARD: "［卡号略］",
    PrivateKind.NAME: "［姓名略］",
}
_NUMERALS = str.maketrans("零〇一二三四五六七八九幺洞", "0012345678910")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# Fifteen and eighteen digits begin with one of these (GB/T 2260); dates and amounts hardly do.
_REGIONS = {
    11,
    12,
    13,
    14,
    15,
    *range(21, 24),
    *range(31, 38),
    *range(41, 47),
    *range(50, 55),
    *range(61, 66),
    71,
    81,
    82,
}
_GAP = r"[ \t\-–—.·_]{0,2}"
_WORD = r"[A-Za-z0-9._%+\-]"

_EMAIL = re.compile(rf"(?<!{_WORD}){_WORD}+ ?@ ?[A-Za-z0-9\-]+(?:[.。][A-Za-z0-9\-]+)*[.。][A-Za-z]{{2,}}")
_DIGITS = re.compile(rf"(?<![\d.])\d(?:{_GAP}\d){{13,20}}(?:{_GAP}[Xx](?![A-Za-z]))?(?!\d)")
_MOBILE = re.compile(rf"(?<![\d.])(?:\(?(?:\+|00)?86\)?{_GAP})?(?P<number>1{_GAP}[2-9](?:{_GAP}\d){{9}})(?!\d)")
_LANDLINE = re.compile(
    rf"(?<![\d.])(?:(?:\+|00)86{_GAP}0?|\(?0)(?:10|2\d|[3-9]\d{{2}})\)?{_GAP}[2-8](?:{_GAP}\d){{6,7}}(?!\d)"
)
_LOCAL = re.compile(
    rf"(?:电话|手机|座机|联系方式|致电|tel|phone)[号码是为:\s]{{0,4}}([2-8]\d{{2,3}}{_GAP}\d{{4}})(?!\d)", re.I
)
_SIGN = "[A-HJ-NP-Z0-9]"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-HJ-NP-Z][ ·.•\-]?"
    rf"(?:{_SIGN}{{4}}(?:{_SIGN}|[挂学警港澳])|[A-HJ-NP-Z]{_SIGN}\d{{4}}|\d{{5}}[A-HJ-NP-Z])(?![A-Za-z0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """Private data from `start` up to `end` of the text."""

    kind: PrivateKind
    start: int
    end: int


def private_parts(text: str, names: Sequence[str] = ()) -> list[Part]:
    """What should not be published, in reading order and without overlaps; `names` are the proposer's own."""
    flat = in_width(text)
    found = [*_numbers(flat), *_spoken_mobiles(flat), *_by_pattern(flat), *_named(flat, names)]
    parts: list[Part] = []
    for part in sorted(found, key=lambda part: (part.start, -part.end)):
        if not parts or part.start >= parts[-1].end:
            parts.append(part)
    return parts


def without_private(text: str, names: Sequence[str] = ()) -> str:
    """The text with a mark in the place of everything private: a first draft of what is published."""
    for part in reversed(private_parts(text, names)):
        text = text[: part.start] + MARKS[part.kind] + text[part.end :]
    return text


def in_width(text: str) -> str:
    """Full-width letters, digits and signs as plain ones, each at its place."""
    folded = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, folded, strict=True))


def _by_pattern(flat: str) -> Iterator[Part]:
    for found in _EMAIL.finditer(flat):
        yield Part(PrivateKind.EMAIL, *found.span())
    for found in _MOBILE.finditer(flat):
        if _is_dialled(found["number"]):
            yield Part(PrivateKind.PHONE, *found.span())
    for found in _LANDLINE.finditer(flat):
        yield Part(PrivateKind.PHONE, *found.span())
    for found in _LOCAL.finditer(flat):
        yield Part(PrivateKind.PHONE, *found.span(1))
    for found in _PLATE.finditer(flat):
        if sum(map(str.isdigit, found[0])) >= 3:
            yield Part(PrivateKind.PLATE, *found.span())


def _is_dialled(number: str) -> bool:
    """Digits in a few groups or all apart, as people write a number; not a row of amounts."""
    groups = re.findall(r"\d+", number)
    return len(groups) <= 4 or all(len(group) == 1 for group in groups)


def _spoken_mobiles(flat: str) -> Iterator[Part]:
    """一三八…, as some write it so that no machine reads it."""
    for found in re.finditer(r"[零〇一二三四五六七八九幺洞\d]{11}", flat):
        digits = found[0].translate(_NUMERALS)
        if digits != found[0] and re.fullmatch(r"1[3-9]\d{9}", digits):
            yield Part(PrivateKind.PHONE, *found.span())


def _numbers(flat: str) -> Iterator[Part]:
    """Long numbers whose check digit says what they are."""
    for found in _DIGITS.finditer(flat):
        number = re.sub(r"[^\dXx]", "", found[0]).upper()
        if is_id_number(number):
            yield Part(PrivateKind.ID_NUMBER, *found.span())
        elif is_bank_card(number):
            yield Part(PrivateKind.BANK_CARD, *found.span())


def is_id_number(number: str) -> bool:
    """A resident's identity number, GB 11643: 18 places with a check character (MOD 11-2), or the older 15."""
    if re.fullmatch(r"\d{15}", number):
        return int(number[:2]) in _REGIONS and _is_date("19" + number[6:12])
    if not re.fullmatch(r"\d{17}[\dX]", number) or int(number[:2]) not in _REGIONS or not _is_date(number[6:14]):
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def _is_date(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return born.year >= 1900


def is_bank_card(number: str) -> bool:
    """16 to 19 digits in the range of payment cards with a right check digit (ISO/IEC 7812, Luhn)."""
    if not re.fullmatch(r"[34569]\d{15,18}", number):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _named(flat: str, names: Sequence[str]) -> Iterator[Part]:
    for name in {in_width(name).strip() for name in names}:
        if len(name) < SHORTEST_NAME:
            continue
        spelled = r"\s?".join(re.escape(character) for character in name if not character.isspace())
        for found in re.finditer(spelled, flat, re.IGNORECASE):
            yield Part(PrivateKind.NAME, *found.span())
