import pytest

from ideas.choices import Phase
from ideas.rules.campaigns import phase_at, rating_is_open
from tests.clock import BLINK, CLOSES, LATER, OPENS, RATING_FROM, RATING_UNTIL


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (OPENS - BLINK, Phase.UPCOMING),
        (OPENS, Phase.COLLECTING),
        (CLOSES - BLINK, Phase.COLLECTING),
        (CLOSES, Phase.REVIEWING),
        (LATER - BLINK, Phase.REVIEWING),
        (LATER, Phase.PUBLISHED),
    ],
)
def test_phases_are_half_open(at, phase):
    assert phase_at(at, opens_at=OPENS, closes_at=CLOSES, released_at=LATER) == phase


@pytest.mark.parametrize(
    ("at", "is_open"),
    [(RATING_FROM - BLINK, False), (RATING_FROM, True), (RATING_UNTIL - BLINK, True), (RATING_UNTIL, False)],
)
def test_rating_is_open_between_its_dates(at, is_open):
    assert rating_is_open(at, rating_from=RATING_FROM, rating_until=RATING_UNTIL) == is_open


def test_without_dates_nobody_rates():
    assert not rating_is_open(LATER, rating_from=None, rating_until=None)
