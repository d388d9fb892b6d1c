"""When folders that are kept up to date are looked at again; pure bookkeeping, in monotonic seconds."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_LISTING_SHARE = 50.0  # looking takes no more than a fiftieth of the time
_JUMP_S = 60.0
_LONGEST_BACKOFF_S = 300.0
_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds, and the clocks they are measured with."""

    tick: float = 0.2  # the longest a change, or a stop, waits to be noticed
    calm: float = 1.5  # without a change, before what changed is read
    at_most: float = 15.0  # changes are gathered
    look: float = 5.0  # between looks at the list of folders, the settings, and whether drives are there
    poll: float = 30.0  # at least, between looks at what nobody tells of
    safety: float = 1800.0  # between looks at everything: a change may have been missed
    again: float = 5.0  # after a failure; doubled with each
    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time


@dataclass(slots=True)
class Due:
    """What is to be looked at: everything, or some paths that changed."""

    everything: bool = False
    paths: set[str] = field(default_factory=set)
    first: float = _NEVER  # when the first and the latest change came
    latest: float = _NEVER

    def __bool__(self) -> bool:
        return self.everything or bool(self.paths)

    def add(self, paths: Iterable[str], now: float) -> None:
        """Paths that changed just now: more may follow."""
        if not self.paths:
            self.first = now
        self.latest = now
        self.paths.update(paths)

    def is_calm(self, now: float, timing: Timing) -> bool:
        calm = now - self.latest >= timing.calm or now - self.first >= timing.at_most
        return self.everything or (bool(self.paths) and calm)


class Looks:
    """What was looked at when, and how long it took."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._listing_s = 0.0
        self._everything = self._some = self._not_before = _NEVER
        self._failures = 0
        self._jumped = False
        self._ticked, self._drift = timing.now(), timing.wall() - timing.now()

    @property
    def between_s(self) -> float:
        """At least, between two looks at everything."""
        return self._listing_s * _LISTING_SHARE

    @property
    def poll_s(self) -> float:
        return max(self._timing.poll, self.between_s)

    @property
    def wanted(self) -> bool:
        """Whether it is time to look at everything, in case something was missed."""
        return self._timing.now() - self._everything >= max(self._timing.safety, self.between_s)

    @property
    def poll_wanted(self) -> bool:
        return self._timing.now() - self._some >= self.poll_s

    @property
    def allowed(self) -> bool:
        """Whether enough time has passed since a failure."""
        return self._timing.now() >= self._not_before

    def allow(self) -> None:
        self._not_before = _NEVER

    def begun(self, *, everything: bool) -> None:
        self._some = self._timing.now()
        if everything:
            self._everything = self._some

    def succeeded(self, listing_s: float | None) -> None:
        """`listing_s`: how long it took to list everything, where that was done."""
        self._failures = 0
        if listing_s is not None:
            self._listing_s = listing_s

    def failed(self) -> float:
        """In how many seconds to try again."""
        wait = min(self._timing.again * 2.0**self._failures, _LONGEST_BACKOFF_S)
        self._failures = min(self._failures + 1, 10)
        self._not_before = self._timing.now() + wait
        return wait

    def clock_jumped(self) -> bool:
        """Told once after the machine slept, or its clock was set: anything may have changed."""
        now, drift = self._timing.now(), self._timing.wall() - self._timing.now()
        jumped = now - self._ticked > _JUMP_S or abs(drift - self._drift) > _JUMP_S
        self._ticked = now
        if jumped:
            self._drift, self._jumped = drift, True
        if not self._jumped or now - self._everything < self.between_s:
            return False
        self._jumped = False
        return True
