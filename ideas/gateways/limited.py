"""A limit of time for whatever a gateway does. One that hangs is left behind, and few at a time may hang."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

from ideas.errors import GatewayError

MOST_HANGING = 8  # of one medium
_hanging: dict[str, list[Thread]] = {}
_guard = Lock()


def hanging(medium: str) -> int:
    """How many calls of this medium's gateway were left behind and have not come back."""
    with _guard:
        _hanging[medium] = [thread for thread in _hanging.get(medium, []) if thread.is_alive()]
        return len(_hanging[medium])


def within(seconds: float, call: Callable[[], None], *, medium: str) -> None:
    """Call, and raise what it raises; GatewayError if it has not come back in time.

    Nothing ends a thread that waits for a stranger, so it is left to itself: what it was to hand over may still arrive,
    under the same key as the next try.
    """
    outcome: SimpleQueue[BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            call()
        except BaseException as error:
            outcome.put(error)
        else:
            outcome.put(None)

    thread = Thread(target=run, name=f"gateway-{medium}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        with _guard:
            _hanging.setdefault(medium, []).append(thread)
        raise GatewayError(f"no answer within {seconds:g} seconds")
    if error := outcome.get():
        raise error
