from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ideas.rules.panel import assign, second_round, short
from ideas.rules.ratings import rank

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
    met = Counter(
        frozenset((a, b)) for assignments in by_idea.values() for a in assignments for b in assignments if a < b
    )
    assert (len(met), max(met.values()) - min(met.values()) <= 2) == (66, True)


def test_what_stands_is_kept_and_counted():
    assert assign([1, 2], [7, 8], 1, 1, taken=[(1, 7)]) == [(2, 8)]


def test_a_barred_pair_is_never_made():
    assert assign([1], [7, 8], 1, 1, barred=[(1, 7)]) == [(1, 8)]


def test_an_idea_for_which_nobody_is_free_stays_short():
    pairs = assign([1, 2], [7], 1, 1, barred=[(1, 7)])
    assert (pairs, short([1, 2], pairs, 1)) == ([(2, 7)], [1])


def first_round(ideas=90, panel=8, seed=3):
    """Two reviews for every idea; the higher its number, the better its marks."""
    pairs = assign(range(ideas), range(100, 100 + panel), 2, seed)
    return pairs, [(idea, reviewer, 1 + 9 * idea / ideas) for idea, reviewer in pairs]


def test_the_second_round_spends_the_rest_on_the_leading_ideas():
    pairs, ratings = first_round()
    more = second_round(ratings, pairs, range(90), range(100, 108), budget=90, top=10, seed=5)
    leaders = set(rank(ratings, 30))  # a third of all
    assert Counter(idea for idea, _ in more) == dict.fromkeys(leaders, 3)


def test_what_does_not_divide_goes_to_the_best():
    pairs, ratings = first_round()
    more = second_round(ratings, pairs, range(90), range(100, 108), budget=32, top=10, seed=5)
    assignments = Counter(idea for idea, _ in more)
    assert {idea for idea in assignments if assignments[idea] == 2} == set(rank(ratings, 2))


def test_nobody_rates_an_idea_twice_over_both_rounds():
    pairs, ratings = first_round(panel=4)
    more = second_round(ratings, pairs, range(90), range(100, 104), budget=90, top=10, seed=5)
    assert len({*pairs, *more}) == len(pairs) + len(more)


def test_a_panel_too_small_for_the_budget_spends_what_it_can():
    pairs, ratings = first_round(ideas=3, panel=3)
    assert len(second_round(ratings, pairs, range(3), range(100, 103), budget=50, top=1, seed=5)) == 2


def test_barred_pairs_are_not_made_in_the_second_round_either():
    pairs, ratings = first_round()
    barred = [(idea, 100) for idea in range(90)]
    more = second_round(ratings, pairs, range(90), range(100, 108), budget=90, top=10, seed=5, barred=barred)
    assert 100 not in {reviewer for _, reviewer in more}
