"""Two wordings beside each other, and one text cut at its marks: what a page needs to show both."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

Change = Literal["same", "out", "in"]
_SENTENCE = re.compile(r"[^。！？；，\n]*[。！？；，\n]|[^。！？；，\n]+")
_TOKEN = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)
ISLAND = 2  # fewer unchanged characters than that between two changes are shown as changed: confetti is hard to read


@dataclass(frozen=True)
class Piece:
    """A run of text that stands in both wordings, only in the old one (out) or only in the new one (in)."""

    change: Change
    text: str


def difference(old: str, new: str) -> list[Piece]:
    """What was left out and what was added, sentence by sentence and within changed sentences by characters.

    The pieces that are not "in" make up the old text, those that are not "out" the new one.
    """
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    pieces: list[Piece] = []
    for same, one, other in _blocks(before, after):
        pieces += [Piece("same", one)] if same else _within(one, other)
    return _joined(pieces)


def _blocks(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield tag == "equal", "".join(before[i:j]), "".join(after[k:m])


def _within(old: str, new: str) -> list[Piece]:
    """Two versions of a few sentences, by characters and Latin words."""
    blocks = list(_blocks(_TOKEN.findall(old), _TOKEN.findall(new)))
    pieces: list[Piece] = []
    for place, (same, one, other) in enumerate(blocks):
        if same and (len(one.strip()) >= ISLAND or place in (0, len(blocks) - 1)):
            pieces.append(Piece("same", one))
        else:
            pieces += [Piece("out", one), Piece("in", other)]
    return pieces


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one; between two same pieces first all that is out, then all that is in."""
    joined: list[Piece] = []
    out = new = ""
    for piece in [*pieces, Piece("same", "")]:
        if piece.change != "same":
            out += piece.text if piece.change == "out" else ""
            new += piece.text if piece.change == "in" else ""
            continue
        joined += [each for each in (Piece("out", out), Piece("in", new)) if each.text]
        out = new = ""
        if joined and joined[-1].change == "same":
            joined[-1] = Piece("same", joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return joined


@dataclass(frozen=True)
class Stretch:
    """A run of text under the same marks; the numbers say which marks."""

    text: str
    marks: tuple[int, ...]


def stretches(text: str, spans: Sequence[tuple[int, int]]) -> list[Stretch]:
    """The text cut wherever one of the marks (start, end) begins or ends; they may overlap."""
    cuts = sorted({0, len(text), *(place for span in spans for place in span)})
    return [
        Stretch(text[start:end], tuple(n for n, (first, last) in enumerate(spans) if first <= start and end <= last))
        for start, end in pairwise(cuts)
    ]
