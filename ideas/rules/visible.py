"""What of a typed text a reader sees: whether there is anything, and the text without what only misleads.

A zero-width joiner, a variation selector or a soft hyphen inside a text may be meant (emoji, rare characters); alone
they are nothing. Direction marks can turn a line round so that it reads otherwise than it was typed, and control
characters stop databases, tables and printers: both are taken out.
"""

import re
import unicodedata
from typing import TYPE_CHECKING

from ideas.errors import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Letters and symbols by their category, drawn as nothing: Hangul fillers, an empty braille cell, a note without a head,
# the place of an object that was not copied along.
_DRAWN_AS_NOTHING = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159")
# Not assigned so far, and meant to be invisible ("default ignorable"). Other unassigned ones may be a new emoji.
_IGNORABLE = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
_SEEN = frozenset("LNPS")  # letters, numbers, punctuation and symbols; Co and Cn are judged apart
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_MISLEADING = re.compile(f"[{_DIRECTIONS}{_CONTROLS}]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What is copied along at both ends, and spaces; joiners and selectors belong to what they follow.
_EDGES = "\u200b\u2060\ufeff\xad" + "".join(character for code in range(0x3001) if (character := chr(code)).isspace())


def is_visible(text: str) -> bool:
    """Whether a reader sees anything of a text."""
    return any(map(_is_seen, text))


def says_little(title: str) -> bool:
    """Whether a title is a single letter or signs only: worth a question, never a refusal."""
    return sum(unicodedata.category(each)[0] in "LN" and _is_seen(each) for each in title) < 2


def as_read(text: str) -> str:
    """The text without direction marks and control characters, one kind of line end, nothing around it; "" if nothing
    of it can be seen."""
    plain = _MISLEADING.sub("", _LINE_ENDS.sub("\n", text))
    return plain.strip(_EDGES) if is_visible(plain) else ""


def required(text: str, refusal: "StrOrPromise") -> str:
    """The text as it is read; where nothing of it can be seen, the act is refused with these words."""
    if not (read := as_read(text)):
        raise Refusal(refusal)
    return read


def _is_seen(character: str) -> bool:
    if character in _DRAWN_AS_NOTHING or _IGNORABLE.match(character):
        return False
    category = unicodedata.category(character)
    return category[0] in _SEEN or category in ("Co", "Cn")
