"""What something costs, where a test bounds what a stranger can make us do."""

import time
from collections.abc import Callable


def spent(act: Callable[[], object], times: int = 3) -> float:
    """Seconds of processor time, the least of several tries: what falls into one of them by chance (the garbage
    collector, a table that is read once) says nothing of what is measured."""
    took = []
    for _ in range(times):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return min(took)
