"""Two wordings beside each other, and one text cut at its marks: what a page needs to show both."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from itertools import accumulate, pairwise, takewhile
from typing import Literal

Change = Literal["same", "out", "in"]
_SENTENCE = re.compile(r"[^。！？；，\n]*[。！？；，\n]|[^。！？；，\n]+")
_TOKEN = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)
STEPS = 1_000_000  # what one comparison may cost: two long texts of many words take a tenth of it
ISLAND = 2  # fewer unchanged characters than that between two changes are shown as changed: confetti is hard to read


@dataclass(frozen=True)
class Piece:
    """A run of text that stands in both wordings, only in the old one (out) or only in the new one (in)."""

    change: Change
    text: str


class _Budget:
    """Steps that a comparison may still take."""

    def __init__(self) -> None:
        self.left = STEPS

    def allows(self, steps: int) -> bool:
        self.left -= steps
        return self.left >= 0


def difference(old: str, new: str) -> list[Piece]:
    """What was left out and what was added, sentence by sentence and within changed sentences by characters.

    The pieces that are not "in" make up the old text, those that are not "out" the new one. Where a text repeats
    itself so often that what belongs together cannot be found out in time, all of it counts as changed.
    """
    budget = _Budget()
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    pieces: list[Piece] = []
    for same, one, other in _blocks(before, after, budget):
        pieces += [Piece("same", one)] if same else _within(one, other, budget)
    return _joined(pieces)


def _blocks(before: Sequence[str], after: Sequence[str], budget: _Budget) -> Iterator[tuple[bool, str, str]]:
    """What is equal and what is not, in turn."""
    i = k = 0
    for first, other, size in [*_runs(before, after, budget), (len(before), len(after), 0)]:
        if i < first or k < other:
            yield False, "".join(before[i:first]), "".join(after[k:other])
        if size:
            yield True, "".join(before[first : first + size]), "".join(after[other : other + size])
        i, k = first + size, other + size


def _runs(before: Sequence[str], after: Sequence[str], budget: _Budget) -> list[tuple[int, int, int]]:
    """The equal runs (place in one, place in the other, length) in order: both ends, then the longest run between,
    and so on before and behind it, as long as the budget lasts."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    # What looking through a stretch costs: the places in `after` of each of its elements.
    places = Counter(after)
    costs = [0, *accumulate(1 + places[element] for element in before)]
    found = [(0, 0, head), (len(before) - tail, len(after) - tail, tail)]
    waiting = [(head, len(before) - tail, head, len(after) - tail)]
    while waiting:
        i, j, k, m = waiting.pop()
        if i >= j or k >= m or not budget.allows(costs[j] - costs[i]):
            continue
        first, other, size = matcher.find_longest_match(i, j, k, m)
        if size:
            found.append((first, other, size))
            waiting += [(i, first, k, other), (first + size, j, other + size, m)]
    return sorted(run for run in found if run[2])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many elements both begin with."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _within(old: str, new: str, budget: _Budget) -> list[Piece]:
    """Two versions of a few sentences, by characters and Latin words."""
    blocks = list(_blocks(_TOKEN.findall(old), _TOKEN.findall(new), budget))
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


def until(local: datetime) -> str:
    """The end of a half-open time: midnight is written 24:00 of the day before, as announcements do."""
    if (local.hour, local.minute) != (0, 0):
        return f"{local:%Y-%m-%d %H:%M}"
    return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"


@dataclass(frozen=True)
class Stretch:
    """A run of text under the same marks; the numbers say which marks."""

    text: str
    marks: tuple[int, ...]


def stretches(text: str, spans: Sequence[tuple[int, int]]) -> list[Stretch]:
    """The text cut wherever one of the marks (start, end) begins or ends; they may overlap."""
    cuts = sorted({0, len(text), *(place for span in spans for place in span)})
    begun: dict[int, list[int]] = {}
    for number, (first, _last) in enumerate(spans):
        begun.setdefault(first, []).append(number)
    pieces = list[Stretch]()
    marks = list[int]()
    for start, end in pairwise(cuts):
        marks = sorted(
            [n for n in marks if spans[n][1] >= end] + [n for n in begun.get(start, ()) if spans[n][1] >= end]
        )
        pieces.append(Stretch(text[start:end], tuple(marks)))
    return pieces
