"""The manager's view of a campaign's marks: the standing with its doubts, the panel with its habits, and why a rank."""

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ideas.models import Assignment, Campaign, Idea, Rating
from ideas.queries.ratings import by_place, rated_in_order, reviews_of, scores_by_key, weights_of
from ideas.rules import calibration, ratings
from ideas.rules.agreement import Agreement, agreement
from ideas.rules.ratings import HIGHEST, Score

SURE, UNSURE = 0.9, 0.1
LIGHT = 0.35  # a spread below it says that a reviewer hardly tells ideas apart; the marks weigh next to nothing
WISHED = 10


@dataclass(frozen=True)
class Line:
    """One idea in its order."""

    rank: int
    score: Score
    marks: list[float]
    chosen: bool
    is_next: bool = False  # the first one behind the cut

    @property
    def spread(self) -> float:
        """The standard deviation of its marks."""
        return _spread(self.marks)

    @property
    def is_uncertain(self) -> bool:
        return self.score.chance is not None and UNSURE < self.score.chance < SURE

    @property
    def gain(self) -> float:
        """How much one more review could tell: largest where the chance is even."""
        return self.score.chance * (1 - self.score.chance) if self.score.chance is not None else 0.0


@dataclass(frozen=True)
class Habit:
    """How a panellist marks: milder (positive) or stricter than colleagues, wider or narrower, how noisy."""

    panellist: int
    severity: float
    spread: float
    noise: float
    reviews: int

    @property
    def is_light(self) -> bool:
        return self.reviews > 1 and self.spread < LIGHT


def _spread(marks: list[float]) -> float:
    """The standard deviation; statistics.pstdev is exact to the last digit and forty times as slow."""
    mean = sum(marks) / len(marks)
    return math.sqrt(sum((mark - mean) ** 2 for mark in marks) / len(marks))


@dataclass
class Overview:
    """Everything from one reading of the marks; a number of queries that does not grow."""

    campaign: Campaign

    def __post_init__(self) -> None:
        self.reviews, in_order = reviews_of(self.campaign), rated_in_order(self.campaign)
        marks: dict[int, list[float]] = defaultdict(list)
        for idea, _panellist, mark in self.reviews:
            marks[idea].append(mark)
        placed = by_place(in_order, self.reviews)
        self.fit = calibration.fit(placed) if placed else None
        ranking = ratings.ranking(placed, self.campaign.score_method, self.campaign.places, self.fit)
        ranking = scores_by_key(in_order, ranking)
        places = self.campaign.places
        self.lines = [
            Line(rank, score, marks[score.idea], rank <= places, rank == places + 1)
            for rank, score in enumerate(ranking, 1)
        ]

    @property
    def cut(self) -> float | None:
        """The last chosen score, where there is somebody behind it."""
        places = self.campaign.places
        return self.lines[places - 1].score.score if len(self.lines) > places else None

    @property
    def uncertain(self) -> list[Line]:
        return [line for line in self.lines if line.is_uncertain]

    @property
    def wished(self) -> list[Line]:
        """Which ideas would most profit from one more review."""
        return sorted(filter(lambda line: line.gain > 0, self.lines), key=lambda line: -line.gain)[:WISHED]

    @property
    def agreement(self) -> Agreement | None:
        return agreement(self.reviews)

    @property
    def habits(self) -> list[Habit]:
        found = self.fit
        if found is None:
            return []
        columns = (found.severity, found.spread, found.noise, found.reviews)
        rows = zip(found.reviewers, *(column.tolist() for column in columns), strict=True)
        return sorted((Habit(*row) for row in rows), key=lambda habit: habit.severity)

    @property
    def single(self) -> int:
        return sum(line.score.reviews == 1 for line in self.lines)

    @property
    def is_split(self) -> bool:
        return self.fit is not None and self.fit.parts > 1

    @property
    def is_full(self) -> bool:
        """More than half of the marks are full marks."""
        full = sum(mark == HIGHEST for _, _, mark in self.reviews)
        return full > len(self.reviews) * calibration.FULL_MARKS_SHARE

    @property
    def is_flat(self) -> bool:
        return self.fit is not None and not self.fit.tells_apart


@dataclass(frozen=True)
class Mark:
    """One review on a "why this rank" sheet, by a pseudonym; `calibrated` is the mark on the common scale."""

    reviewer: str
    points: list[int | None]
    mark: float
    calibrated: float | None
    comment: str
    rating: Rating  # who typed it in from paper and who confirmed it


def why(overview: Overview, idea: Idea) -> dict[str, Any]:
    """What led to an idea's rank: its marks, what calibration did to them, its score, and who shares it."""
    line = next((line for line in overview.lines if line.score.idea == idea.pk), None)
    own = {panellist: mark for key, panellist, mark in overview.reviews if key == idea.pk}
    habits = {habit.panellist: habit for habit in overview.habits}
    middle = overview.fit.middle if overview.fit else 0.0
    criteria = list(overview.campaign.criteria.all())
    assignments = Assignment.objects.filter(idea=idea, panellist__in=own).order_by("id")
    assignments = assignments.select_related("rating__entered_by", "rating__confirmed_by")
    marks = []
    for number, assignment in enumerate(assignments.prefetch_related("rating__marks")):
        given = {row.criterion_id: row.points for row in assignment.rating.marks.all()}
        habit, mark = habits[assignment.panellist_id], own[assignment.panellist_id]
        scaled = middle + (mark - middle - habit.severity) / habit.spread if habit.spread > 0 else None
        points = [given.get(criterion.pk) for criterion in criteria]
        marks.append(
            Mark(chr(ord("A") + number % 26), points, mark, scaled, assignment.rating.comment, assignment.rating)
        )
    tied = [row for row in overview.lines if line and row is not line and row.score.score == line.score.score]
    weights = weights_of(overview.campaign)
    return {"line": line, "marks": marks, "criteria": criteria, "tied": tied, "weights": weights}
