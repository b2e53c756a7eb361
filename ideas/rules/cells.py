"""Texts in the cells of spreadsheets: made harmless on the way out, and read as they were on the way in."""

import re
import unicodedata

# What a spreadsheet would compute instead of show, in any width, also behind what nobody sees.
_FORMULA = frozenset("=+-@−")
_LONGEST = 20  # more than the longest of a spreadsheet's own words, with what may stand behind it
# White space, controls and formats by their category, and letters and marks without ink.
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Cn"})
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_CONTROL = ("\t", "\r", "\n")
# Characters that no XML holds, as XLSX writes them; what looks so and is text has its first sign written so.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# What a spreadsheet shows where it could compute nothing.
ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)
SHORTENED = re.compile(r"[+-]?\d(?:\.\d+)?E\+?\d{1,3}", re.IGNORECASE)  # 1.38E+10: its last digits are gone


def _is_risky(text: str) -> bool:
    first = next((place for place, letter in enumerate(text) if not _is_unseen(letter)), len(text))
    plain = unicodedata.normalize("NFKC", text[first : first + _LONGEST])
    return plain[:1] in _FORMULA or text.startswith(_CONTROL) or plain.strip().upper() in ERRORS


def _is_unseen(letter: str) -> bool:
    is_selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return is_selector or letter in _BLANKS or unicodedata.category(letter) in _UNSEEN


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula or an error: a mark stands before it. `as_typed` takes it off."""
    return f"'{text}" if _is_risky(text.lstrip("'")) else text


def as_typed(text: str) -> str:
    """The text of a cell without the mark that made it harmless."""
    return text[1:] if text.startswith("'") and _is_risky(text.lstrip("'")) else text


def is_error(text: str) -> bool:
    return text.strip().upper() in ERRORS


def escaped(text: str) -> str:
    """For XLSX: _x000D_ as somebody typed it must not be read as a line end."""
    return _LOOKS_ESCAPED.sub("_x005F_", text)


def unescaped(text: str) -> str:
    """From XLSX: _x000D_ is a line end, _x005F_x000D_ the letters."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
