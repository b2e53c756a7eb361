"""Who rates what: every idea by k different panellists, everybody with the same load, everybody meeting everybody."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

Pair = tuple[int, int]  # (idea, panellist)


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
    dice = random.Random(seed)  # noqa: S311 (repeatable on purpose, not a secret)
    load: Counter[int] = Counter(dict.fromkeys(reviewer_ids, 0))
    met: Counter[frozenset[int]] = Counter()
    on_idea: dict[int, list[int]] = defaultdict(list)
    for idea, reviewer in taken:
        _seat(idea, reviewer, load, met, on_idea)
    made: list[Pair] = []
    barred = frozenset(barred)
    for idea in dice.sample(list(idea_ids), len(idea_ids)):
        while len(on_idea[idea]) < per_idea:
            free = [r for r in reviewer_ids if r not in on_idea[idea] and (idea, r) not in barred]
            if not free:
                break
            dice.shuffle(free)
            seated = on_idea[idea]
            best = min(free, key=lambda r: (load[r], sum(met[frozenset((r, other))] for other in seated)))
            _seat(idea, best, load, met, on_idea)
            made.append((idea, best))
    return made


def _seat(idea: int, reviewer: int, load: Counter, met: Counter, on_idea: dict[int, list[int]]) -> None:
    for other in on_idea[idea]:
        met[frozenset((reviewer, other))] += 1
    on_idea[idea].append(reviewer)
    load[reviewer] += 1


def short(idea_ids: Iterable[int], pairs: Iterable[Pair], per_idea: int) -> list[int]:
    """The ideas that have fewer than `per_idea` panellists."""
    seats = Counter(idea for idea, _ in pairs)
    return [idea for idea in idea_ids if seats[idea] < per_idea]
