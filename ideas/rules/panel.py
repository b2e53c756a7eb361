"""Who rates what: every idea by k different panellists, everybody with the same load, everybody meeting everybody."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from ideas.rules.ratings import ranked

Pair = tuple[int, int]  # (idea, panellist)
VERSION = "panel-1"
FIRST_ROUND = 2  # reviews of every idea in the first of two rounds


def assign(
    idea_ids: Sequence[int],
    reviewer_ids: Sequence[int],
    per_idea: int,
    seed: int,
    *,
    taken: Iterable[Pair] = (),
    barred: Collection[Pair] = (),
) -> list[Pair]:
    """New (idea, panellist) pairs so that every idea has `per_idea` different panellists.

    `taken` are pairs that already stand and count; `barred` pairs are never made (conflicts, recusals). Without
    barred pairs the loads differ by at most one. Among the least loaded, the panellist is taken who has shared the
    fewest ideas with those already on this idea, so that marks can be compared across the panel. The same seed gives
    the same answer. An idea for which nobody is left stays short: see `short`.
    """
    return fill(dict.fromkeys(idea_ids, per_idea), reviewer_ids, seed, taken=taken, barred=barred)


def second_round(  # noqa: PLR0917 (the order that the published benchmark calls it with)
    ratings: Iterable[tuple[int, int, float]],
    assigned: Sequence[Pair],
    idea_ids: Sequence[int],
    reviewer_ids: Sequence[int],
    budget: int,
    top: int,
    seed: int,
    *,
    barred: Collection[Pair] = (),
) -> list[Pair]:
    """At most `budget` new pairs for the leading ideas, so that the reviews are spent where the list is decided.

    `ratings` are the first round's (idea, panellist, mark), `assigned` its pairs. The leaders by calibrated mean, twice
    as many as there are places and at least a third of all ideas, share the budget evenly; what does not divide goes to
    the best of them.
    """
    leaders = ranked(ratings)[: max(2 * top, math.ceil(len(idea_ids) / 3))]
    return share(leaders, reviewer_ids, budget, seed, taken=assigned, barred=barred)


def share(
    leaders: Sequence[int],
    reviewer_ids: Sequence[int],
    budget: int,
    seed: int,
    *,
    taken: Sequence[Pair],
    barred: Collection[Pair] = (),
) -> list[Pair]:
    """At most `budget` new pairs, spread evenly over some ideas; what does not divide goes to the first of them."""
    reviews_on = Counter(idea for idea, _ in taken)
    wanted = dict.fromkeys(leaders, 0)
    while budget > 0 and leaders:
        leaders = [idea for idea in leaders if reviews_on[idea] + wanted[idea] < len(reviewer_ids)]
        for idea in leaders[:budget]:
            wanted[idea] += 1
        budget -= min(budget, len(leaders))
    targets = {idea: reviews_on[idea] + more for idea, more in wanted.items() if more}
    return fill(targets, reviewer_ids, seed, taken=taken, barred=barred)


def fill(
    targets: Mapping[int, int], reviewer_ids: Sequence[int], seed: int, *, taken: Iterable[Pair], barred: Iterable[Pair]
) -> list[Pair]:
    """New pairs until each idea has as many panellists as `targets` says."""
    dice = random.Random(seed)  # noqa: S311 (repeatable on purpose, not a secret)
    load: Counter[int] = Counter(dict.fromkeys(reviewer_ids, 0))
    met: Counter[frozenset[int]] = Counter()
    on_idea: dict[int, list[int]] = defaultdict(list)
    for idea, reviewer in taken:
        _assign(idea, reviewer, load, met, on_idea)
    made: list[Pair] = []
    barred = frozenset(barred)
    for idea in dice.sample(list(targets), len(targets)):
        while len(on_idea[idea]) < targets[idea]:
            free = [r for r in reviewer_ids if r not in on_idea[idea] and (idea, r) not in barred]
            if not free:
                break
            dice.shuffle(free)
            seated = on_idea[idea]
            best = min(free, key=lambda r: (load[r], sum(met[frozenset((r, other))] for other in seated)))
            _assign(idea, best, load, met, on_idea)
            made.append((idea, best))
    return made


def _assign(idea: int, reviewer: int, load: Counter, met: Counter, on_idea: dict[int, list[int]]) -> None:
    for other in on_idea[idea]:
        met[frozenset((reviewer, other))] += 1
    on_idea[idea].append(reviewer)
    load[reviewer] += 1


def short(idea_ids: Iterable[int], pairs: Iterable[Pair], per_idea: int) -> list[int]:
    """The ideas that have fewer than `per_idea` panellists."""
    reviews_on = Counter(idea for idea, _ in pairs)
    return [idea for idea in idea_ids if reviews_on[idea] < per_idea]
