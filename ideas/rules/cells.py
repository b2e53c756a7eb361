"""Texts in the cells of spreadsheets: made harmless on the way out, and read as they were on the way in."""

import re

# What a spreadsheet would compute instead of show, also behind white space and in full width.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹢﹣﹫−]")
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
    return bool(_FORMULA.match(text)) or text.startswith(_CONTROL) or text.upper() in ERRORS


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
