import random

from hypothesis import given
from hypothesis import strategies as st

from ideas.rules import ratings
from ideas.rules.ratings import Score

WEIGHTS = {"a": 35, "b": 30, "c": 20, "d": 15}
lists = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 5), st.integers(10, 100).map(lambda n: n / 10)), max_size=60
)


def test_marks_are_weighted():
    assert ratings.weighted_mark({"a": 10, "b": 1, "c": 5, "d": 5}, WEIGHTS) == (350 + 30 + 100 + 75) / 100


def test_a_missing_criterion_is_never_zero():
    assert ratings.weighted_mark({"a": 8, "b": 8}, WEIGHTS) == 8


def test_no_points_are_no_mark():
    assert ratings.weighted_mark({}, WEIGHTS) is None


def test_a_criterion_for_advice_stays_outside_the_total():
    assert ratings.weighted_mark({"a": 8, "advice": 1}, WEIGHTS) == 8


def test_the_trimmed_mean_drops_the_highest_and_the_lowest_mark():
    [score] = ratings.ranking([(1, n, mark) for n, mark in enumerate((1.0, 6.0, 8.0, 10.0))], "trimmed", 1)
    assert (score.score, score.mean, score.few) == (7.0, 6.25, False)


def test_with_three_marks_none_is_dropped_and_that_is_flagged():
    [score] = ratings.ranking([(1, n, mark) for n, mark in enumerate((1.0, 6.0, 8.0))], "trimmed", 1)
    assert (score.score, score.few) == (5.0, True)


def test_a_calibrated_score_says_its_error_and_its_chance():
    rows = [(idea, reviewer, 5.0 + idea + reviewer / 2) for idea in range(4) for reviewer in range(3)]
    found = ratings.ranking(rows, "calibrated", 2)
    assert [score.idea for score in found] == [3, 2, 1, 0]
    assert abs(sum(score.chance for score in found) - 2) < 1e-6
    assert all(score.error > 0 for score in found)


def test_equal_marks_tell_no_chance():
    rows = [(idea, reviewer, 7.0) for idea in range(4) for reviewer in range(3)]
    assert {score.chance for score in ratings.ranking(rows, "calibrated", 2)} == {None}


def test_a_score_stands_on_the_scale_of_a_hundred():
    assert ratings.ranking([(1, 1, 8.5), (1, 2, 7.5)], "mean", 1)[0].hundred == 80


def test_the_mean_decides():
    ranking = ratings.scores([(1, 1, 5.0), (1, 2, 7.0), (2, 1, 6.5)])
    assert [score.idea for score in ranking] == [2, 1]


def test_by_calibrated_mean_a_strict_reviewers_best_idea_is_not_lost():
    mild = [(idea, 1, 6.0 + idea / 2) for idea in range(1, 7)]
    strict = [(idea, 2, 2.0 + idea / 2) for idea in range(1, 7)]
    assert ratings.rank([*mild, *strict, (8, 1, 8.5), (9, 2, 6.5)], 1) == [9]


def test_nobody_rated_is_nobody_ranked():
    assert ratings.rank([], 3) == []


def test_chances_come_by_idea():
    given = ratings.chances([(idea, reviewer, float(idea)) for idea in range(1, 7) for reviewer in (1, 2)], 2)
    assert sorted(given, key=given.get)[-2:] == [5, 6]


def test_ties_fall_to_more_reviews_then_to_the_earlier_receipt():
    ranking = ratings.scores([(3, 1, 6.0), (2, 1, 6.0), (1, 1, 6.0), (3, 2, 6.0)])
    assert [score.idea for score in ranking] == [3, 1, 2]


def test_an_idea_nobody_rated_is_not_scored():
    assert ratings.scores([(1, 1, 5.0)]) == [Score(idea=1, score=5.0, mean=5.0, reviews=1, few=True)]


@given(lists)
def test_the_order_of_the_reviews_is_irrelevant(reviews):
    shuffled = random.Random(1).sample(reviews, len(reviews))
    assert ratings.scores(shuffled) == ratings.scores(reviews)
