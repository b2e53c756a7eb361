"""Telephone numbers as people write them, and as they are kept: `+865926060000;ext=801;note=晚上打`.

That is E.164 with the extension behind it, and what somebody wrote beside the number. Only the line is dialled, hashed
and sent to; the rest is for those who call.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat

HOME, REGION = 86, "CN"
LONGEST = 100  # of what is read; who calls has bounded it for others already
_LOCAL = re.compile(r"[2-8]\d{6,7}")  # without its area code
_EXTENSION = re.compile(
    r"[\s,;(]*(?:转接?|轉接?)?\s*(?:转|轉|分机号?|分機|内线|內線|ext(?:ension)?\.?|x|#)\s*[:：]?\s*(\d{1,6})[\s)]*$",
    re.IGNORECASE,
)
_DASHED = re.compile(r"^(.*\d)\s*-\s*(\d{1,6})$")
_BRACKETS = re.compile(r"[(\[【]([^()\[\]【】]*)(?:[)\]】]|$)")
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\ufe58~·]")
_BETWEEN = re.compile(r"[/、,;|\n]|或者?|及|和|\bor\b")
_LABELS = re.compile(
    r"^(?:我?的?(?:联系)?(?:手机|电话|座机|固话|号码?|tel|phone|mobile)[号码是为]*)?[:：\s]*$", re.IGNORECASE
)


class PhoneFault(StrEnum):
    """What is wrong with a number."""

    NO_DIGITS = "no_digits"
    SEVERAL = "several"
    AREA = "area"  # a local number whose area code is not known
    MOBILE_LENGTH = "mobile_length"
    MOBILE = "mobile"  # eleven digits that no mobile number begins with
    SHORT = "short"
    LONG = "long"
    UNKNOWN = "unknown"


class NotAPhone(Exception):
    def __init__(self, fault: PhoneFault, digits: int) -> None:
        super().__init__(fault)
        self.fault, self.digits = fault, digits


class Telephone(NamedTuple):
    line: str  # E.164
    extension: str = ""
    note: str = ""

    def __str__(self) -> str:
        extension = f";ext={self.extension}" if self.extension else ""
        return f"{self.line}{extension}{f';note={self.note}' if self.note else ''}"


def kept(phone: str) -> Telephone:
    """The parts of a number as it is kept."""
    rest, _sep, note = phone.partition(";note=")
    line, _sep, extension = rest.partition(";ext=")
    return Telephone(line, extension, note)


def line_of(phone: str) -> str:
    """What is dialled, hashed and sent to, in E.164; "" for none."""
    return kept(phone).line


def show_phone(phone: str) -> str:
    """A kept number as people write it: without +86 in mainland China."""
    if not phone:
        return ""
    line, extension, note = kept(phone)
    parsed = phonenumbers.parse(line)
    kind = PhoneNumberFormat.NATIONAL if parsed.country_code == HOME else PhoneNumberFormat.INTERNATIONAL
    return f"{phonenumbers.format_number(parsed, kind)}{_beside(extension, note)}"


def full_phone(phone: str) -> str:
    """A kept number as it is dialled from anywhere, with what stands beside it."""
    line, extension, note = kept(phone)
    return f"{line}{_beside(extension, note)}"


def plain_phone(phone: str) -> str:
    """A kept number for a table: without +86, which a spreadsheet would take for a sum."""
    return full_phone(phone).removeprefix(f"+{HOME}")


def _beside(extension: str, note: str) -> str:
    return f"{f' 转{extension}' if extension else ''}{f'（{note}）' if note else ''}"


def read_phone(text: str, *, area_code: str = "") -> Telephone:
    """The number in what somebody typed, mainland China's if no country is given; NotAPhone says what is wrong.

    A local number is completed with `area_code` ("0592"), if there is one.
    """
    typed = _DASHES.sub("-", unicodedata.normalize("NFKC", text[:LONGEST]))
    plain, notes = _without_notes(typed)
    number, extension = _split(plain)
    _refuse_several(number)
    number, words = _without_words(number)
    for head, tail in _readings(number, extension):
        if line := _line(head, area_code):
            return Telephone(line, tail, " ".join([*words, *notes]))
    raise _fault(number, is_local=not area_code)


def _without_notes(typed: str) -> tuple[str, list[str]]:
    """What stands in brackets is a note, unless it is an area code, a country's, or the extension."""
    notes: list[str] = []

    def take(found: re.Match[str]) -> str:
        inside = found[1].strip()
        if re.fullmatch(r"[+\d\s-]*", inside) or _EXTENSION.fullmatch(inside):
            return f" {inside} "
        if len(re.sub(r"\D", "", inside)) >= 7:
            return f"/{inside}"  # another number
        notes.append(inside)
        return " "

    return _BRACKETS.sub(take, typed).strip(), notes


def _split(plain: str) -> tuple[str, str]:
    found = _EXTENSION.search(plain)
    return (plain[: found.start()], found[1]) if found else (plain, "")


def _refuse_several(number: str) -> None:
    parts = [_digits(part) for part in _BETWEEN.split(number)]
    mobiles = re.findall(r"(?<!\d)1\d{10}(?!\d)", number)
    if sum(len(part) >= 6 for part in parts) > 1 or len(mobiles) > 1:
        raise NotAPhone(PhoneFault.SEVERAL, 0)


def _without_words(number: str) -> tuple[str, list[str]]:
    """Words before and after the digits: labels go, others are a note."""
    found = re.search(r"\+?\s*\d(?:.*\d)?", number)
    if not found:
        raise NotAPhone(PhoneFault.NO_DIGITS, 0)
    around = [part.strip(" ,;:-()") for part in (number[: found.start()], number[found.end() :])]
    return found[0], [part for part in around if part and not _LABELS.match(part)]


def _readings(number: str, extension: str) -> Iterator[tuple[str, str]]:
    yield number, extension
    if not extension and (dashed := _DASHED.match(number)):
        yield dashed[1], dashed[2]


def _line(number: str, area_code: str) -> str:
    """E.164, or "" if it is no valid number."""
    digits = _digits(number)
    if _LOCAL.fullmatch(digits) and not number.lstrip().startswith("+"):
        number = f"{area_code}{digits}" if area_code else ""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _fault(number: str, *, is_local: bool) -> NotAPhone:
    digits = re.sub(r"^(?:00?86|86)(?=1\d{5})", "", _digits(number))
    size = len(digits)
    if digits.startswith("1") and size >= 7:
        return NotAPhone(PhoneFault.MOBILE if size == 11 else PhoneFault.MOBILE_LENGTH, size)
    if is_local and (_LOCAL.fullmatch(digits) or _LOCAL.fullmatch(re.sub(r"-\d{1,6}$", "", re.sub(r"\s", "", number)))):
        return NotAPhone(PhoneFault.AREA, size)
    least = 11 if digits.startswith("0") else 10
    return NotAPhone(PhoneFault.SHORT if size < least else PhoneFault.LONG if size > 12 else PhoneFault.UNKNOWN, size)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
