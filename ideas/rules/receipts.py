"""Receipt numbers (public) and query codes (secret): making, reading and checking them.

A receipt number is the campaign's prefix, a two-digit year, a hyphen and eight characters of an alphabet of 31
without 0 1 I L O: seven drawn at random and a check character. With the prime 31 and distinct weights the check
finds every single mistyped character and every swap of two characters.
A query code is eight characters of Crockford's base 32 (40 bits), shown as 4-4.
"""

import re
import unicodedata
from collections.abc import Callable

RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BODY = 7
_RECEIPT = re.compile(rf"([A-Z]{{1,6}})(\d\d)-([{RECEIPT_ALPHABET}]{{8}})")
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})

Draw = Callable[[str], str]  # one character out of an alphabet, e.g. secrets.choice


def check_character(body: str) -> str:
    """The eighth character for seven: the weighted sum of their places in the alphabet, modulo 31."""
    total = sum(weight * RECEIPT_ALPHABET.index(char) for weight, char in enumerate(body, start=1))
    return RECEIPT_ALPHABET[total % len(RECEIPT_ALPHABET)]


def new_receipt(prefix: str, year: int, draw: Draw) -> str:
    """A receipt number such as JM22-7K3M9Q2T."""
    body = "".join(draw(RECEIPT_ALPHABET) for _ in range(BODY))
    return f"{prefix}{year % 100:02d}-{body}{check_character(body)}"


def read_receipt(typed: str) -> str | None:
    """The receipt number that somebody typed (full-width, lower case, spaces, no hyphen), or None if it is none."""
    text = _plain(typed)
    if len(text) > BODY + 1:
        text = f"{text[: -BODY - 1]}-{text[-BODY - 1 :]}"
    match = _RECEIPT.fullmatch(text)
    if not match or check_character(match[3][:BODY]) != match[3][BODY]:
        return None
    return text


def receipts_in(text: str) -> list[str]:
    """The receipt numbers that stand in a text as they are printed."""
    return [match[0] for match in _RECEIPT.finditer(text)]


def look_up_key(typed: str) -> str:
    """What to look a typed number up by: the receipt number, or, if it is none, its letters and digits, which find
    nothing. So a wrong number makes the same queries as a right one."""
    return read_receipt(typed) or _plain(typed)


def new_code(draw: Draw) -> str:
    """A query code without its hyphen."""
    return "".join(draw(CODE_ALPHABET) for _ in range(8))


def show_code(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str:
    """The query code that somebody typed, look-alikes mended; it need not be a valid one."""
    return _plain(typed).translate(_LOOKALIKES)


def _plain(typed: str) -> str:
    """Full-width made half-width, upper case, nothing but letters and digits; absurdly long input cut."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed[:64]).upper())
