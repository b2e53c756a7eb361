"""Nobody is found in figures for everybody: tried with every small table there is."""

from collections import defaultdict
from itertools import product

import pytest

from ideas.rules.statistics import LEAST, Cell, nested, shown


def cells(*counts, people=None):
    return [Cell(count, count if people is None else people) for count in counts]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((), []),
        ((5, 9, 0), [5, 9, 0]),
        ((4, 9, 20), [None, None, 20]),  # 4 would be the difference to the total: the next one goes with it
        ((1, 4, 20), [None, None, 20]),  # five people together
        ((1, 2, 20, 30), [None, None, None, 30]),  # three together, so one more
        ((1, 1, 1, 1, 1, 7, 9), [None] * 6 + [9]),  # five that make five are one each
        ((4, 0), None),
        ((3, 30), None),
    ],
)
def test_small_cells_are_hidden_and_so_is_what_gives_them_away(counts, told):
    assert shown(cells(*counts)) == told


def test_many_ideas_of_few_people_are_a_small_cell():
    assert shown([Cell(50, 4), Cell(60, 30), Cell(70, 40)]) == [None, None, 70]


@pytest.mark.parametrize("width", [2, 3, 4])
def test_from_total_and_rule_no_small_cell_can_be_computed(width):
    """All tables of 0 to 9 that look the same to a reader, who knows total and rule: each hidden cell may be several
    numbers, and no set of hidden ones is less than five people together."""
    alike = defaultdict(list)
    for counts in product(range(10), repeat=width):
        told = shown(cells(*counts))
        if told is None:
            continue
        assert [n for n in told if n is not None and 0 < n < LEAST] == []
        hidden = sum(n for n, said in zip(counts, told, strict=True) if said is None)
        assert hidden == 0 or hidden >= LEAST
        alike[sum(counts), tuple(told)].append(counts)
    for (_total, row), tables in alike.items():
        for place, said in enumerate(row):
            # The largest number tried cuts off what else it could be.
            if said is None and all(max(table) < 9 for table in tables):
                assert len({table[place] for table in tables}) > 1, (row, tables)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((280, 260, 260, 30), [280, 260, 260, 30]),
        ((280, 278, 200), [280, None, 200]),
        ((20, 18, 16, 3), [20, None, None, None]),
        ((30, 4), [30, None]),
        ((9, 0), [9, 0]),
        ((3, 3), [None, None]),
    ],
)
def test_a_step_that_differs_by_fewer_than_five_is_hidden(counts, told):
    assert nested(cells(*counts)) == told
