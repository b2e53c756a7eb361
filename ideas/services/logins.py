"""How often somebody may try to log in: exactly, by sender, and so that nobody can lock out somebody else for good.

Ten wrong tries for one user name from one sender, then an hour's wait there. A guesser with many addresses meets a
ceiling for the user name, which opens again after a quarter of an hour and does not hold where that user has logged in
before: the owner goes on working at the usual place while the name is attacked.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from ideas.errors import Refusal
from ideas.rules.characters import nfkc
from ideas.rules.throttle import sender_of
from ideas.services.throttle import NO_LIMIT, consume, counted, refund, reset

WRONG, EVERYWHERE, KNOWN = "login", "login-everywhere", "login-known"  # scopes of services.throttle
MOST, WAIT = 10, timedelta(hours=1)
CEILING, PAUSE = 50, timedelta(minutes=15)
KNOWN_FOR = timedelta(days=90)
LONGEST_NAME = 150


class Locked(Refusal):
    """Too many wrong tries; `wait` is when it helps to try again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(_("Too many wrong tries."))
        self.wait = wait


def begin_login(*, username: str, address: str, at: datetime) -> None:
    """Count a try before the password is looked at; Locked, and nothing is counted, beyond a limit."""
    name, pair = _keys(username, address)
    if not consume(WRONG, pair, most=MOST, per=WAIT, at=at):
        raise Locked(WAIT)
    if not _is_known(pair, at) and not consume(EVERYWHERE, name, most=CEILING, per=PAUSE, at=at):
        refund(WRONG, pair)
        raise Locked(PAUSE)


def end_login(*, username: str, address: str, at: datetime) -> None:
    """The password was right: nothing is held against this sender, and it is known from now on."""
    name, pair = _keys(username, address)
    if not _is_known(pair, at):
        refund(EVERYWHERE, name)
    reset(WRONG, pair)
    consume(KNOWN, pair, most=NO_LIMIT, per=KNOWN_FOR, at=at)


def unlock(*, username: str, addresses: list[str]) -> None:
    """Let somebody try again who was locked out at these addresses."""
    reset(EVERYWHERE, _keys(username, "")[0])
    for address in addresses:
        reset(WRONG, _keys(username, address)[1])


def _is_known(pair: str, at: datetime) -> bool:
    return KNOWN in counted([(KNOWN, pair)], at=at)


def _keys(username: str, address: str) -> tuple[str, str]:
    name = nfkc(username)[:LONGEST_NAME].casefold()
    return name, f"{name} {sender_of(address)}"
