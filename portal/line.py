"""What this process knows about its line to the database: whether it is down, and how many wait for an answer.

PostgreSQL's own time limits need a server that can be reached. Whoever waits on a line that has gone silent is freed by
portal.postgresql; whoever comes meanwhile is answered at once (portal.middleware.while_the_database_is_away).
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

RETRY_SECONDS = 3.0  # while something is wrong, one request in so long tries whether it still is
STALLED_SECONDS = 3.0  # whoever has waited longer for one answer is stuck
MOST_STALLED = 3  # so many stuck ones leave a process of several threads just enough for those that need no database
REMEMBERED_SECONDS = 15.0  # who waited so long for nothing is counted among the stuck


class Line:
    """One for each process; threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = itertools.count()
        self._waiting: dict[int, float] = {}
        self._gave_up: list[float] = []
        self._next_try = 0.0
        self.is_down = False  # the server does not answer
        self.is_stuck = False  # it answers, but not to us: a table is locked, a disk hangs

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Somebody waits for an answer of the database."""
        number = next(self._numbers)
        self._waiting[number] = monotonic()
        try:
            yield
        finally:
            del self._waiting[number]

    def went_down(self) -> None:
        with self._lock:
            self.is_down, self._next_try = True, monotonic() + RETRY_SECONDS

    def is_up(self) -> None:
        self.is_down = False

    def gave_up(self) -> None:
        """Somebody waited long, and for nothing."""
        now = monotonic()
        with self._lock:
            self._gave_up = [*(then for then in self._gave_up if then > now - REMEMBERED_SECONDS), now]
        self._look()

    def refuses(self) -> bool:
        """Whether a request that needs the database is better answered at once; now and then one is let through."""
        self._look()
        if not (self.is_down or self.is_stuck):
            return False
        with self._lock:
            if monotonic() < self._next_try:
                return True
            self._next_try = monotonic() + RETRY_SECONDS
            return False

    def answered(self) -> None:
        """A request got what it wanted."""
        with self._lock:
            self.is_stuck, self._gave_up = False, []

    def _look(self) -> None:
        late = monotonic() - STALLED_SECONDS
        stuck = sum(since < late for since in list(self._waiting.values())) + len(self._gave_up)
        if stuck >= MOST_STALLED and not self.is_stuck:
            with self._lock:
                self.is_stuck, self._next_try = True, monotonic() + RETRY_SECONDS


line = Line()
