"""What a call costs: processor time, without what a collection of garbage or a neighbour on the machine adds."""

import time
from collections.abc import Callable


def cheapest(*calls: Callable[[], object]) -> float:
    """Seconds of processor time of the cheapest of some calls."""
    return min(map(_seconds, calls))


def cheaper_of_two(call: Callable[[], object]) -> float:
    """The same of one call made twice."""
    return cheapest(call, call)


def _seconds(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin
