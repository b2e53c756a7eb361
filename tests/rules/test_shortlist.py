from ideas.rules.ratings import scores
from ideas.rules.shortlist import propose


def standing(*marks):
    return scores((idea, 1, mark) for idea, mark in enumerate(marks))


def test_the_best_fill_the_places():
    assert [score.idea for score in propose(standing(5.0, 9.0, 7.0), 2).chosen] == [1, 2]


def test_a_tie_across_the_cut_is_told():
    proposal = propose(standing(9.0, 7.0, 7.0, 5.0), 2)
    assert ([s.idea for s in proposal.chosen], proposal.cut, [s.idea for s in proposal.tied]) == ([0, 1], 7.0, [1, 2])


def test_a_tie_inside_the_list_is_none():
    assert propose(standing(9.0, 7.0, 7.0, 5.0), 3).tied == []


def test_fewer_ideas_than_places_leave_places_free():
    assert len(propose(standing(9.0), 30).chosen) == 1
