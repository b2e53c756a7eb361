"""Lists by limits."""

import pytest

from ideas.rules.grading import Limits, grade, is_in_order


@pytest.mark.parametrize(
    ("share", "name"),
    [
        (1.0, "A"),
        (9 / 10, "A"),
        (899 / 1000, "B"),
        (3 / 4, "B"),
        (0.7499, "C"),
        (57 / 95, "C"),
        (0.59, "D"),
        (0.0, "D"),
    ],
)
def test_a_limit_itself_is_reached(share, name):
    assert grade(share, Limits()) == name


def test_where_nothing_can_be_told_there_is_no_grade():
    assert grade(None, Limits()) == ""


@pytest.mark.parametrize("part", range(101))
def test_whole_percents_are_exact(part):
    """Also where several hundredths have the same share, as 114 of 200."""
    assert grade(2 * part / 200, Limits(part, -1, -2)) == "A"


@pytest.mark.parametrize(
    ("limits", "fine"),
    [((90, 75, 60), True), ((100, 1, 0), True), ((90, 90, 60), False), ((101, 75, 60), False), ((9, 5, -1), False)],
)
def test_limits_come_down(limits, fine):
    assert is_in_order(Limits(*limits)) is fine
