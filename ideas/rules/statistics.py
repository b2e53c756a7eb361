"""Figures for everybody in which nobody is found: no cell of fewer than five people, and none that a sum gives away."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5  # people of whom a figure may speak


@dataclass(frozen=True)
class Cell:
    """So many ideas, of so many people."""

    count: int
    people: int

    @property
    def is_small(self) -> bool:
        return self.count > 0 and self.people < LEAST


def shown(cells: Sequence[Cell]) -> list[int | None] | None:
    """The counts of a table that stands beside its total, None for each that is hidden; None altogether where all
    would be.

    Small cells are hidden. What they hold together follows from the total: so it must be of five people, and of more
    than one cell, and neither one nor four for each (else each is that). As long as it is not, the smallest ones left
    are hidden with them, and look like them; all that are equal, for a choice among them would tell. Cells of nobody
    say nothing of anybody: they are shown.
    """
    hidden = {place for place, cell in enumerate(cells) if cell.is_small}
    others = [place for place, cell in enumerate(cells) if cell.count and place not in hidden]
    others.sort(key=lambda place: (cells[place].count, place), reverse=True)
    while hidden and not _is_vague([cells[place] for place in hidden]):
        if not others:
            break
        least = cells[others[-1]].count
        hidden.update(place for place in others if cells[place].count == least)
        others = [place for place in others if place not in hidden]
    if hidden and not others:
        return None
    return [None if place in hidden else cell.count for place, cell in enumerate(cells)]


def _is_vague(hidden: Sequence[Cell]) -> bool:
    counts, people = (sum(getattr(cell, name) for cell in hidden) for name in ("count", "people"))
    return len(hidden) > 1 and people >= LEAST and counts not in (len(hidden), len(hidden) * (LEAST - 1))


def nested(steps: Sequence[Cell]) -> list[int | None]:
    """The counts of steps of which each is a part of the one before; None for a small one, and for one that differs so
    little from the last one shown that the difference would be small."""
    found: list[int | None] = []
    last: int | None = None
    for step in steps:
        is_near = last is not None and 0 < last - step.count < LEAST
        found.append(None if step.is_small or is_near else step.count)
        last = last if found[-1] is None else step.count
    return found
