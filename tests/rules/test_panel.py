from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ideas.rules.panel import assign, short

sizes = st.tuples(st.integers(1, 60), st.integers(1, 12), st.integers(1, 5), st.integers(0, 1000))


@given(sizes)
def test_every_idea_gets_k_different_panellists_and_loads_differ_by_one(size):
    ideas, panel, k, seed = size
    k = min(k, panel)
    pairs = assign(range(ideas), range(100, 100 + panel), k, seed)
    loads = Counter(reviewer for _, reviewer in pairs)
    assert Counter(idea for idea, _ in pairs) == Counter(dict.fromkeys(range(ideas), k))
    assert len(set(pairs)) == len(pairs)
    assert max(loads.values()) - min(loads[r] for r in range(100, 100 + panel)) <= 1


def test_the_same_seed_gives_the_same_assignment():
    assert assign(range(50), range(7), 3, 5) == assign(range(50), range(7), 3, 5)


def test_everybody_meets_everybody():
    pairs = assign(range(280), range(12), 3, 1)
    by_idea = {}
    for idea, reviewer in pairs:
        by_idea.setdefault(idea, []).append(reviewer)
    met = Counter(frozenset((a, b)) for seats in by_idea.values() for a in seats for b in seats if a < b)
    assert (len(met), max(met.values()) - min(met.values()) <= 2) == (66, True)


def test_what_stands_is_kept_and_counted():
    assert assign([1, 2], [7, 8], 1, 1, taken=[(1, 7)]) == [(2, 8)]


def test_a_barred_pair_is_never_made():
    assert assign([1], [7, 8], 1, 1, barred=[(1, 7)]) == [(1, 8)]


def test_an_idea_for_which_nobody_is_free_stays_short():
    pairs = assign([1, 2], [7], 1, 1, barred=[(1, 7)])
    assert (pairs, short([1, 2], pairs, 1)) == ([(2, 7)], [1])
