import pytest

from ideas.rules.agreement import agreement


def rows(*ideas):
    return [(idea, reviewer, mark) for idea, marks in enumerate(ideas) for reviewer, mark in enumerate(marks)]


def test_reviewers_of_one_mind_agree_fully():
    found = agreement(rows((2, 2), (5, 5), (9, 9)))
    assert (found.icc, found.word) == (1, "excellent")


def test_the_figure_is_that_of_the_analysis_of_variance():
    """Three ideas, two marks each: mean squares 6.5 between and 1 within, so (6.5 - 1) / (6.5 + 1)."""
    found = agreement(rows((3, 4), (5, 7), (7, 8)))
    assert found.icc == pytest.approx((8.1666667 - 1) / (8.1666667 + 1), abs=1e-6)
    assert found.low < found.icc < found.high <= 1


@pytest.mark.parametrize("ideas", [((5,), (7,)), ((6, 6), (6, 6)), ((1, 2),)])
def test_without_two_marks_or_without_a_difference_nothing_is_said(ideas):
    assert agreement(rows(*ideas)) is None
