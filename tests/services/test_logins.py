from datetime import timedelta

import pytest

from ideas.services.logins import CEILING, MOST, PAUSE, WAIT, Locked, begin_login, end_login, unlock
from tests import clock

pytestmark = pytest.mark.django_db
HOME = "203.0.113.7"


def attempt(address=HOME, at=clock.DURING, username="su"):
    """Whether a try is let through to the password."""
    try:
        begin_login(username=username, address=address, at=at)
    except Locked:
        return False
    return True


def attack(count=200, at=clock.DURING):
    """So many wrong tries for Su, each from another address."""
    return sum(attempt(f"198.51.{number // 250}.{number % 250}", at) for number in range(count))


def log_in(address=HOME, at=clock.DURING):
    assert attempt(address, at)
    end_login(username="su", address=address, at=at)


def test_ten_wrong_tries_and_then_an_hours_wait():
    assert [attempt() for _ in range(MOST + 2)] == [True] * MOST + [False] * 2
    assert attempt(at=clock.DURING + WAIT)


def test_an_office_behind_one_address_is_not_locked_by_a_colleagues_wrong_tries():
    for _ in range(MOST + 1):
        attempt()
    assert attempt(username="lin")


def test_a_household_with_ipv6_is_one_sender():
    assert [attempt(f"2001:db8:1:2::{number:x}") for number in range(MOST + 1)] == [True] * MOST + [False]
    assert attempt("2001:db8:1:3::1")


def test_the_name_is_one_however_it_is_written():
    assert [attempt(username=name) for name in ["su", "SU", "ｓｕ"] * 4] == [True] * MOST + [False] * 2


@pytest.mark.slow
def test_many_addresses_meet_a_ceiling_that_opens_again():
    assert attack() == CEILING
    assert attack(at=clock.DURING + PAUSE) == CEILING


@pytest.mark.slow
def test_the_owner_goes_on_where_she_usually_logs_in_while_the_name_is_attacked():
    log_in()
    attack()
    log_in()
    assert attack(at=clock.DURING + timedelta(minutes=1)) == 0


@pytest.mark.slow
def test_right_passwords_do_not_use_up_the_ceiling():
    """A moderator on the road: a new address for every log-in."""
    for number in range(2 * CEILING):
        log_in(f"198.51.100.{number}")


def test_a_right_password_begins_anew():
    for _ in range(MOST - 1):
        attempt()
    log_in()
    assert [attempt() for _ in range(MOST)] == [True] * MOST


def test_an_administrator_can_unlock():
    for _ in range(MOST):
        attempt()
    unlock(username="su", addresses=[HOME])
    assert attempt()
