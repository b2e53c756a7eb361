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


def test_the_mean_decides():
    assert ratings.rank([(1, 1, 5.0), (1, 2, 7.0), (2, 1, 6.5)], 2) == [2, 1]


def test_ties_fall_to_more_reviews_then_to_the_earlier_receipt():
    standing = ratings.scores([(3, 1, 6.0), (2, 1, 6.0), (1, 1, 6.0), (3, 2, 6.0)])
    assert [score.idea for score in standing] == [3, 1, 2]


def test_an_idea_nobody_rated_is_not_scored():
    assert ratings.scores([(1, 1, 5.0)]) == [Score(idea=1, score=5.0, mean=5.0, reviews=1)]


@given(lists)
def test_the_order_of_the_reviews_is_irrelevant(reviews):
    shuffled = random.Random(1).sample(reviews, len(reviews))
    assert ratings.scores(shuffled) == ratings.scores(reviews)
