"""Cutting the list: the best ideas fill the campaign's places, and a tie at the cut is told, not hidden."""

from collections.abc import Sequence
from dataclasses import dataclass

from ideas.rules.ratings import Score


@dataclass(frozen=True)
class Proposal:
    """`chosen` fill the places, best first; `cut` is the last chosen score; `tied` shares it across the cut.

    `tied` lists the ideas with the cut score, chosen or not, if there are some on both sides.
    """

    chosen: Sequence[Score]
    cut: float | None
    tied: Sequence[Score]


def propose(standing: Sequence[Score], places: int) -> Proposal:
    """Fill `places` from a standing in order (ratings.scores); fewer if there are fewer ideas."""
    chosen, rest = standing[:places], standing[places:]
    cut = chosen[-1].score if chosen else None
    across = any(score.score == cut for score in rest)
    tied = [score for score in standing if score.score == cut] if across else []
    return Proposal(chosen=chosen, cut=cut, tied=tied)
