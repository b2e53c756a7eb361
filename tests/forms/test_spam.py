from datetime import timedelta

import pytest

from ideas.choices import Suspicion
from ideas.forms import spam
from tests import clock

OPENED = clock.DURING


def after(seconds, **posted):
    """What is suspected of a form that comes back so many seconds after it was opened."""
    return spam.suspicions({"opened": spam.stamp(OPENED), **posted}, at=OPENED + timedelta(seconds=seconds))


@pytest.mark.parametrize(("seconds", "found"), [(0, [Suspicion.FAST]), (4.9, [Suspicion.FAST]), (5, []), (90000, [])])
def test_what_comes_back_faster_than_anybody_types_is_suspicious(seconds, found):
    assert after(seconds) == found


def test_the_time_is_a_setting(settings):
    settings.IDEAS_SUSPECT_SECONDS = 60
    assert after(59) == [Suspicion.FAST]


@pytest.mark.parametrize("stamp", ["", "nonsense", "MTc3NDAwMDAwMA:1abcde:forged"])
def test_a_stamp_that_is_not_ours_is_suspicious(stamp):
    assert after(3600, opened=stamp) == [Suspicion.FAST]


def test_a_filled_in_trap_is_suspicious():
    assert after(3600, website="http://spam.example") == [Suspicion.HONEYPOT]


def test_an_empty_trap_is_not():
    assert after(3600, website=" ") == []
