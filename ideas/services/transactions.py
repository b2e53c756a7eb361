"""One transaction for a verb, begun anew where the database broke it off in favour of another one.

Rows are locked in the order of docs/architecture.md, so that two verbs wait for each other instead of standing in each
other's way; this is for what remains.
"""

import time
from collections.abc import Callable
from functools import wraps
from random import random
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

TRIES = 4
BROKEN_OFF = {"40001", "40P01"}  # SQLSTATE: serialization failure, deadlock
LEFT_TO_OTHERS = 0.11  # seconds; SQLite's writers look at last once in a tenth of one whether it is their turn
PAUSE = 0.05  # seconds, at most, times the number of tries so far

P = ParamSpec("P")
R = TypeVar("R")


def in_one_transaction(verb: Callable[P, R]) -> Callable[P, R]:
    """Like transaction.atomic. A verb that another one calls is a part of that one's transaction and of its tries."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        is_part = transaction.get_connection().in_atomic_block
        for tries in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    return verb(*args, **kwargs)
            except OperationalError as error:
                if is_part or tries == TRIES or not was_broken_off(error):
                    raise
                time.sleep(PAUSE * tries * random())  # noqa: S311 - so that both do not come at once again
        raise AssertionError("unreachable")

    return run


def was_broken_off(error: OperationalError) -> bool:
    """Whether the same transaction may succeed when it is begun anew."""
    return getattr(error.__cause__, "sqlstate", None) in BROKEN_OFF


def let_others_write() -> None:
    """Between two steps of long work: on SQLite whoever waits to write would hardly ever find its turn."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(LEFT_TO_OTHERS)
