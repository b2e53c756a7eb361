"""The calibrated mean, by what it promises: cases where the answer is known, and properties of any reviews."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideas.rules.calibration import chances, fit

marks = st.integers(10, 100).map(lambda n: n / 10)
reviews = st.dictionaries(st.tuples(st.integers(0, 12), st.integers(0, 5)), marks, min_size=1, max_size=50).map(
    lambda given: [(idea, reviewer, mark) for (idea, reviewer), mark in given.items()]
)


def panel(severity, ideas=60, reviewers=6, seed=1, noise=0.3, spread=None):
    """Everybody rates everything; the true quality of idea k is k's place."""
    dice = random.Random(seed)
    truth = [4 + 3 * k / ideas for k in range(ideas)]
    slopes = spread or [1.0] * reviewers
    return [
        (k, r, 5.5 + slopes[r] * (truth[k] - 5.5) + severity[r] + dice.gauss(0, noise))
        for k in range(ideas)
        for r in range(reviewers)
    ]


def by(found, idea):
    return found.ideas.index(idea)


def test_how_strict_somebody_is_is_found():
    found = fit(panel([-1.5, 0, 0, 0, 0, 1.5]))
    assert found.severity == pytest.approx([-1.5, 0, 0, 0, 0, 1.5], abs=0.2)


def test_how_wide_somebody_marks_is_found():
    found = fit(panel([0] * 6, spread=[0.4, 1, 1, 1, 1, 1.6]))
    assert (found.spread[0] < 0.7, found.spread[5] > 1.3) == (True, True)


def test_an_idea_with_strict_reviewers_is_not_behind_for_it():
    """Two ideas are alike; one was read by the strict half of the panel, the other by the mild one."""
    rows = [row for row in panel([-1.5, -1.5, -1.5, 1.5, 1.5, 1.5]) if row[0] not in (30, 31)]
    rows += [(30, r, 5.5 - 1.5) for r in range(3)] + [(31, r, 5.5 + 1.5) for r in range(3, 6)]
    found = fit(rows)
    assert found.score[by(found, 30)] == pytest.approx(found.score[by(found, 31)], abs=0.2)


def test_a_reviewer_who_gives_everything_the_same_mark_counts_next_to_nothing():
    found = fit([*panel([0] * 6), *((k, 99, 7.0) for k in range(60))])
    assert found.spread[found.reviewers.index(99)] < 0.1


def test_a_reviewer_who_marks_the_wrong_way_round_counts_next_to_nothing():
    found = fit([*panel([0] * 6), *((k, 99, 8 - 4 * k / 60) for k in range(60))])
    assert found.spread[found.reviewers.index(99)] < 0.1


def test_an_idea_with_one_review_is_pulled_to_the_middle_and_less_certain():
    found = fit([row for row in panel([0] * 6) if row[0] != 59 or row[1] == 0])
    plain = next(mark for idea, reviewer, mark in panel([0] * 6) if (idea, reviewer) == (59, 0))
    place = by(found, 59)
    assert found.middle < found.score[place] < plain
    assert found.error[place] > 1.5 * np.median(found.error)


def test_marks_that_do_not_differ_tell_nothing_apart():
    assert not fit([(k, r, 7.0) for k in range(8) for r in range(3)]).tells_apart


def test_panels_that_share_no_idea_are_counted():
    apart = [(k, r, 5.0 + k) for k in (0, 1) for r in (1, 2)] + [(k, r, 5.0 + k) for k in (3, 4) for r in (3, 4)]
    assert (fit(apart).parts, fit([*apart, (0, 3, 6.0)]).parts) == (2, 1)


def test_the_chances_add_up_to_the_places():
    assert chances(fit(panel([0] * 6)), 10).sum() == pytest.approx(10)


def test_with_places_for_all_everybody_is_among_the_best():
    assert chances(fit(panel([0] * 6)), 60).tolist() == [1.0] * 60


def test_the_better_idea_has_the_better_chance():
    odds = chances(fit(panel([0] * 6, noise=0.5)), 10)
    assert (odds[50:].mean() > 0.7, odds[:40].mean() < 0.05) == (True, True)


@pytest.mark.slow
@settings(deadline=None)  # a busy machine is no fault of the fit
@given(reviews)
def test_every_figure_is_a_number(rows):
    found = fit(rows)
    figures = np.concatenate([found.score, found.error, found.severity, found.spread, found.noise])
    assert np.isfinite(figures).all()
    assert found.error.min() > 0
    assert found.spread.min() >= 0


@pytest.mark.slow
@settings(deadline=None)
@given(reviews, st.randoms(use_true_random=False))
def test_the_order_of_the_reviews_changes_no_digit(rows, dice):
    mixed = dice.sample(rows, len(rows))
    assert fit(mixed).score.tolist() == fit(rows).score.tolist()


@pytest.mark.slow
@settings(deadline=None)
@given(reviews)
def test_another_scale_of_marks_gives_the_same_standing(rows):
    found, wide = fit(rows), fit([(idea, reviewer, (mark - 1) / 9 * 100) for idea, reviewer, mark in rows])
    assert (wide.score * 9 / 100 + 1).tolist() == pytest.approx(found.score.tolist(), abs=1e-6)


@pytest.mark.slow
@settings(deadline=None)
@given(reviews, st.integers(1, 12))
def test_chances_lie_between_nothing_and_certain(rows, top):
    odds = chances(fit(rows), top)
    assert ((odds >= 0) & (odds <= 1)).all()
    assert math.isclose(odds.sum(), min(top, len(odds)), abs_tol=1e-6)
