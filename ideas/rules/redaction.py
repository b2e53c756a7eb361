"""Private data inside a text, found by their shape and check digits: left out of a draft for publication, and covered
when a panellist reads it. There is one look for both, whatever the width, the gaps and the invisible characters.

Numbers that everybody may call (110, 12345, 400 …), dates, amounts and house numbers are none.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from ideas.choices import PrivateKind
from ideas.rules.characters import plain, sounds_in_names

SHORTEST_NAME, SHORTEST_NUMBER = 2, 7
SHORTEST_PINYIN = 5  # letters of a name: fewer stand in many words
MOST_SPELT = 6  # characters of a name that is also looked for in pinyin; longer ones are sayings
# Written as one word they are places or everyday words sooner than a name; parted (Wu Han) they are a name.
EVERYDAY = {
    "beijing", "change", "china", "fuzhou", "hainan", "henan", "hunan", "jimei", "jinan", "panda", "shandong",
    "shanghai", "shanxi", "suzhou", "tianjin", "women", "wuhan", "xiamen",
}  # fmt: skip
COVER = "●●"
# What stands in a published text instead; published texts are Chinese.
MARKS = {
    PrivateKind.PHONE: "［电话略］",
    PrivateKind.ID_NUMBER: "［证件号略］",
    PrivateKind.PLATE: "［车牌略］",
    PrivateKind.EMAIL: "［邮箱略］",
    PrivateKind.BANK_CARD: "［卡号略］",
    PrivateKind.NAME: "［姓名略］",
    PrivateKind.HOME: "［门牌略］",
    PrivateKind.ACCOUNT: "［账号略］",
}
_NUMERALS = str.maketrans("零〇○一二三四五六七八九幺洞壹贰叁肆伍陆柒捌玖貳參陸", "00012345678910123456789236")
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
_GAP = r"[ \t\-–—.·•・_*~]{0,2}"
_WORD = r"[A-Za-z0-9._%+\-]"

# Between the characters of a name or the digits of a known number; not what ends a clause.
_APART = r"[\s·・•.\-–—_*~/|+]{0,3}"
_SPELT_APART = r"[\s·・•.\-–—_*~/|+,，'’`]{0,3}"
_AT = r" ?(?:@|[(\[【]at[)\]】]|艾特) ?"
_DOT = r" ?[.。·] ?"

_EMAIL = re.compile(
    rf"(?<!{_WORD}){_WORD}+{_AT}[A-Za-z0-9\-]+(?:[.。][A-Za-z0-9\-]+)*[.。][A-Za-z]{{2,}}", re.IGNORECASE
)
_RUN = re.compile(rf"(?<![\d.])\d(?:{_GAP}\d)*(?:{_GAP}[Xx](?![A-Za-z]))?")
_GROUP = re.compile(r"[\dXx]+")
_IS_COUNTED = re.compile(r" ?[元次万亿人份]")
# What stands before a long number and says what it is, whatever its digits: 身份证号：…, 卡号 …
_SAID = {
    PrivateKind.ID_NUMBER: re.compile(r"(?:身份证|证件)[^\d\n]{0,6}$"),
    PrivateKind.BANK_CARD: re.compile(r"(?:银行卡|储蓄卡|信用卡|卡号|[账帐][号户])[^\d\n]{0,6}$"),
}
_SAID_WITHIN = 12  # characters
_SAID_LENGTHS = range(12, 22)
LAST_BORN = 2015  # later dates in a number whose check character is wrong are a matter's, not a birthday
_MOBILE = re.compile(rf"(?<![\d.])(?:\(?(?:\+|00)?86\)?{_GAP})?(?P<number>1{_GAP}[2-9](?:{_GAP}\d){{9}})(?!\d)")
# One digit after the other, each parted from the next by the same kind of sign, as nobody writes amounts.
_DOTTED = re.compile(r"(?<![\d.])1(?:[^\w\n]{1,3}\d){10}(?![^\w\n]{1,3}\d(?!\d))(?!\d)")
_LANDLINE = re.compile(
    rf"(?<![\d.])(?:(?:\+|00)86{_GAP}0?|\(?0)(?:10|2\d|[3-9]\d{{2}})\)?{_GAP}[2-8](?:{_GAP}\d){{6,7}}(?!\d)"
)
_LOCAL = re.compile(
    rf"(?:电话|手机|座机|联系方式|致电|tel|phone)[号码是为:\s]{{0,4}}([2-8]\d{{2,3}}{_GAP}\d{{4}})(?!\d)", re.I
)
_SIGN = "[A-HJ-NP-Z0-9]"
# WeChat gives such a number to everybody who chose none.
_WXID = re.compile(r"(?<![a-z0-9])wxid ?_ ?[a-z0-9]{6,}", re.IGNORECASE)
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-HJ-NP-Z][ ·.•\-]?"
    rf"(?:{_SIGN}{{4}}(?:{_SIGN}|[挂学警港澳])|[A-HJ-NP-Z]{_SIGN}\d{{4}}|\d{{5}}[A-HJ-NP-Z])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# A WeChat or QQ number by the word before or behind it. A WeChat number has 6 to 20 letters, digits, - and _ and begins
# with a letter; a QQ number, which opens WeChat as well, has 5 to 11 digits.
_WECHAT = rf"(?:[微威薇v]{_GAP}信|we{_GAP}chat|wei{_GAP}xin|[vw]x)"
_QQ = rf"(?:q{_GAP}q|扣{_GAP}扣|企鹅)"
_SAYS = r"(?:号码?|[账帐]号|名|群号?|id)"
_ID = r"[a-z](?:[a-z0-9\-]| ?_ ?){5,19}"
_APART_ID = r"[a-z](?P<gap>[ .·*~])[a-z0-9_\-](?:(?P=gap)[a-z0-9_\-]){4,18}"
_QQ_NUMBER = rf"[1-9](?:{_GAP}\d){{4,10}}"
_COUNTED = r"(?![a-z0-9]|[ ]?(?:人|个|元|条|次|名|位|户|万|年|多|余|点|分|块|天|份|号|%))"
_BEFORE = re.compile(
    rf"(?<![a-z])(?P<add>加一?[下我个]?)?(?:(?P<wechat>{_WECHAT}|(?<=加)[微v])|{_QQ}|(?<=加)q) ?(?P<says>{_SAYS})?"
    rf" ?(?P<is>[:=\-]|[是为叫])?(?:is )?[ \"'“‘「(\[]{{0,2}}"
    rf"(?P<part>{_ID}|{_APART_ID}|{_QQ_NUMBER}){_COUNTED}",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"(?<![a-z0-9_\-.@])(?P<part>{_ID}|{_QQ_NUMBER}){_COUNTED} ?[(\[] ?(?:{_WECHAT}|{_QQ}) ?{_SAYS}? ?[)\]]",
    re.IGNORECASE,
)
# Numbers of offices and firms, which have a WeChat of that name.
_PUBLIC = re.compile(r"1\d{4}|95\d{3}")
# A flat, in the line that says where: only there, since a room in a text may be an office.
_N = r"[\dA-Z一二三四五六七八九十甲乙丙丁]{1,3}"
_HOME = re.compile(
    rf"(?:{_N}(?:号楼|栋|幢|座|号|#)?[ \-]?)?{_N}(?:单元|梯)[ \-]?(?:\d{{2,4}}(?!\d)(?:室|房|户|号)?)?"
    rf"|{_N}(?:号楼|栋|幢|座|#)[ \-]?\d{{3,4}}(?!\d)(?:室|房|户|号)?"
    r"|(?<!\d)\d{1,3}-\d{1,2}-\d{3,4}(?!\d)|(?<!\d)\d{2,5}(?:室|房|户)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Part:
    """Private data from `start` up to `end` of the text."""

    kind: PrivateKind
    start: int
    end: int


class _Folded:
    """A text as readers take it (NFKC, without invisible characters), each character with its place in the original."""

    def __init__(self, text: str) -> None:
        pieces = [(at, piece) for at, character in enumerate(text) for piece in _read(character)]
        self.where = [at for at, _piece in pieces]
        self.flat = "".join(piece for _at, piece in pieces)
        self.digits = self.flat.translate(_NUMERALS)

    def part(self, kind: PrivateKind, start: int, end: int) -> "Part":
        return Part(kind, self.where[start], self.where[end - 1] + 1)


def _read(character: str) -> str:
    """What a character is read as; nothing for what is not seen, a plain digit for a dressed-up one."""
    kind = unicodedata.category(character)
    if character in _UNSEEN or kind in ("Cf", "Me") or (kind == "Cc" and not character.isspace()):
        return ""
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) == 1 and not folded.isascii():
        digit = unicodedata.digit(folded, None)
        return folded if digit is None else str(digit)
    return folded


# Hangul fillers, a braille blank, joiners and variation selectors: letters or marks by class, and nothing to see.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10))))


def private_parts(
    text: str, names: Sequence[str] = (), *, own: Sequence[str] = (), is_place: bool = False
) -> list[Part]:
    """What should not be published, in reading order and without overlaps; `names` are the proposer's own.

    For a blind reader also `own`, the proposer's numbers and addresses, however they are parted, and, in the line that
    says where (`is_place`), which flat it is.
    """
    folded = _Folded(text)
    found = [*_named(text, names), *_own(folded, own)]
    for flat in dict.fromkeys((folded.flat, folded.digits)):  # 一三八… is read as digits; 13800138000一下 is not
        spans = [*_numbers(flat), *_by_pattern(flat), *(_homes(flat) if is_place else ())]
        found += [folded.part(*span) for span in spans]
    parts: list[Part] = []
    for part in sorted(found, key=lambda part: (part.start, -part.end)):
        if not parts or part.start >= parts[-1].end:
            parts.append(part)
    return parts


def without_private(text: str, names: Sequence[str] = ()) -> str:
    """The text with a mark in the place of everything private: a first draft of what is published."""
    pieces, end = list[str](), 0
    for part in private_parts(text, names):
        pieces += [text[end : part.start], MARKS[part.kind]]
        end = part.end
    return "".join(pieces) + text[end:]


def covered(text: str, names: Sequence[str], own: Sequence[str] = (), *, is_place: bool = False) -> str:
    """The text as a blind reader gets it, with ●● over everything private."""
    for part in reversed(private_parts(text, names, own=own, is_place=is_place)):
        text = text[: part.start] + COVER + text[part.end :]
    return text


Span = tuple[PrivateKind, int, int]


def _by_pattern(flat: str) -> Iterator[Span]:
    for found in _EMAIL.finditer(flat):
        yield PrivateKind.EMAIL, *found.span()
    for found in _MOBILE.finditer(flat):
        if _is_dialled(found["number"]):
            yield PrivateKind.PHONE, *found.span()
    for pattern in (_DOTTED, _LANDLINE):
        for found in pattern.finditer(flat):
            yield PrivateKind.PHONE, *found.span()
    for found in _LOCAL.finditer(flat):
        yield PrivateKind.PHONE, *found.span(1)
    for found in _PLATE.finditer(flat):
        if sum(map(str.isdigit, found[0])) >= 3:
            yield PrivateKind.PLATE, *found.span()
    for found in _BEFORE.finditer(flat):
        if _is_account(found):
            yield PrivateKind.ACCOUNT, *found.span("part")
    for found in _WXID.finditer(flat):
        yield PrivateKind.ACCOUNT, *found.span()
    for found in _BEHIND.finditer(flat):
        yield PrivateKind.ACCOUNT, *found.span("part")


def _is_account(found: re.Match[str]) -> bool:
    """A number behind "WeChat" or "QQ"; a word of letters alone only where it is said to be one (微信号…, 加微…)."""
    part = found["part"]
    if part[0].isdigit():
        return not (found["wechat"] and _PUBLIC.fullmatch(part))
    is_said = found["add"] or found["says"] or found["is"]
    return bool(found["wechat"] and (is_said or re.search(r"[\d_]", part)))


def _homes(flat: str) -> Iterator[Span]:
    for found in _HOME.finditer(flat):
        yield PrivateKind.HOME, *found.span()


def _is_dialled(number: str) -> bool:
    """Digits in a few groups or all apart, as people write a number; not a row of amounts."""
    groups = [len(group) for group in re.findall(r"\d+", number)]
    return len(groups) <= 4 or set(groups) == {1} or groups == [3, 2, 2, 2, 2]


def _numbers(flat: str) -> Iterator[Span]:
    """Identity and card numbers by their shape, between the gaps of longer rows; else by the word before them."""
    for run in _RUN.finditer(flat):
        groups = [(found.start(), found.end()) for found in _GROUP.finditer(flat, *run.span())]
        found = list(_by_shape(flat, groups))
        yield from found or _by_word(flat, groups)


def _by_shape(flat: str, groups: list[tuple[int, int]]) -> Iterator[Span]:
    number = "".join(flat[start:end] for start, end in groups).upper()
    offsets = [0, *accumulate(end - start for start, end in groups)]
    ends, free = {offset: place for place, offset in enumerate(offsets)}, 0
    for place, offset in enumerate(offsets[:-1]):
        for length in (18, 15, 19, 17, 16) if place >= free else ():
            kind = _kind_of(number[offset : offset + length]) if offset + length in ends else None
            if kind and not _IS_COUNTED.match(flat, groups[ends[offset + length] - 1][1]):
                free = ends[offset + length]
                yield kind, groups[place][0], groups[free - 1][1]
                break


def _by_word(flat: str, groups: list[tuple[int, int]]) -> Iterator[Span]:
    start, end = groups[0][0], groups[-1][1]
    if sum(stop - begin for begin, stop in groups) in _SAID_LENGTHS:
        before = flat[max(0, start - _SAID_WITHIN) : start]
        for kind, said in _SAID.items():
            if said.search(before):
                yield kind, start, end
                return


def _kind_of(number: str) -> PrivateKind | None:
    if is_id_number(number) or is_like_id_number(number):
        return PrivateKind.ID_NUMBER
    # 62 is the range of the cards that nearly everybody has here: a mistyped one is a card all the same.
    if is_bank_card(number) or re.fullmatch(r"62\d{14,17}", number):
        return PrivateKind.BANK_CARD
    return None


def is_id_number(number: str) -> bool:
    """A resident's identity number, GB 11643: 18 places with a check character (MOD 11-2), or the older 15."""
    if re.fullmatch(r"\d{15}", number):
        return int(number[:2]) in _REGIONS and _is_date("19" + number[6:12])
    if not re.fullmatch(r"\d{17}[\dX]", number) or int(number[:2]) not in _REGIONS or not _is_date(number[6:14]):
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]


def is_like_id_number(number: str) -> bool:
    """Region and birthday of an identity number, whose check character may be mistyped."""
    is_shaped = re.fullmatch(r"\d{17}[\dX]", number) and int(number[:2]) in _REGIONS
    return bool(is_shaped and _is_date(number[6:14]) and int(number[6:10]) <= LAST_BORN)


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


def _named(text: str, names: Sequence[str]) -> Iterator[Part]:
    """Names in simplified or traditional characters, of any width, with gaps; Latin ones as whole words."""
    pieces = [(at, piece) for at, character in enumerate(text) for piece in _likeness(character)]
    flat, where = "".join(piece for _at, piece in pieces), [at for at, _piece in pieces]
    for name in {"".join(map(plain, name)) for name in names}:
        if len(name) < SHORTEST_NAME:
            continue
        for found in re.finditer(_whole(_APART.join(map(re.escape, name))), flat):
            yield Part(PrivateKind.NAME, where[found.start()], where[found.end() - 1] + 1)
        for pattern in _in_pinyin(name):
            for found in re.finditer(pattern, flat):
                if found[0] not in EVERYDAY:
                    yield Part(PrivateKind.NAME, where[found.start()], where[found.end() - 1] + 1)


def _in_pinyin(name: str) -> Iterator[str]:
    """A name in characters as it is written in letters: in one word or parted, the surname (one character or two) first
    or last, the tones as marks, digits or not at all."""
    said = [sorted(set(sounds_in_names(character)), key=len) for character in name]
    if len(name) > MOST_SPELT or not all(said) or sum(len(ways[0]) for ways in said) < SHORTEST_PINYIN:
        return
    syllables = ["(?:" + "|".join(ways).replace("v", "(?:v|yu|u)") + ")[1-5]?" for ways in said]
    for turn in range(min(3, len(name))):
        yield rf"(?<![a-z]){_SPELT_APART.join([*syllables[turn:], *syllables[:turn]])}(?![a-z])"


def _likeness(character: str) -> str:
    """The letters of a character as names are compared; of signs what is read of them, of marks on letters nothing."""
    if unicodedata.combining(character):
        return ""
    return _read(character) and (plain(character) or _read(character))


def _whole(pattern: str) -> str:
    """Not inside a longer Latin word or number."""
    return rf"(?<![a-z0-9])(?=[a-z0-9]){pattern}(?![a-z0-9])|(?=[^a-z0-9]){pattern}"


def _own(folded: _Folded, own: Sequence[str]) -> Iterator[Part]:
    """The proposer's telephone number, with or without its area code, and e-mail address."""
    for word in own:
        if "@" in word:
            name, _at, domain = word.partition("@")
            at, dot = rf"{_APART}(?:{_AT}|at|#){_APART}", rf"{_APART}(?:[.。·]|点|dot){_APART}"
            host = dot.join(_APART.join(map(re.escape, label)) for label in domain.split("."))
            spelled, kind, flat = _APART.join(map(re.escape, name)) + at + host, PrivateKind.EMAIL, folded.flat
        else:
            digits = re.sub(r"\D", "", word.removeprefix("+86"))
            spelled, kind, flat = _dialled(digits), PrivateKind.PHONE, folded.digits
        for found in re.finditer(spelled, flat, re.IGNORECASE) if spelled else ():
            yield folded.part(kind, *found.span())


def _dialled(digits: str) -> str:
    """A known number with anything but letters between its digits; a landline also without its area code."""
    if len(digits) < SHORTEST_NUMBER:
        return ""
    apart = r"[^\w\n]{0,3}"
    area = 0 if digits.startswith("1") else len(digits) - SHORTEST_NUMBER
    spelled = apart.join(digits[area:])
    front = f"(?:0?{apart}{apart.join(digits[:area])}{apart})?" if area else ""
    return rf"(?<!\d){front}{spelled}(?!\d)"
