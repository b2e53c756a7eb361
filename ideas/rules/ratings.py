"""From marks to scores. The score of an idea is the mean of its reviews' weighted marks.

Ids are opaque and only compared with each other; a mark is a number of points from 1 to 10.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LOWEST, HIGHEST = 1, 10
METHOD = "weighted-mean/1"
DECIMALS = 9  # scores are rounded before they are ordered and recorded, so that every machine agrees


@dataclass(frozen=True)
class Score:
    """One idea's standing: `score` decides, `mean` and `reviews` settle ties."""

    idea: Any
    score: float
    mean: float
    reviews: int


def weighted_mark(points: Mapping[Any, int], weights: Mapping[Any, int]) -> float | None:
    """The weighted mean of the given criteria's points, on the scale of the marks; None without any.

    A criterion without points is left out of both sums: missing is never zero and never lowers a total.
    """
    total = sum(weights[criterion] for criterion in points)
    if not total:
        return None
    return sum(weights[criterion] * value for criterion, value in points.items()) / total


def scores(ratings: Iterable[tuple[Any, Any, float]]) -> list[Score]:
    """The standing of every idea with at least one review, best first. `ratings`: (idea, reviewer, mark)."""
    marks: dict[Any, list[float]] = defaultdict(list)
    for idea, _reviewer, mark in ratings:
        marks[idea].append(mark)
    standing = []
    for idea, values in marks.items():
        # Sorted, because floating-point sums depend on the order of what is added.
        mean = round(sum(sorted(values)) / len(values), DECIMALS)
        standing.append(Score(idea=idea, score=mean, mean=mean, reviews=len(values)))
    return sorted(standing, key=order)


def order(score: Score) -> tuple:
    """Higher score first; ties: higher plain mean, more reviews, then the lower id (receipt order)."""
    return (-score.score, -score.mean, -score.reviews, score.idea)


def rank(ratings: Iterable[tuple[Any, Any, float]], top: int) -> list[Any]:
    """The best `top` ideas, best first."""
    return [score.idea for score in scores(ratings)[:top]]
