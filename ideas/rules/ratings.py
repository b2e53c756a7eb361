"""From marks to scores and from scores to an order, by calibrated, plain or trimmed mean of an idea's weighted marks.

Ids are opaque and only compared with each other; a mark is a number of points from 1 to 10.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas.rules import calibration

LOWEST, HIGHEST = 1, 10
VERSIONS = {"calibrated": calibration.VERSION, "mean": "weighted-mean-1", "trimmed": "trimmed-mean-1"}
TRIMMED_FROM = 4  # with fewer marks there is no highest and lowest to spare
DECIMALS = 9  # scores are rounded before they are ordered and recorded, so that every machine agrees


@dataclass(frozen=True, slots=True)
class Score:
    """One idea's standing: `score` decides, `mean` and `reviews` settle ties.

    `error` is the standard error of a calibrated score and `chance` that of being truly among the best, where the
    method can tell. `few` flags a score by fewer reviews than the method wants.
    """

    idea: Any
    score: float
    mean: float
    reviews: int
    error: float | None = None
    chance: float | None = None
    few: bool = False

    @property
    def hundred(self) -> float:
        """On the scale of 100 百分制."""
        return self.score * 10


def fingerprint(points: Mapping[Any, int], *facts: Any) -> str:
    """A short text that differs if anything of a rating differs."""
    return hashlib.sha256(repr((sorted(points.items()), facts)).encode()).hexdigest()[:16]


def weighted_mark(points: Mapping[Any, int], weights: Mapping[Any, int]) -> float | None:
    """The weighted mean of the given criteria's points, on the scale of the marks; None without any.

    A criterion without points is left out of both sums: missing is never zero and never lowers a total.
    One without a weight here (advice only) is left out as well.
    """
    counting = {criterion: value for criterion, value in points.items() if criterion in weights}
    total = sum(weights[criterion] for criterion in counting)
    if not total:
        return None
    return sum(weights[criterion] * value for criterion, value in counting.items()) / total


def ranking(
    ratings: Iterable[tuple[Any, Any, float]], method: str, top: int, found: calibration.Fit | None = None
) -> list[Score]:
    """The standing by one of VERSIONS of every idea with at least one review, best first.

    `ratings`: (idea, reviewer, mark); `top`: how many places there are. An idea without reviews is not in it. `found`
    is what calibration.fit() says of the same ratings, where it is at hand.
    """
    rows = list(ratings)
    if not rows:
        return []
    if method == "calibrated":
        return calibrated(found or calibration.fit(rows), top)
    return scores(rows, trimmed=method == "trimmed")


def scores(ratings: Iterable[tuple[Any, Any, float]], *, trimmed: bool = False) -> list[Score]:
    """The standing by plain mean, or by the mean without the highest and the lowest mark where there are enough."""
    marks: dict[Any, list[float]] = defaultdict(list)
    for idea, _reviewer, mark in ratings:
        marks[idea].append(mark)
    found = []
    for idea, values in marks.items():
        values.sort()  # because floating-point sums depend on the order of what is added
        few = len(values) < (TRIMMED_FROM if trimmed else 2)
        score = _mean(values[1:-1] if trimmed and not few else values)
        found.append(Score(idea, score, _mean(values), len(values), few=few))
    return sorted(found, key=order)


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), DECIMALS)


def order(score: Score) -> tuple:
    """Higher score first; ties: higher plain mean, more reviews, then the lower id (receipt order)."""
    return (-score.score, -score.mean, -score.reviews, score.idea)


def calibrated(found: calibration.Fit, top: int | None = None) -> list[Score]:
    """The standing by calibrated mean, best first, with the chance of being among the best `top` if the marks tell."""
    chance: Sequence[float | None] = [None] * len(found.ideas)
    if top is not None and found.tells_apart:
        chance = calibration.chances(found, top).tolist()
    columns = zip(
        found.ideas, found.score.tolist(), found.mean.tolist(), found.count.tolist(), found.error.tolist(), chance,
        strict=True,
    )  # fmt: skip
    made = [
        Score(idea, round(score, DECIMALS), round(mean, DECIMALS), count, error, likely, few=count < 2)
        for idea, score, mean, count, error, likely in columns
    ]
    return sorted(made, key=order)


def ranked(ratings: Iterable[tuple[Any, Any, float]]) -> list[Any]:
    """All rated ideas by calibrated mean, best first."""
    rows = list(ratings)
    return [score.idea for score in calibrated(calibration.fit(rows))] if rows else []


def rank(ratings: Iterable[tuple[Any, Any, float]], top: int) -> list[Any]:
    """The best `top` ideas by calibrated mean, best first."""
    return ranked(ratings)[:top]


def chances(ratings: Iterable[tuple[Any, Any, float]], top: int) -> dict[Any, float]:
    """For each idea the chance of being truly among the best `top` (calibration.chances)."""
    found = calibration.fit(ratings)
    return dict(zip(found.ideas, calibration.chances(found, top).tolist(), strict=True))
