"""Cutting the list: the best ideas fill the places as far as quotas and incompatible pairs let them, and every rule
that moved an idea is named.

The rule in one sentence: from best to worst, an idea gets a place unless it stands against an idea chosen before it,
its group is full, or the places that are left are all needed to give every group its least.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ideas.rules.ratings import Score

Pair = tuple[Any, Any]
Cell = tuple[Any, Any]  # an idea's group by topic and by street, None where no quota speaks of it
DIMENSIONS = ("topic", "street")


@dataclass(frozen=True)
class Quota:
    """At least and at most so many of a group. `kind` is "topic" or "street"; groups of one kind share no idea."""

    kind: str
    name: str
    ideas: frozenset[Any]
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Move:
    """Why an idea is not where its score alone would put it.

    Off the list: "incompatible" (with `other`), "at_most" or "at_least" (by the quota named `other`). On the list:
    "at_least" (lifted by the quota `other`) or "moved_up" (others left places free).
    """

    idea: Any
    is_on: bool
    rule: str
    other: Any = ""


@dataclass(frozen=True)
class Shortfall:
    """Why there is no such list: "ideas", "at_least" or "at_most" (of the group `name`), or "together"."""

    rule: str
    name: str = ""
    wanted: int = 0
    there: int = 0


@dataclass(frozen=True)
class Proposal:
    """`chosen` fill the places, best first; `cut` is the last chosen score; `tied` shares it across the cut.

    `tied` lists the ideas with the cut score, chosen or not, if the tie rule alone parted them. `moves` say what the
    quotas and pairs changed. Where no list is possible `chosen` is empty and `shortfalls` says why.
    """

    chosen: Sequence[Score]
    cut: float | None
    tied: Sequence[Score]
    moves: Sequence[Move] = ()
    shortfalls: Sequence[Shortfall] = ()


def propose(
    ranking: Sequence[Score],
    places: int,
    quotas: Sequence[Quota] = (),
    incompatible: Iterable[Pair] = (),
) -> Proposal:
    """Fill `places` from a standing in order (ratings.scores); fewer if there are fewer ideas.

    Of all lists that keep the rules this is the one with the best first idea, among those the one with the best second,
    and so on. Without quotas and pairs it is the first `places` of the standing.
    """
    search = _Search([score.idea for score in ranking], min(places, len(ranking)), quotas, incompatible)
    if not search.is_possible():
        return Proposal((), None, (), shortfalls=search.shortfalls())
    search.run()
    chosen = [score for score in ranking if score.idea in search.chosen]
    moves = _moves(ranking, search, quotas)
    return Proposal(chosen, chosen[-1].score if chosen else None, _tied(ranking, chosen, moves), moves)


class _Search:
    """Goes through the ideas from best to worst and asks of each whether a whole list with it is still possible.

    Only how many ideas each cell (group by topic, group by street) has is looked at, so a step costs the same for a
    hundred ideas and for a hundred thousand.
    """

    def __init__(
        self, ideas: Sequence[Any], places: int, quotas: Sequence[Quota], incompatible: Iterable[Pair]
    ) -> None:
        self.ideas, self.places, self.quotas = ideas, places, quotas
        self.limits = {(quota.kind, quota.name): (quota.least, quota.most) for quota in quotas}
        group = {(quota.kind, idea): quota.name for quota in quotas for idea in quota.ideas}
        self.cell: dict[Any, Cell] = {idea: (group.get(("topic", idea)), group.get(("street", idea))) for idea in ideas}
        known = set(ideas)
        self.pairs = [pair for pair in incompatible if known.issuperset(pair)]
        self.against: dict[Any, set[Any]] = {}
        for one, other in self.pairs:
            self.against.setdefault(one, set()).add(other)
            self.against.setdefault(other, set()).add(one)
        self.chosen: set[Any] = set()
        self.refused: dict[Any, tuple[str, Any]] = {}
        self.on_list: Counter[Cell] = Counter()
        self.free = Counter(self.cell.values())  # ideas that are not decided yet
        self.undecided = known

    def run(self) -> None:
        closed: set[Cell] = set()
        for idea in self.ideas:
            if len(self.chosen) == self.places:
                return
            cell = self._decide(idea)
            rivals = [other for other in self.against.get(idea, ()) if other in self.chosen]
            if rivals:
                self.refused[idea] = ("incompatible", min(rivals, key=self.ideas.index))
            elif cell in closed or not self._fits(idea):
                self.refused[idea] = self._why(cell)
                if idea not in self.against:
                    closed.add(cell)  # whoever stands lower in the same groups fits no better
            else:
                self.chosen.add(idea)
                self.on_list[cell] += 1

    def _decide(self, idea: Any) -> Cell:
        cell = self.cell[idea]
        self.undecided.discard(idea)
        self.free[cell] -= 1
        return cell

    def _fits(self, idea: Any) -> bool:
        self.chosen.add(idea)
        self.on_list[self.cell[idea]] += 1
        fits = self.is_possible()
        self.chosen.discard(idea)
        self.on_list[self.cell[idea]] -= 1
        return fits

    def is_possible(self) -> bool:
        """Whether the chosen ideas can be filled up to a whole list from those that are not decided."""
        if not self.quotas and not self.pairs:
            return True
        barred = {other for idea in self.chosen for other in self.against.get(idea, ())}
        free = self.free - Counter(self.cell[idea] for idea in barred if idea in self.undecided)
        open_pairs = [pair for pair in self.pairs if self.undecided.issuperset(pair) and barred.isdisjoint(pair)]
        return self._possible(free, open_pairs)

    def _possible(self, free: Counter[Cell], pairs: list[Pair]) -> bool:
        """With the pairs among the undecided: one of each stays out. Mostly it does not matter which."""
        members = Counter(self.cell[idea] for idea in {idea for pair in pairs for idea in pair})
        if _fill(self.on_list, free - members, self.limits, self.places):
            return True
        if not pairs or not _fill(self.on_list, free, self.limits, self.places):
            return False
        for out in pairs[0]:
            left = [pair for pair in pairs if out not in pair]
            if self._possible(free - Counter([self.cell[out]]), left):
                return True
        return False

    def _why(self, cell: Cell) -> tuple[str, Any]:
        for kind, name in zip(DIMENSIONS, cell, strict=True):
            _least, most = self.limits.get((kind, name), (0, None))
            if most is not None and self.count(kind, name) >= most:
                return "at_most", name
        short = [q.name for q in self.quotas if self.count(q.kind, q.name) < q.least and q.name not in cell]
        return ("at_least", short[0]) if short else ("together", "")

    def count(self, kind: str, name: Any) -> int:
        place = DIMENSIONS.index(kind)
        return sum(number for cell, number in self.on_list.items() if cell[place] == name)

    def shortfalls(self) -> list[Shortfall]:
        """What stands in the way, as plainly as it can be said."""
        found = []
        for quota in self.quotas:
            there = sum(quota.name == self.cell[idea][DIMENSIONS.index(quota.kind)] for idea in self.ideas)
            if quota.least > there:
                found.append(Shortfall("at_least", quota.name, quota.least, there))
            if quota.most is not None and quota.least > quota.most:
                found.append(Shortfall("at_most", quota.name, quota.least, quota.most))
        for kind in DIMENSIONS:
            least = sum(quota.least for quota in self.quotas if quota.kind == kind)
            if least > self.places:
                found.append(Shortfall("places", kind, least, self.places))
        return found or [Shortfall("together", wanted=self.places)]


def _fill(
    on_list: Mapping[Cell, int],
    free: Mapping[Cell, int],
    limits: Mapping[tuple[str, Any], tuple[int, int | None]],
    places: int,
) -> bool:
    """Whether cells can be filled up to `places` so that each group's count lies within its limits: a flow from topics
    over cells to streets, with lower bounds. What is on the list already is a lower bound of its cell."""
    flow = _Flow()
    flow.edge("source", "end", places, places)
    for place, kind in enumerate(DIMENSIONS):
        for name in {cell[place] for cell in (*on_list, *free)} | {name for of, name in limits if of == kind}:
            least, most = limits.get((kind, name), (0, None))
            tail, head = ("end", (kind, name)) if kind == "topic" else ((kind, name), "sink")
            flow.edge(tail, head, least, places if most is None else most)
    for cell in {*on_list, *free}:
        there = on_list.get(cell, 0)
        flow.edge(("topic", cell[0]), ("street", cell[1]), there, there + free.get(cell, 0))
    flow.edge("sink", "source", 0, places)
    return flow.is_possible()


class _Flow:
    """A circulation with lower bounds (Hoffman), found by augmenting paths; these graphs have some dozens of nodes."""

    def __init__(self) -> None:
        self.room: dict[Any, dict[Any, int]] = {}
        self.needed = 0
        self.is_contradicted = False

    def edge(self, tail: Any, head: Any, least: int, most: int) -> None:
        if least > most:
            self.is_contradicted = True
            return
        self._add(tail, head, most - least)
        if least:
            self.needed += least
            self._add("more", head, least)
            self._add(tail, "less", least)

    def _add(self, tail: Any, head: Any, room: int) -> None:
        ways = self.room.setdefault(tail, {})
        ways[head] = ways.get(head, 0) + room
        self.room.setdefault(head, {}).setdefault(tail, 0)

    def is_possible(self) -> bool:
        if self.is_contradicted:
            return False
        moved = 0
        while step := self._augment():
            moved += step
        return moved == self.needed

    def _augment(self) -> int:
        came: dict[Any, Any] = {"more": None}
        waiting = ["more"] if "more" in self.room else []
        for node in waiting:
            for head, room in self.room[node].items():
                if room and head not in came:
                    came[head] = node
                    waiting.append(head)
        if "less" not in came:
            return 0
        path, node = [], "less"
        while (tail := came[node]) is not None:
            path.append((tail, node))
            node = tail
        step = min(self.room[tail][head] for tail, head in path)
        for tail, head in path:
            self.room[tail][head] -= step
            self.room[head][tail] += step
        return step


def _moves(ranking: Sequence[Score], search: _Search, quotas: Sequence[Quota]) -> list[Move]:
    """Where the list differs from the first places of the standing, and by which rule."""
    if not search.refused:
        return []
    top = {score.idea for score in ranking[: search.places]}
    tight = [quota for quota in quotas if quota.least and search.count(quota.kind, quota.name) == quota.least]
    moves = []
    for idea in (score.idea for score in ranking):
        if idea in search.chosen and idea not in top:
            lifted = next((quota.name for quota in tight if idea in quota.ideas), None)
            moves.append(Move(idea, True, "at_least", lifted) if lifted is not None else Move(idea, True, "moved_up"))
        elif idea in top and idea not in search.chosen:
            moves.append(Move(idea, False, *search.refused.get(idea, ("together", ""))))
    return moves


def _tied(ranking: Sequence[Score], chosen: Sequence[Score], moves: Sequence[Move]) -> list[Score]:
    moved = {move.idea for move in moves if not move.is_on or move.rule == "at_least"}
    listed = {score.idea for score in chosen}
    border = next((score.score for score in reversed(chosen) if score.idea not in moved), None)
    same = [score for score in ranking if score.score == border and score.idea not in moved]
    return same if any(score.idea not in listed for score in same) else []


def counts(listed: Collection[Any], quotas: Iterable[Quota]) -> dict[tuple[str, str], int]:
    """How many of the listed ideas each quota's group has."""
    return {(quota.kind, quota.name): len(quota.ideas.intersection(listed)) for quota in quotas}


@dataclass(frozen=True)
class Swap:
    """A consented exchange: `removed` left and `added` came; between tiers `removed` went down and `added` up."""

    removed: Any
    added: Any
    is_tier: bool = False


@dataclass(frozen=True)
class Placed:
    """An idea's place on the list and its tier (its number in the campaign's order of tiers; None without tiers)."""

    idea: Any
    rank: int
    tier: int | None = field(default=None)


def arrange(order: Sequence[Any], chosen: Iterable[Any], tiers: Sequence[int], swaps: Sequence[Swap]) -> list[Placed]:
    """The list after its exchanges, by rank. `order`: all ideas, best first; `tiers`: the places of each tier.

    First who is on it: each exchange from outside in turn. Then the tiers by score. Then each exchange between tiers in
    turn: the two ideas change their tiers; one that has left the list since changes nothing. Rank: by tier, then score.
    """
    listed = set(chosen)
    for swap in swaps:
        if not swap.is_tier:
            listed.remove(swap.removed)
            listed.add(swap.added)
    ranked = [idea for idea in order if idea in listed]
    numbers = [number for number, places in enumerate(tiers) for _ in range(places)]
    tier = dict(zip(ranked, numbers, strict=False))
    for swap in swaps:
        if swap.is_tier and swap.removed in tier and swap.added in tier:
            tier[swap.removed], tier[swap.added] = tier[swap.added], tier[swap.removed]
    in_tiers = sorted(ranked, key=lambda idea: tier.get(idea, len(tiers)))  # stable: by score within a tier
    return [Placed(idea, rank, tier.get(idea)) for rank, idea in enumerate(in_tiers, start=1)]
