"""Which rows a stamp covers: numbers with gaps, since a database may give a lower number to what is kept later."""

import hashlib
from collections.abc import Iterable, Sequence

Span = tuple[int, int]  # from and to, both in it


def spans_of(numbers: Iterable[int]) -> list[Span]:
    """Ascending numbers as spans."""
    found: list[Span] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def written(spans: Sequence[Span]) -> str:
    """1-9,11"""
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)


def read(text: str) -> list[Span]:
    pairs = [part.split("-") for part in text.split(",") if part]
    return [(int(pair[0]), int(pair[-1])) for pair in pairs]


def gaps(spans: Iterable[Span], after: int) -> list[Span]:
    """What lies between spans, from `after` on: numbers of rows that were not there yet, or never will be."""
    found, last = [], after
    for first, end in sorted(spans):
        if first > last + 1:
            found.append((last + 1, first - 1))
        last = max(last, end)
    return found


def hash_of(rows: Iterable[tuple[int, str]]) -> tuple[int, str]:
    """How many rows (number, digest) and the hash over them."""
    count, found = 0, hashlib.sha256()
    for number, digest in rows:
        count += 1
        found.update(f"{number}:{digest}\n".encode())
    return count, found.hexdigest()
