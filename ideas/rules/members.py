"""What members a sealed record has and of what kind each is: nothing more, nothing less, nothing twice.

ideas/exports/verify_record.py says the same in its own words; a test holds both together.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas.rules.ratings import DECIMALS, HIGHEST, LOWEST
from ideas.rules.reading import Table, Text, Unreadable, encode, twice

__all__ = ["Unreadable"]  # what read() raises is named where read() is


@dataclass(frozen=True)
class Kind:
    """What a single value is."""

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Rows:
    """A list of one kind of thing."""

    of: "Shape"


@dataclass(frozen=True)
class Each:
    """An object whose names are free and whose values are of one kind."""

    of: "Shape"


@dataclass(frozen=True)
class OrNone:
    """A value, or null."""

    of: Kind


Shape = Kind | Rows | Each | OrNone | Mapping[str, Any]


def _text(words: str, pattern: str = "") -> Kind:
    form = re.compile(pattern, re.ASCII | re.DOTALL)
    return Kind(words, lambda value: type(value) is str and (not pattern or form.fullmatch(value) is not None))


def _whole(words: str, least: int, most: int = 10**9) -> Kind:
    return Kind(words, lambda value: type(value) is int and least <= value <= most)


TEXT = _text("a text")
FLAG = Kind("true or false", lambda value: type(value) is bool)
ANY_NUMBER = _whole("a whole number", -(2**63), 2**63)
COUNT, NUMBER = _whole("a count", 0), _whole("a whole number from 1", 1)
MARK = _whole(f"a mark: a whole number from {LOWEST} to {HIGHEST}", LOWEST, HIGHEST)
DECIMAL = _text("a text with nine decimals", rf"-?(0|[1-9]\d{{0,8}})\.\d{{{DECIMALS}}}")
MOMENT = _text("a moment", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
DAY = _text("a day", r"\d{4}-\d\d-\d\d")
DIGEST = _text("a digest", r"[0-9a-f]{64}")

BOTH: dict[str, Shape] = {
    "format": TEXT,
    "edition": TEXT,
    "number": NUMBER,
    "campaign": {"slug": TEXT, "title": TEXT, "organiser": TEXT, "closes_at": OrNone(MOMENT)},
    "places": NUMBER,
    "method": {
        "name": TEXT,
        "decimals": NUMBER,
        "ties": Rows(TEXT),
        "tie_rule": TEXT,
        "rounds": COUNT,
        "reviews_per_idea": COUNT,
    },
    "rubric": Rows({"key": TEXT, "name": TEXT, "weight": COUNT, "advice_only": FLAG, "optional": FLAG}),
    "ideas": Rows(TEXT),
    "groups": Each({"topic": TEXT, "street": TEXT}),
    "scores": Rows({"idea": TEXT, "score": DECIMAL, "mean": DECIMAL, "reviews": NUMBER}),
    "tiers": Rows({"name": TEXT, "places": NUMBER}),
    "incompatible": Rows({"ideas": Rows(TEXT), "reason": TEXT, "by": TEXT}),
    "quotas": Rows({"kind": TEXT, "name": TEXT, "least": COUNT, "most": OrNone(COUNT), "listed": COUNT}),
    "proposal": {
        "at": OrNone(MOMENT),
        "by": OrNone(TEXT),
        "list": Rows(TEXT),
        "cut": DECIMAL,
        "tied": Rows(TEXT),
        "moves": Rows({"idea": TEXT, "is_on": FLAG, "rule": TEXT, "other": TEXT}),
    },
    "exchanges": Rows(
        {
            "out": TEXT,
            "put_in": TEXT,
            "is_tier": FLAG,
            "category": TEXT,
            "reason": TEXT,
            "minutes_number": TEXT,
            "minutes_on": OrNone(DAY),
            "proposed_by": TEXT,
            "proposed_at": MOMENT,
            "consented_by": OrNone(TEXT),
            "consented_at": OrNone(MOMENT),
        }
    ),
    "list": Rows({"rank": NUMBER, "idea": TEXT, "tier": OrNone(TEXT), "score": DECIMAL, "reviews": NUMBER}),
    "seals": Rows({"by": TEXT, "at": MOMENT}),
    "unsealings": Rows(
        {
            "number": NUMBER,
            "reason": TEXT,
            "asked_by": TEXT,
            "asked_at": MOMENT,
            "consented_by": TEXT,
            "consented_at": MOMENT,
        }
    ),
}
_RUN = {"kind": TEXT, "round": NUMBER, "seed": ANY_NUMBER, "per_idea": NUMBER, "algorithm": TEXT, "made": COUNT}
EDITIONS: dict[str, Mapping[str, Shape]] = {
    "archive": {
        **BOTH,
        "panel": Rows({"key": TEXT, "name": TEXT, "unit": TEXT, "is_active": FLAG}),
        "staff": Rows({"key": TEXT, "name": TEXT, "role": TEXT}),
        "assignments": {"runs": Rows({**_RUN, "at": MOMENT}), "pairs": Rows(Rows(TEXT))},
        "recusals": Rows({"idea": TEXT, "reviewer": TEXT, "reason": TEXT, "at": MOMENT}),
        "reviews": Rows({"idea": TEXT, "reviewer": TEXT, "marks": Each(MARK), "comment": TEXT, "at": MOMENT}),
    },
    "public": {
        **BOTH,
        "archive_digest": DIGEST,
        "panel": Rows({"key": TEXT}),
        "staff": Rows({"key": TEXT, "role": TEXT}),
        "assignments": {"pairs": Rows(Rows(TEXT))},
        "recusals": Rows({"idea": TEXT, "reviewer": TEXT}),
        "reviews": Rows({"idea": TEXT, "reviewer": TEXT, "marks": Each(MARK)}),
    },
}
FILE = ("record", "algorithm", "digest")
# Of the rows of long lists: what the rules look at. The rest counts for the digest, and is looked at as it is read.
KEPT = {"scores": ("idea", "score", "mean", "reviews"), "reviews": ("idea", "reviewer", "marks")}


class Record(dict[str, Any]):
    """The members of a record that was read from a file: its long lists are tables, without what no rule looks at."""

    digest = ""  # of the canonical form of all that was read


class _Unordered(Exception):
    """The members do not stand in the order in which they are hashed."""


def read(content: bytes | Callable[[], Iterable[bytes]]) -> Any:
    """The JSON of a file, or Unreadable; `content` can be what gives its bytes piece by piece, anew at each call.

    A record is kept small as it is read, however long it is. Only where somebody has put its members in another order
    the whole file is taken into memory.
    """
    chunks = (lambda: (content,)) if isinstance(content, bytes) else content
    try:
        return _read_file(Text(chunks()))
    except _Unordered:
        text = Text(chunks())
        found = text.value()
        text.end()
        return found


def _read_file(text: Text) -> Any:
    found: Any = {}
    if text.next() != "{":
        found = text.value()
    else:
        for name in text.members():
            if name in found:
                raise twice(name)
            found[name] = _Reading(text).record() if name == "record" and text.next() == "{" else text.value()
    text.end()
    return found


class _Reading:
    """Goes through a record once, from its beginning to its end, and takes the digest on the way."""

    def __init__(self, text: Text) -> None:
        self._text, self._hash = text, hashlib.sha256()
        self._known: dict[Any, Any] = {}  # values that recur, each once

    def record(self) -> Record:
        found = Record()
        for name in self._in_order(found):
            found[name] = self._member(name, self._text.next(), EDITIONS[_edition(found)])
        found.digest = self._hash.hexdigest()
        return found

    def _member(self, name: str, sign: str, shapes: Mapping[str, Any]) -> Any:
        """`sign` is the first of the member's value."""
        if name in KEPT and sign == "[":
            return self._table(shapes[name], f"record.{name}", KEPT[name])
        if name == "ideas" and sign == "[":
            return [self._once(idea) if type(idea) is str else idea for idea in self._rows()]
        if name == "groups" and sign == "{":
            return self._groups(shapes[name])
        if name == "assignments" and sign == "{":
            return self._assignments(shapes[name]["pairs"])
        return self._whole()

    def _groups(self, shape: Each) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for idea in self._in_order(found):
            value = self._whole()
            found[self._once(idea)] = value if any(_misfits(value, shape.of, "")) else self._once(value)
        return found

    def _assignments(self, shape: Rows) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self._in_order(found):
            is_long = name == "pairs" and self._text.next() == "["
            found[name] = self._table(shape, "record.assignments.pairs") if is_long else self._whole()
        return found

    def _table(self, shape: Rows, path: str, names: Sequence[str] | None = None) -> Table:
        table = Table(names)
        for place, row in enumerate(self._rows()):
            misfit = next(_misfits(row, shape.of, f"{path}[{place}]"), None)
            if misfit is None:
                table.append([self._once(value) for value in (row if names is None else map(row.get, names))])
            table.misfit = table.misfit or misfit
        return table

    def _once(self, value: Any) -> Any:
        """The same value as it was met first."""
        return self._known.setdefault(tuple(value.items()) if type(value) is dict else value, value)

    def _in_order(self, found: Mapping[str, Any]) -> Iterator[str]:
        """The names of the object that begins here; who asks puts each into `found`."""
        mark, last = "{", ""
        for name in self._text.members():
            if name in found:
                raise twice(name)
            if name < last:
                raise _Unordered
            self._say(f"{mark}{encode(name)}:")
            yield name
            mark, last = ",", name
        self._say("}" if mark == "," else "{}")

    def _rows(self) -> Iterator[Any]:
        mark = "["
        for value in self._text.rows():
            self._say(mark + encode(value))
            yield value
            mark = ","
        self._say("]" if mark == "," else "[]")

    def _whole(self) -> Any:
        value = self._text.value()
        self._say(encode(value))
        return value

    def _say(self, text: str) -> None:
        self._hash.update(text.encode())


def _edition(record: Mapping[str, Any]) -> str:
    """Where it is none of both, that is what the record is refused for."""
    return "public" if record.get("edition") == "public" else "archive"


def misfits(record: Any) -> Iterator[str]:
    """Everything in a record that is missing, unknown or of another kind, in its order."""
    if not isinstance(record, Mapping):
        yield "record: is not an object"
    elif record.get("edition") not in ("archive", "public"):
        yield "record.edition: is neither archive nor public"
    else:
        yield from _misfits(record, EDITIONS[record["edition"]], "record")


def _misfits(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, OrNone):
        if value is not None:
            yield from _misfits(value, shape.of, path)
    elif isinstance(shape, Kind):
        if not shape.fits(value):
            yield f"{path}: is not {shape.words}"
    elif isinstance(value, Table) and isinstance(shape, Rows):
        yield from [value.misfit] if value.misfit else []
    elif isinstance(shape, Rows):
        if type(value) is not list:
            yield f"{path}: is not a list"
            return
        for place, inner in enumerate(value):
            yield from _misfits(inner, shape.of, f"{path}[{place}]")
    else:
        yield from _members(value, shape, path)


def _members(value: Any, shape: Each | Mapping[str, Shape], path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: is not an object"
        return
    names = dict.fromkeys(value, shape.of) if isinstance(shape, Each) else shape
    for name in sorted({*names, *value}):
        if name not in names:
            yield f"{path}.{name}: is not known"
        elif name not in value:
            yield f"{path}.{name}: is missing"
        else:
            yield from _misfits(value[name], names[name], f"{path}.{name}")
