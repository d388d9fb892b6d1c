"""When reading documents may go on: not while an answer is written, and as battery, heat and other programs allow."""

import os
import threading
import time
from collections.abc import Callable, Iterator

from app.base.jobs import CancelToken
from app.base.settings import Schedule
from app.hardware.power import OtherPrograms, Power, read_power
from app.retrieval.protocol import WaitReason

_LOOK_S = 0.05  # how long a turn that has come may be overlooked
_POWER_S = 2.0  # how old what is known of the machine may be
_LOW_BATTERY = 20.0  # percent
_LITTLE_LOAD = 0.25  # of all processors
_QUIET_S = 60.0
# Seconds of rest for each of work: slower, but cooler, and hardly more of the battery for each passage.
_REST_ON_BATTERY = 0.5
_REST_WHEN_HOT = 1.0
_LONGEST_REST_S = 2.0


class Pace:
    """Thread-safe; one for all work on the index. `now` are monotonic seconds; the other two ask the machine."""

    def __init__(
        self,
        power: Callable[[], Power] = read_power,
        other_load: Callable[[], float] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_power = power
        # the worker is one of the processes of the window or command that started it
        self._read_load = other_load or OtherPrograms(os.getppid()).load
        self._now = now
        self._changed = threading.Condition()
        self._answers = 0
        self._paused = False
        self._power = Power()
        self._power_read = float("-inf")
        self._load_read = float("-inf")
        self._quiet_since: float | None = None

    @property
    def paused(self) -> bool:
        return self._paused

    def hold(self) -> None:
        """An answer is being written: nothing else is done until as many `release` have come."""
        self._hold(+1)

    def release(self) -> None:
        self._hold(-1)

    def pause(self, on: bool) -> None:
        """The person's own wish."""
        with self._changed:
            self._paused = on
            self._changed.notify_all()

    def turn(self, schedule: Schedule, cancel: CancelToken) -> Iterator[WaitReason]:
        """Yields the reason whenever it changes while work must wait; ends when it may go on.

        "manual": somebody asked and waits, so neither a low battery nor other programs count. Raises `Cancelled`.
        """
        told: WaitReason = ""
        while True:
            cancel.raise_if_cancelled()
            reason = self._reason(schedule)
            if not reason:
                return
            if reason != told:
                told = reason
                yield reason
            with self._changed:
                self._changed.wait(_LOOK_S)

    def breathe(self, worked_s: float, cancel: CancelToken) -> None:
        """After `worked_s` seconds of work: a rest in proportion, on battery or when hot. Raises `Cancelled`."""
        with self._changed:
            power = self._known_power()
        share = _REST_WHEN_HOT if power.hot else _REST_ON_BATTERY if power.on_mains is False else 0.0
        if share and cancel.wait(min(worked_s * share, _LONGEST_REST_S)):
            cancel.raise_if_cancelled()

    def _hold(self, change: int) -> None:
        with self._changed:
            self._answers = max(0, self._answers + change)
            self._changed.notify_all()

    def _reason(self, schedule: Schedule) -> WaitReason:
        with self._changed:
            if self._answers:
                return "answer"
            if self._paused:
                return "paused"
            power = self._known_power()
            if power.too_hot:
                return "hot"
            if schedule == "manual":
                return ""
            if power.on_mains is False and (schedule == "plugged" or _is_low(power)):
                return "battery"
            return "busy" if schedule == "idle" and not self._is_quiet() else ""

    def _known_power(self) -> Power:
        now = self._now()
        if now - self._power_read >= _POWER_S:
            self._power = self._read_power()
            self._power_read = now
        return self._power

    def _is_quiet(self) -> bool:
        """Whether other programs have needed little for a while, of which nothing was missed."""
        now = self._now()
        since = now - self._load_read
        if since >= _POWER_S:
            load = self._read_load()
            self._load_read = now
            if load >= _LITTLE_LOAD:
                self._quiet_since = None
            elif self._quiet_since is None or since > _QUIET_S / 2:
                self._quiet_since = now
        return self._quiet_since is not None and now - self._quiet_since >= _QUIET_S


def _is_low(power: Power) -> bool:
    return power.battery_percent is not None and power.battery_percent < _LOW_BATTERY
