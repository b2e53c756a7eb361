"""How alike two ideas are: pairs of characters, weighted by how rare they are. No segmenter of Chinese is needed.

Cosine of two weighted bags of terms (tf-idf, Salton & Buckley 1988), once over everything and once over the titles,
times factors for place and time:

    weight of a term in a text   (1 + ln n) · (1 + ln((N + 1) / (df + 1))) · 1.5 if it names a place in the title
    likeness                     (0.6 · cosine of the texts + 0.4 · cosine of the titles) · place · time
    place                        · 1.2 in one community, · 0.5 in two, · 1 if one is not known;
                                 · 0.6 if both titles name places and have none of their names in common
    time                         · 1.05 within thirty days

n counts the term (in the title three times over), N the ideas counted, df those of them that hold it. A term is a pair
of neighbouring characters, or a whole Latin word or number; sign, case, width and form make no difference. A place is
told by its last character (路, 小区, 学校 …), so no list of names is needed.

LIKELY was measured by bench/duplicates.py on 2,133 real messages: of 19 pairs judged by hand 15 reach it, 14 of those
are the same issue, and 2 of the same issue do not reach it. Of the first five found, 92 and 88 in 100 belonged to the
message's issue (two groupings; 5 in 5 is not always possible), and every message found one of its own.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain, groupby
from operator import add, itemgetter
from typing import TypeVar

import numpy as np

from ideas.rules.characters import fold

LIKELY = 0.2  # from here on worth showing to somebody as alike
LONGEST = 300  # characters of a body that are compared: what one look-up may cost
INDEXED = 5000  # characters of a body that the index keeps, so that a search finds words far down
TITLE_COUNTS, TITLE_SHARE, PLACE_COUNTS = 3, 0.4, 1.5
SAME_PLACE, OTHER_PLACE, OTHER_NAMES = 1.2, 0.5, 0.6
SOON, SOON_COUNTS = timedelta(days=30), 1.05
# What is asked of the index, and how many answers it may have to look at.
KNOWN_TERMS, RARE_TERMS, MOST_HOLDERS = 24, 24, 1000
Key = TypeVar("Key")
RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
# Lengths are bounded: a run of any number of digits would be read anew from each of them.
PLACE = re.compile(
    r"([a-z]?[0-9]{1,6}|[\u4e00-\u9fff]{2,4}?)"
    r"(小区|社区|街道|大道|小学|中学|学校|广场|公园|花园|医院|学院|大厦|市场|[路街巷镇乡村站苑区县桥湾](?![灯口面边上人民]))"
)


@dataclass(frozen=True)
class Text:
    """What is compared of an idea. `area` is the community's code, or "" for several or unknown."""

    title: str
    body: str
    place: str = ""
    area: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Counts:
    """How many of `size` ideas hold a term; one that is not in `holders` was too rare to be counted."""

    size: int = 0
    holders: Mapping[str, int] = field(default_factory=dict)

    def of(self, term: str) -> int:
        return self.holders.get(term, 1)

    def rarity(self, term: str) -> float:
        return self.rarities.get(term, self.of_uncounted)

    @cached_property
    def rarities(self) -> dict[str, float]:
        """Worked out once, and one number for all terms equally rare: a look-up asks for thousands."""
        of = {held: self._rarity(held) for held in set(self.holders.values())}
        return {term: of[held] for term, held in self.holders.items()}

    @cached_property
    def of_uncounted(self) -> float:
        return self._rarity(1)

    def _rarity(self, held: int) -> float:
        return 1 + math.log((self.size + 1) / (min(held, self.size) + 1))


def runs(text: str) -> list[str]:
    """The words and stretches of characters of a text, folded; signs and spaces part them."""
    return RUN.findall(fold(text))


def terms(text: str) -> list[str]:
    """The terms of a text in their order, repeated ones too."""
    return [term for run in runs(text) for term in _of_run(run)]


def _of_run(run: str) -> list[str]:
    """A Latin word or number is one term, another script's run its pairs of neighbours."""
    if run[0].isascii() or len(run) == 1:
        return [run]
    return list(map(add, run, run[1:]))


def terms_of(text: Text) -> list[str]:
    """What the index keeps of an idea: each of its terms once."""
    parts = text.title[:INDEXED], text.body[:INDEXED], text.place[:INDEXED]
    return sorted({term for part in parts for term in terms(part)})


def folded(text: Text) -> str:
    """What the index keeps beside the terms, to tell a word from the pairs that it is made of."""
    return " ".join([*runs(text.title), *runs(text.body[:INDEXED]), *runs(text.place)])


def index_queries(text: Text, counts: Counts) -> list[tuple[list[str], float]]:
    """What to ask the index for: groups of terms that must stand together, with what a hit counts.

    The weightiest terms one by one, as long as their holders stay few together: of those known to be held by several,
    and of those too rare to have been counted (in a small campaign mostly nobody else's, in a large one the best).
    Where even the first has too many, as in a title of everyday words, the three weightiest together.
    """
    values = _Weighed([text], counts).weights()
    ranked = sorted(values, key=lambda term: (-values[term], term))
    known = [term for term in ranked if term in counts.holders][:KNOWN_TERMS]
    groups, holders = [], 0
    for term in known + [term for term in ranked if term not in counts.holders][:RARE_TERMS]:
        if holders + counts.of(term) <= MOST_HOLDERS:
            holders += counts.of(term)
            groups.append(([term], values[term] * counts.rarity(term)))
    return groups or ([(ranked[:3], 1.0)] if ranked else [])


def similarity(query: Text, candidates: Mapping[Key, Text], counts: Counts | None = None) -> list[tuple[Key, float]]:
    """The candidates with anything in common, most alike first, each with its likeness from 0 to 1.

    Of two equally alike ones the earlier in `candidates` comes first. Without `counts`, what is rare is counted among
    the candidates.
    """
    counts = counts or counted(terms_of(text) for text in candidates.values())
    weighed = _Weighed([query, *candidates.values()], counts)
    named = _names.__wrapped__(query.title[:LONGEST])
    found = [
        (key, float(alike) * _factor(query, text, named))
        for (key, text), alike in zip(candidates.items(), weighed.likeness(), strict=True)
    ]
    return sorted(((key, min(1.0, score)) for key, score in found if score > 0), key=lambda pair: -pair[1])


def counted(texts: Iterable[Iterable[str]]) -> Counts:
    """Counts of a few texts, given by their terms."""
    size, holders = 0, Counter[str]()
    for held in texts:
        size += 1
        holders.update(held)
    return Counts(size, holders)


class _Weighed:
    """Texts as rows of weighted terms, a column for each term that one of them holds: all of it, and its title.

    Many terms at once: one by one in Python took three times as long as the look-up of their texts.
    """

    def __init__(self, texts: Sequence[Text], counts: Counts) -> None:
        first, *others = map(_compared, texts)
        pieces = [_pieces_of.__wrapped__(*first), *(_pieces_of(*other) for other in others)]
        held = dict.fromkeys(chain.from_iterable(chain.from_iterable(pieces)))
        self.columns = {term: column for column, term in enumerate(held)}
        titles, rests, places = (_counted_in(part, self.columns) for part in zip(*pieces, strict=True))
        rarity, uncounted = counts.rarities.get, counts.of_uncounted
        worth = np.array([rarity(term, uncounted) for term in held]) * np.where(places, PLACE_COUNTS, 1.0)
        self.whole = _damped(TITLE_COUNTS * titles + rests) * worth
        self.title = _damped(titles) * worth

    def likeness(self) -> np.ndarray:
        """Of the first text with each of the others, before place and time."""
        whole, title = _cosines(self.whole), _cosines(self.title)
        has_titles = self.title[0].any() & self.title[1:].any(axis=1)
        return np.where(has_titles, (1 - TITLE_SHARE) * whole + TITLE_SHARE * title, whole)

    def weights(self) -> dict[str, float]:
        """Of the first text's terms."""
        return {term: float(self.whole[0, column]) for term, column in self.columns.items()}


def _compared(text: Text) -> tuple[str, str, str]:
    return text.title[:LONGEST], text.body[:LONGEST], text.place[:LONGEST]


def _damped(counts: np.ndarray) -> np.ndarray:
    """1 + ln n, and 0 for none; looked up, since most numbers are the same few."""
    return np.concatenate([[0.0], 1 + np.log(np.arange(1, counts.max(initial=0) + 1))])[counts]


def _counted_in(rows: Sequence[Collection[str]], columns: Mapping[str, int]) -> np.ndarray:
    """How often each text (a row) holds each term (a column)."""
    held = np.fromiter(map(columns.__getitem__, chain.from_iterable(rows)), dtype=np.int64)
    row = np.repeat(np.arange(len(rows)), [len(terms) for terms in rows])
    return np.bincount(row * len(columns) + held, minlength=len(rows) * len(columns)).reshape(len(rows), len(columns))


def _cosines(rows: np.ndarray) -> np.ndarray:
    """Of the first row with each of the others; 0 where one is empty."""
    lengths = np.sqrt((rows * rows).sum(axis=1))
    products = lengths[0] * lengths[1:]
    return (rows[1:] @ rows[0]) / np.where(products, products, 1.0)


@lru_cache(maxsize=2000)
def _pieces_of(title: str, body: str, place: str) -> tuple[list[str], list[str], set[str]]:
    """The terms of the title, those of the rest, and those of the title that name places.

    Kept for the ideas compared last: a moderator's page and the clusters come back to the same ones. What is asked for
    is not kept: it may be what somebody is typing.
    """
    titled = terms(title)
    named = {term for found in PLACE.finditer(fold(title)) for term in terms(found[0])}
    return titled, terms(f"{body} {place}"), named.intersection(titled)


def _factor(one: Text, other: Text, here: frozenset[str]) -> float:
    """The same complaint about another place is another idea; one about the same days rather the same.

    `here` are the names of places in the title of `one`.
    """
    soon = SOON_COUNTS if one.at and other.at and abs(one.at - other.at) <= SOON else 1.0
    if one.area and other.area:
        return soon * (SAME_PLACE if one.area == other.area else OTHER_PLACE)
    there = _names(other.title[:LONGEST])
    return soon * (OTHER_NAMES if here and there and not here & there else 1.0)


@lru_cache(maxsize=2000)
def _names(title: str) -> frozenset[str]:
    """The names of places in a title, in terms, without the word for what they are."""
    return frozenset(term for found in PLACE.finditer(fold(title)) for term in terms(found[1]))


def differing(one: str, other: str) -> list[tuple[str, bool]]:
    """`other` in pieces, each with whether `one` says something else: no pair of characters there is in it too.

    The pieces together are `other`. Where in the text something stands makes no difference.
    """
    shared, owners, letters = set(terms(one)), [], []
    for place, letter in enumerate(other):
        written = fold(letter)
        letters.append(written)
        owners += [place] * len(written)
    same: dict[int, bool] = {}
    for run in RUN.finditer("".join(letters)):
        start = run.start()
        for offset, term in enumerate(_of_run(run[0])):
            for place in owners[start + offset : start + offset + len(term)]:
                same[place] = same.get(place, False) or term in shared
    return _pieces(other, same)


def _pieces(text: str, same: Mapping[int, bool]) -> list[tuple[str, bool]]:
    """Neighbours alike joined; a sign goes with what stands before it."""
    differs: list[bool] = []
    for place in range(len(text)):
        differs.append(not same[place] if place in same else bool(differs and differs[-1]))
    runs = groupby(zip(text, differs, strict=True), key=itemgetter(1))
    return [("".join(letter for letter, _differs in run), is_other) for is_other, run in runs]
