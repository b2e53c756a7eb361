"""A, B, C and D lists of units, topics or streets: by one share and three limits, which the office sets."""

from typing import NamedTuple

GRADES = ("A", "B", "C", "D")


class Limits(NamedTuple):
    """From how many percent on something is A, B, C; whatever is below is D."""

    a: int = 90
    b: int = 75
    c: int = 60


def is_in_order(limits: Limits) -> bool:
    return 100 >= limits.a > limits.b > limits.c >= 0


def grade(share: float | None, limits: Limits) -> str:
    """The list that a share (0 to 1) belongs to; "" where there is none to judge by. A limit itself is reached."""
    if share is None:
        return ""
    return next((name for name, limit in zip(GRADES, limits, strict=False) if share >= limit / 100), GRADES[-1])
