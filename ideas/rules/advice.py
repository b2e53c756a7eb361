"""Advice on a text: where it holds words of the office's lists, however they are dressed up. Nothing is refused for it.

Every place is given in the original text, so that a page can mark it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise, product
from typing import NamedTuple

from django.utils.translation import gettext as _

from ideas.choices import Disguise, WordCategory
from ideas.rules.characters import is_styled, is_traditional, plain, sound, sounds

SHORTEST = 2  # characters of a word: one alone stands in every second text
SHORTEST_SOUND = 5  # letters of a word in pinyin, for the same reason
ALIKE_FROM = 3  # characters of a word that is also looked for by its sound alone
LONGEST_GAP = 5  # signs and spaces between two characters of one word
READINGS = 8  # ways to say a word that are looked for
_SENTENCE_ENDS = re.compile(r"[。！？；，、,.!?;:：\n]")


class Words(NamedTuple):
    """One list of the office, with its words as they were written."""

    name: str
    category: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A word of a list, from `start` up to `end` of a field; `how` says how it was dressed up."""

    field: str
    start: int
    end: int
    list_name: str
    category: str
    word: str
    how: tuple[Disguise, ...] = ()

    @property
    def why(self) -> str:
        """In words, for the person who is to judge."""
        found = _("matches “%(word)s” of the list “%(list)s”") % {"word": self.word, "list": self.list_name}
        if not self.how:
            return found
        return _("%(found)s, written %(how)s") % {"found": found, "how": ", ".join(str(how.label) for how in self.how)}

    @property
    def category_label(self) -> str:
        return str(WordCategory(self.category).label)


def hits(fields: Mapping[str, str], lists: Sequence[Words]) -> list[Hit]:
    """Where the fields of an idea hold words of the lists, in reading order."""
    lexicon = _lexicon(tuple(lists))
    return [hit for field, text in fields.items() for hit in _in_field(field, text, lexicon)]


def _in_field(field: str, text: str, lexicon: "_Lexicon") -> list[Hit]:
    stream = _Stream(text)
    found = {
        (entry, start, end): Hit(field, start, end, entry.list_name, entry.category, entry.word, how)
        for entry, start, end, how in (*stream.spelled(lexicon), *stream.spoken(lexicon))
    }
    return sorted(found.values(), key=lambda hit: (hit.start, hit.end, hit.list_name))


class _Entry(NamedTuple):
    key: str  # what is compared: plain characters, or letters of pinyin
    list_name: str
    category: str
    word: str
    plain: str


class _Lexicon:
    """The words of all lists by their first two characters, and by the first four letters of their sound."""

    def __init__(self, lists: tuple[Words, ...]) -> None:
        self.spelled: dict[str, list[_Entry]] = defaultdict(list)
        self.spoken: dict[str, list[_Entry]] = defaultdict(list)
        for name, category, words in lists:
            for word in words:
                self._add(name, category, word)

    def _add(self, name: str, category: str, word: str) -> None:
        key = plain_word(word)
        if len(key) < SHORTEST:
            return
        self.spelled[key[:2]].append(_Entry(key, name, category, word, key))
        readings = product(*(sounds(character) for character in key))  # empty if one of them has no sound
        for letters in {"".join(reading) for reading in islice(readings, READINGS)}:
            if len(letters) >= SHORTEST_SOUND:
                self.spoken[letters[:4]].append(_Entry(letters, name, category, word, key))


@lru_cache(maxsize=4)
def _lexicon(lists: tuple[Words, ...]) -> _Lexicon:
    """Kept between two texts: the lists change far more seldom than texts come."""
    return _Lexicon(lists)


def plain_word(word: str) -> str:
    """What of a word is compared."""
    return "".join(map(plain, word))


def _is_latin(character: str) -> bool:
    letters = plain(character) if character else ""
    return bool(letters) and letters.isascii()


class _Stream:
    """A text without its signs, each character with its place in the original."""

    def __init__(self, text: str) -> None:
        self.text = text
        pieces = [(at, piece) for at, character in enumerate(text) for piece in plain(character)]
        self.where = [at for at, _piece in pieces]
        self.plain = "".join(piece for _at, piece in pieces)

    def spelled(self, lexicon: _Lexicon) -> Iterator[tuple[_Entry, int, int, tuple[Disguise, ...]]]:
        """Words written with the same characters, whatever their width, form and distance."""
        for first in range(len(self.plain) - 1):
            for entry in lexicon.spelled.get(self.plain[first : first + 2], ()):
                if not self.plain.startswith(entry.key, first):
                    continue
                places = self.where[first : first + len(entry.key)]
                if self._is_whole(entry.key, places) and self._is_close([(place, place) for place in places]):
                    start, end = places[0], places[-1] + 1
                    yield entry, start, end, self._disguises(entry.word, start, end)

    def _is_whole(self, key: str, places: list[int]) -> bool:
        """A Latin word or number is not looked for inside a longer one."""
        begins = key[0].isascii() and _is_latin(self.text[max(places[0] - 1, 0) : places[0]])
        goes_on = key[-1].isascii() and _is_latin(self.text[places[-1] + 1 : places[-1] + 2])
        return not begins and not goes_on

    def _is_close(self, spans: list[tuple[int, int]]) -> bool:
        """Whether the pieces (first, last place) belong together.

        The ends of sentences part them, except where every two are parted: nobody writes l，i，k，e this by chance.
        """
        gaps = [self.text[one[1] + 1 : other[0]] for one, other in pairwise(spans)]
        if any(len(gap) > LONGEST_GAP for gap in gaps):
            return False
        return not any(map(_SENTENCE_ENDS.search, gaps)) or (len(gaps) >= 2 and all(gaps))

    def _disguises(self, word: str, start: int, end: int) -> tuple[Disguise, ...]:
        raw = self.text[start:end]
        if raw.casefold() == word.casefold():
            return ()
        seen = {
            Disguise.SPACED: not all(map(plain, raw)) and all(map(plain, word)),
            Disguise.STYLED: any(is_styled(each) and plain(each) for each in raw),
            Disguise.TRADITIONAL: any(map(is_traditional, raw)) and not any(map(is_traditional, word)),
        }
        return tuple(how for how, is_so in seen.items() if is_so)

    def spoken(self, lexicon: _Lexicon) -> Iterator[tuple[_Entry, int, int, tuple[Disguise, ...]]]:
        """Words written in pinyin, in whole or in part, or with other characters that sound alike."""
        units = self._units()
        letters, starts = "", {}
        for number, (_first, _last, said) in enumerate(units):
            starts[len(letters)] = number
            letters += said
        starts[len(letters)] = len(units)
        for at, first in starts.items():
            for entry in lexicon.spoken.get(letters[at : at + 4], ()):
                last = starts.get(at + len(entry.key))
                if last is None or not letters.startswith(entry.key, at):
                    continue
                parts = units[first:last]
                how = self._way_of_saying(entry, parts)
                spans = [(self.where[one], self.where[other]) for one, other, _said in parts]
                if how and self._is_close(spans):
                    yield entry, spans[0][0], spans[-1][1] + 1, (how,)

    def _units(self) -> list[tuple[int, int, str]]:
        """(first, last character, letters): a run of Latin letters, or one character and its sound."""
        units: list[tuple[int, int, str]] = []
        for number, character in enumerate(self.plain):
            is_latin = "a" <= character <= "z"
            follows = number and self.where[number] - self.where[number - 1] <= 1
            if is_latin and follows and "a" <= self.plain[number - 1] <= "z":
                units[-1] = (units[-1][0], number, "")
            else:
                units.append((number, number, "" if is_latin else sound(character) or "|"))
        return [(first, last, said or self.plain[first : last + 1]) for first, last, said in units]

    def _way_of_saying(self, entry: _Entry, parts: list[tuple[int, int, str]]) -> Disguise | None:
        """In pinyin or by other characters; None for the word itself, and where it is likely to be chance."""
        written = self.plain[parts[0][0] : parts[-1][1] + 1]
        if any("a" <= self.plain[first] <= "z" for first, _last, _said in parts):
            return Disguise.PINYIN
        same = sum(one == other for one, other in zip(written, entry.plain, strict=False))
        is_likely = len(written) == len(entry.plain) >= ALIKE_FROM and 0 < same < len(written)
        return Disguise.SOUND if is_likely else None
