from datetime import timedelta

import pytest

from ideas.models import RateLimitCounter
from ideas.services.throttle import consume, drop_ended, refund, reset
from tests import clock

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def taken(count, key="a", at=clock.DURING, most=3):
    return [consume("test", key, most=most, per=HOUR, at=at) for _ in range(count)]


def test_so_many_are_let_through_and_no_more():
    assert taken(5) == [True, True, True, False, False]


def test_keys_are_counted_apart():
    taken(3)
    assert taken(1, key="b") == [True]


def test_a_new_window_begins_when_the_old_one_is_over():
    taken(4)
    assert taken(1, at=clock.DURING + HOUR) == [True]


def test_the_window_is_not_over_a_blink_before_its_end():
    taken(4)
    assert taken(1, at=clock.DURING + HOUR - clock.BLINK) == [False]


def test_one_given_back_does_not_count():
    taken(3)
    refund("test", "a")
    assert taken(2) == [True, False]


def test_a_forgotten_key_begins_anew():
    taken(3)
    reset("test", "a")
    assert taken(1) == [True]


def test_a_limit_of_nothing_lets_nothing_through():
    assert taken(2, most=0) == [False, False]


def test_the_key_itself_is_not_kept():
    taken(1, key="203.0.113.7")
    assert "203.0.113.7" not in RateLimitCounter.objects.get().key


def test_ended_windows_are_dropped_and_others_kept():
    taken(1, key="old")
    taken(1, key="new", at=clock.DURING + timedelta(minutes=30))
    assert (drop_ended(at=clock.DURING + HOUR), RateLimitCounter.objects.count()) == (1, 1)
