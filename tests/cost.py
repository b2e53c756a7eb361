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


def is_out_of_proportion(whole: Callable[[], object], quarter: Callable[[], object], *, noise: float) -> bool:
    """Whether four times as much costs more than eight times, each time that it is compared with the quarter right
    beside it.

    In proportion it costs four times, with the square sixteen times: between the two is room for a machine that is busy
    with other things, which now and then tells twice as much of either. What costs no more than `noise` seconds says
    nothing.
    """
    for _ in range(5):
        long = spent(whole, 1)
        if long <= noise or long <= 8 * spent(quarter, 1):
            return False
    return True
