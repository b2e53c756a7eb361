from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.rules.ratings import scores
from ideas.rules.shortlist import Move, Placed, Quota, Shortfall, Swap, arrange, counts, propose


def ranking(*marks):
    return scores((idea, 1, mark) for idea, mark in enumerate(marks))


def listed(proposal):
    return [score.idea for score in proposal.chosen]


def topic(name, *ideas, least=0, most=None):
    return Quota("topic", name, frozenset(ideas), least, most)


FIVE = ranking(9.0, 8.0, 7.0, 6.0, 5.0)


def test_the_best_fill_the_places():
    assert listed(propose(ranking(5.0, 9.0, 7.0), 2)) == [1, 2]


def test_a_tie_across_the_cut_is_told():
    proposal = propose(ranking(9.0, 7.0, 7.0, 5.0), 2)
    assert ([s.idea for s in proposal.chosen], proposal.cut, [s.idea for s in proposal.tied]) == ([0, 1], 7.0, [1, 2])


def test_a_tie_inside_the_list_is_none():
    assert propose(ranking(9.0, 7.0, 7.0, 5.0), 3).tied == []


def test_an_idea_that_a_rule_kept_off_is_not_called_tied():
    assert propose(ranking(9.0, 7.0, 7.0), 2, incompatible=[(0, 1)]).tied == []


def test_fewer_ideas_than_places_leave_places_free():
    assert len(propose(ranking(9.0), 30).chosen) == 1


def test_a_full_group_lets_the_next_one_move_up():
    proposal = propose(FIVE, 3, [topic("road", 0, 1, 2, most=2)])
    moves = [Move(2, False, "at_most", "road"), Move(3, True, "moved_up")]
    assert (listed(proposal), proposal.moves) == ([0, 1, 3], moves)


def test_a_group_gets_its_least_in_place_of_the_lowest_unprotected():
    proposal = propose(FIVE, 3, [topic("night", 4, least=1), topic("road", 2, least=1)])
    moves = [Move(1, False, "at_least", "night"), Move(4, True, "at_least", "night")]
    assert (listed(proposal), proposal.moves) == ([0, 2, 4], moves)


def test_of_two_solutions_of_one_problem_the_better_one_is_listed():
    proposal = propose(FIVE, 3, incompatible=[(0, 1)])
    moves = [Move(1, False, "incompatible", 0), Move(3, True, "moved_up")]
    assert (listed(proposal), proposal.moves) == ([0, 2, 3], moves)


def test_topics_and_streets_are_kept_together():
    street = Quota("street", "集美街道", frozenset([3, 4]), least=2)
    assert listed(propose(FIVE, 3, [topic("road", 0, 3, 4, most=2), street])) == [1, 3, 4]


def test_what_cannot_be_is_said():
    few = propose(FIVE, 3, [topic("night", 4, least=2)])
    many = propose(FIVE, 2, [topic("night", 3, 4, least=2), topic("road", 0, least=1)])
    assert (few.chosen, few.shortfalls) == ((), [Shortfall("at_least", "night", 2, 1)])
    assert many.shortfalls == [Shortfall("places", "topic", 3, 2)]


def test_what_the_rules_make_impossible_together_is_said():
    proposal = propose(FIVE, 3, [topic("road", 0, 1, 2, 3, most=1)])
    assert proposal.shortfalls == [Shortfall("together", wanted=3)]


@st.composite
def cases(draw):
    """Up to nine ideas with few different marks, three topics, two streets, some quotas, some pairs."""
    marks = draw(st.lists(st.integers(1, 4), min_size=1, max_size=9))
    ideas = range(len(marks))
    quotas = []
    for kind, names in (("topic", "abc"), ("street", "xy")):
        of = draw(st.lists(st.sampled_from(names), min_size=len(marks), max_size=len(marks)))
        for name in draw(st.sets(st.sampled_from(names))):
            members = frozenset(idea for idea in ideas if of[idea] == name)
            least, most = draw(st.integers(0, 2)), draw(st.none() | st.integers(1, 4))
            quotas.append(Quota(kind, name, members, least, most))
    pairs = draw(st.sets(st.sampled_from(list(combinations(ideas, 2)) or [(0, 0)]), max_size=4)) - {(0, 0)}
    return ranking(*(float(mark) for mark in marks)), draw(st.integers(1, len(marks))), quotas, sorted(pairs)


def is_allowed(ideas, quotas, pairs):
    inside = [
        q.least <= len(q.ideas & ideas) <= (len(ideas) if q.most is None else q.most) and q.least <= (q.most or 99)
        for q in quotas
    ]
    return all(inside) and not any(ideas.issuperset(pair) for pair in pairs)


@given(cases())
def test_it_is_the_best_of_all_lists_that_keep_the_rules(case):
    """Brute force: of all allowed lists the one whose places in the standing are lowest, the first place first."""
    found, places, quotas, pairs = case
    order = [score.idea for score in found]
    allowed = (c for c in combinations(range(len(order)), places) if is_allowed({order[n] for n in c}, quotas, pairs))
    best = min(allowed, default=None)
    assert listed(propose(found, places, quotas, pairs)) == ([order[n] for n in best] if best else [])


@pytest.mark.slow
@given(cases())
def test_there_are_never_more_than_the_places_and_what_is_impossible_is_said(case):
    found, places, quotas, pairs = case
    proposal = propose(found, places, quotas, pairs)
    assert len(proposal.chosen) == (0 if proposal.shortfalls else places)


@pytest.mark.slow
@given(cases())
def test_without_rules_it_is_the_top_of_the_standing(case):
    found, places, _, _ = case
    assert (listed(propose(found, places)), propose(found, places).moves) == ([s.idea for s in found[:places]], [])


@pytest.mark.slow
@given(cases())
def test_every_idea_that_a_rule_moved_is_named(case):
    found, places, quotas, pairs = case
    proposal = propose(found, places, quotas, pairs)
    top = {score.idea for score in found[:places]}
    moved = top ^ set(listed(proposal)) if proposal.chosen else set()
    assert {move.idea for move in proposal.moves} == moved


def test_a_quota_is_counted():
    assert counts([0, 1, 4], [topic("road", 0, 1, 2)]) == {("topic", "road"): 2}


def test_tiers_go_by_score():
    placed = arrange([3, 1, 2, 0], [1, 2, 3], [1, 2], [])
    assert placed == [Placed(3, 1, 0), Placed(1, 2, 1), Placed(2, 3, 1)]


def test_an_exchanged_idea_takes_the_place_of_its_score():
    placed = arrange([0, 1, 2, 3], [0, 1, 2], [], [Swap(0, 3)])
    assert placed == [Placed(1, 1), Placed(2, 2), Placed(3, 3)]


def test_two_ideas_change_their_tiers():
    placed = arrange([0, 1, 2, 3], [0, 1, 2], [1, 2], [Swap(0, 2, is_tier=True)])
    assert placed == [Placed(2, 1, 0), Placed(0, 2, 1), Placed(1, 3, 1)]


def test_a_change_of_tiers_with_an_idea_that_left_is_void():
    placed = arrange([0, 1, 2, 3], [0, 1, 2], [1, 2], [Swap(0, 2, is_tier=True), Swap(2, 3)])
    assert placed == [Placed(0, 1, 0), Placed(1, 2, 1), Placed(3, 3, 1)]
