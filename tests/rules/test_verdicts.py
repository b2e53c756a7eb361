"""Until when a verdict is taken, and what comes of "not solved"."""

from datetime import date

import pytest

from ideas.rules.verdicts import goes_back, is_asked, lacks_words

CLOSED = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("today", "asked"),
    [
        (date(2026, 11, 30), False),
        (CLOSED, True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_verdict_is_taken_until_the_end_of_the_thirtieth_day(today, asked):
    assert is_asked(CLOSED, today) is asked


@pytest.mark.parametrize(
    ("is_solved", "words", "lacks"), [(True, "", False), (False, " ", True), (False, "漏。", False)]
)
def test_what_is_not_solved_is_said_in_words(is_solved, words, lacks):
    assert lacks_words(is_solved=is_solved, words=words) is lacks


BACK = {"is_solved": False, "was_done": True, "went_back": False, "is_free": True}


def test_what_is_not_solved_goes_back_to_the_unit():
    assert goes_back(**BACK)


@pytest.mark.parametrize("other", [{"is_solved": True}, {"was_done": False}, {"went_back": True}, {"is_free": False}])
def test_it_goes_back_once_and_where_that_is_possible(other):
    assert not goes_back(**{**BACK, **other})
