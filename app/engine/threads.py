"""How many threads llama.cpp gets: the cores that are really free, looked at again while it works.

Its threads wait for each other by spinning. With as many threads as cores, one other busy program makes
each step wait for the thread that lost its core, and writing becomes ten times slower; one thread fewer
costs a fraction of that.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_EVERY_S = 0.4
_PATIENCE = 3  # looks in a row that must find a free core before it is taken
_TOLERANCE = 0.35  # of a core: less than this of other programs' work does no harm


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds since some fixed time. `busy`: processor time of everything; `own`: of this process."""

    wall: float
    busy: float
    own: float


def measure() -> Load:
    """The machine's load as counted by the system so far."""
    times = psutil.cpu_times()
    busy = sum(times) - times.idle - getattr(times, "iowait", 0.0)
    # Linux counts the time of virtual machines twice
    busy -= getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    own = time.process_time()
    return Load(time.monotonic(), busy, own)


class ThreadCount:
    """The number of threads to use now; `look` corrects it.

    `most`: the physical cores; `processors`: what the system can run at a time, hyper-threads included.
    """

    def __init__(
        self,
        most: int,
        processors: int,
        measured: Callable[[], Load] = measure,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: what `measured` counts `wall` with."""
        self.now = self._most = max(1, most)
        self._processors = max(processors, most)
        self._measured = measured
        self._clock = clock
        self._last = measured()
        self._waited = 0

    def begin(self) -> None:
        """Something is to be computed after a pause. A quiet one gives all cores back; a busy one says nothing about now."""
        load = self._measured()
        if load.wall - self._last.wall >= _EVERY_S:
            self.now = max(self.now, self._free(load))
        self._last = load

    def look(self) -> int:
        """Call often; every 0.4 seconds it measures, gives up cores at once and takes them back slowly."""
        # asking the system takes as long as 1 % of a short token
        if self._clock() - self._last.wall < _EVERY_S:
            return self.now
        load = self._measured()
        free = self._free(load)
        self._last = load
        self._waited = self._waited + 1 if free > self.now else 0
        if free < self.now or self._waited >= _PATIENCE:
            self.now = free if free < self.now else self.now + 1
            self._waited = 0
        return self.now

    def _free(self, load: Load) -> int:
        """Cores that others left free since the last measurement."""
        wall = load.wall - self._last.wall
        others = ((load.busy - self._last.busy) - (load.own - self._last.own)) / wall
        return min(self._most, max(1, int(self._processors - others + _TOLERANCE)))
