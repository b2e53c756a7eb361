"""JSON that is larger than memory: a text of which only a piece is looked at at a time, and rows kept small.

Refused is what another program might read in another way: a member twice, decimals.
"""

import codecs
import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

SPARE = 64 * 1024  # characters that lie ready behind where a value begins: few values are longer
LONGEST_SIGN = len("-Infinity") + len("\\uXXXX\\uXXXX")  # an error nearer to the end may be that of a text cut off


encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode  # the canonical form


class Unreadable(ValueError):
    """The file is not the JSON of a record; the message says why."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise twice(name)
        found[name] = value
    return found


def twice(name: str) -> Unreadable:
    return Unreadable(f"the member {name!r} is there twice")


def _no_float(text: str) -> NoReturn:
    raise Unreadable(f"{text} is no number of a record: decimals are texts")


class Text:
    """The text of a JSON file, read as far as it is asked for. A mark of the byte order, as some editors write it,
    changes nothing.

    `value()` reads whatever comes next; an object or a list can also be gone through with `members()` and `rows()`,
    which leave each value to be read by who asks.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(object_pairs_hook=once, parse_float=_no_float, parse_constant=_no_float)
        self._text, self._at = "", 0
        self._lines, self._column, self._gone = 0, 0, 0  # what was read and let go: lines, signs of the last, signs
        self._is_ended = False

    def next(self) -> str:
        """The next sign that is no space, which stays; "" at the end."""
        while True:
            while self._at < len(self._text):
                sign = self._text[self._at]
                if sign not in " \t\n\r":
                    return sign
                self._at += 1
            if not self._read_on(1):
                return ""

    def value(self) -> Any:
        self.next()
        if len(self._text) - self._at < SPARE:
            self._read_on(SPARE)
        while True:
            begun = self._at
            try:
                value, end = self._json.raw_decode(self._text, begun)
            except json.JSONDecodeError as error:
                is_cut_off = error.msg.startswith("Unterminated string") or error.pos + LONGEST_SIGN > len(self._text)
                if not (is_cut_off and self._read_on(len(self._text))):
                    self._fail(error.msg, error.pos - begun + self._at)
            except RecursionError:
                raise Unreadable("it is nested too deeply") from None
            except Unreadable:
                raise
            except ValueError as error:  # a number of too many digits
                raise Unreadable(f"it is not JSON: {error}") from None
            else:
                if end + LONGEST_SIGN > len(self._text) and self._read_on(SPARE):
                    continue  # a number might go on
                self._at += end - begun
                return value

    def members(self) -> Iterator[str]:
        """The names of the object that begins here; the value of each is read before the next is asked for."""
        yield from self._inside("{", "}", self._name)

    def rows(self) -> Iterator[Any]:
        """The values of the list that begins here."""
        yield from self._inside("[", "]", self.value)

    def end(self) -> None:
        if self.next():
            self._fail("Extra data", self._at)

    def _inside(self, first: str, last: str, read: Any) -> Iterator[Any]:
        self._take(first, "Expecting value")
        if self.next() != last:
            yield read()
            while self.next() != last:
                self._take(",", "Expecting ',' delimiter")
                yield read()
        self._at += 1

    def _name(self) -> str:
        if self.next() != '"':
            self._fail("Expecting property name enclosed in double quotes", self._at)
        name: str = self.value()
        self._take(":", "Expecting ':' delimiter")
        return name

    def _take(self, sign: str, otherwise: str) -> None:
        if self.next() != sign:
            self._fail(otherwise, self._at)
        self._at += 1

    def _read_on(self, least: int) -> bool:
        """Have at least so many more characters in memory, if there are; False if nothing came."""
        if self._is_ended:
            return False
        before = len(self._text) - self._at
        pieces, length = [self._let_go()], 0
        while length < least and not self._is_ended:
            chunk = next(self._chunks, None)
            self._is_ended = chunk is None
            try:
                pieces.append(self._decoder.decode(chunk or b"", final=self._is_ended))
            except UnicodeDecodeError:
                raise Unreadable("it is not a text in UTF-8") from None
            length += len(pieces[-1])
        self._text = "".join(pieces)
        return len(self._text) > before

    def _let_go(self) -> str:
        """What is still to be looked at; of the rest is noted where in the file it was."""
        gone, self._at = self._at, 0
        lines = self._text.count("\n", 0, gone)
        self._column = gone - self._text.rfind("\n", 0, gone) - 1 if lines else self._column + gone
        self._lines, self._gone = self._lines + lines, self._gone + gone
        return self._text[gone:]

    def _fail(self, words: str, at: int) -> NoReturn:
        lines = self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at) if lines else self._column + at + 1
        place = f"line {self._lines + lines + 1} column {column} (char {self._gone + at})"
        raise Unreadable(f"it is not JSON: {words}: {place}")


class Table:
    """Rows of texts and numbers one behind the other in one list: a fraction of what as many dicts take.

    It is gone through like a list of dicts, or of lists where it has no `names`. `misfit` says of the first row that
    was not kept, because it is of another kind, what it is not.
    """

    def __init__(self, names: Sequence[str] | None = None) -> None:
        self._names, self._values, self._ends = names, list[Any](), array("L")
        self.misfit: str | None = None

    def append(self, values: Iterable[Any]) -> None:
        self._values.extend(values)
        self._ends.append(len(self._values))

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[Any]:
        start = 0
        for end in self._ends:
            values = self._values[start:end]
            yield values if self._names is None else dict(zip(self._names, values, strict=True))
            start = end
