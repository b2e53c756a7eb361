"""What members a sealed record has and of what kind each is: nothing more, nothing less, nothing twice.

ideas/exports/verify_record.py says the same in its own words; a test holds both together.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ideas.rules.ratings import DECIMALS, HIGHEST, LOWEST


class Unreadable(ValueError):
    """The file is not the JSON of a record; the message says why."""


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


def read(content: bytes) -> Any:
    """The JSON of a file, or Unreadable. A mark of the byte order, as some editors write it, changes nothing."""
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_once,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as error:
        raise Unreadable("it is not a text in UTF-8") from error
    except RecursionError as error:
        raise Unreadable("it is nested too deeply") from error
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(f"it is not JSON: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Unreadable(f"the member {name!r} is there twice")
        found[name] = value
    return found


def _no_float(text: str) -> NoReturn:
    raise Unreadable(f"{text} is no number of a record: decimals are texts")


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
