"""How much a panel agrees: the intraclass correlation of single marks, from a one-way analysis of variance.

Of the variance of one mark, the share that lies between ideas; the rest lies between reviewers of the same idea.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WIDE = 1.96


@dataclass(frozen=True)
class Agreement:
    """`icc` with its 95 % interval (normal approximation, Swiger's standard error for unequal numbers of marks)."""

    icc: float
    low: float
    high: float

    @property
    def word(self) -> str:
        """poor below 0.40, fair below 0.60, good below 0.75, else excellent (Cicchetti 1994)."""
        bounds = (("poor", 0.4), ("fair", 0.6), ("good", 0.75))
        return next((word for word, bound in bounds if self.icc < bound), "excellent")


def agreement(ratings: Iterable[tuple[Any, Any, float]]) -> Agreement | None:
    """From (idea, reviewer, mark); None where no idea has two marks, or all marks are equal."""
    marks: dict[Any, list[float]] = defaultdict(list)
    for idea, _reviewer, mark in ratings:
        marks[idea].append(mark)
    n, total = len(marks), sum(map(len, marks.values()))
    if n < 2 or total <= n:
        return None
    mean = sum(map(sum, marks.values())) / total
    between = sum(len(row) * (sum(row) / len(row) - mean) ** 2 for row in marks.values()) / (n - 1)
    within = sum((mark - sum(row) / len(row)) ** 2 for row in marks.values() for mark in row) / (total - n)
    each = (total - sum(len(row) ** 2 for row in marks.values()) / total) / (n - 1)
    spread = between + (each - 1) * within
    if spread <= 0:
        return None
    icc = (between - within) / spread
    swiger = 2 * (total - 1) * (1 - icc) ** 2 * (1 + (each - 1) * icc) ** 2 / (each**2 * (total - n) * (n - 1))
    error = math.sqrt(swiger)
    return Agreement(icc=icc, low=max(-1.0, icc - WIDE * error), high=min(1.0, icc + WIDE * error))
