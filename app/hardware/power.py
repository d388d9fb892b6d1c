"""Mains or battery, heat, and what other programs take of the processor. Nothing here raises: what cannot be found out
stands in nobody's way."""

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil

# Sensors of processors, as Linux names them. Those of mainboards are left out: unused inputs report nonsense.
_PROCESSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "cpuss")
_SENSIBLE = range(50, 126)  # °C a processor may reach; other limits are made up
_NEAR_CRITICAL = 10.0  # °C
_AT_CRITICAL = 3.0


@dataclass(frozen=True, slots=True)
class Power:
    """`on_mains` and `battery_percent` (0…100) are None on a machine without a battery.

    `hot`: the processor is at the temperature its maker calls high; `too_hot`: so near the critical one that it slows
    itself down. Both are false where there is no sensor (Windows, macOS).
    """

    on_mains: bool | None = None
    battery_percent: float | None = None
    hot: bool = False
    too_hot: bool = False


def read_power() -> Power:
    """As it is now; takes a few milliseconds where there are sensors."""
    import psutil  # the window does not wait for it

    battery: Any = None
    with suppress(Exception):  # drivers answer with anything
        battery = psutil.sensors_battery()
    hot, too_hot = _heat()
    if battery is None:
        return Power(hot=hot, too_hot=too_hot)
    mains = battery.power_plugged
    return Power(None if mains is None else bool(mains), float(battery.percent), hot, too_hot)


def _heat() -> tuple[bool, bool]:
    import psutil

    sensors: dict[str, Any] = {}
    with suppress(Exception):
        sensors = getattr(psutil, "sensors_temperatures", dict)()
    heats = [_heat_of(each) for name in _PROCESSORS for each in sensors.get(name, ())]
    return any(hot for hot, _ in heats), any(too_hot for _, too_hot in heats)


def _heat_of(sensor: Any) -> tuple[bool, bool]:
    high, critical = (_limit(each) for each in (sensor.high, sensor.critical))
    now = sensor.current or 0.0
    too_hot = critical is not None and now >= critical - _AT_CRITICAL
    hot = (high is not None and now >= high) or (critical is not None and now >= critical - _NEAR_CRITICAL)
    return hot, too_hot


def _limit(degrees: float | None) -> float | None:
    return degrees if degrees is not None and int(degrees) in _SENSIBLE else None


class OtherPrograms:
    """How much of all processors the programs take that are not Alcove, since the time before."""

    def __init__(self, family: int | None = None) -> None:
        """`family`: the process that, with all it has started, is Alcove; default: this one."""
        self._family = os.getpid() if family is None else family
        self._before: tuple[float, float, float] | None = None

    def load(self) -> float:
        """0…1; 0 the first time. Takes some milliseconds: it looks at every process."""
        try:
            now = self._times()
        except Exception:
            return 0.0
        before, self._before = self._before, now
        if before is None:
            return 0.0
        busy, idle, own = (new - old for new, old in zip(now, before, strict=True))
        total = busy + idle
        return min(1.0, max(0.0, (busy - max(0.0, own)) / total)) if total > 0 else 0.0

    def _times(self) -> tuple[float, float, float]:
        """Seconds of processor time since the machine started: busy, idle, and taken by Alcove."""
        import psutil

        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted in user as well
        first = psutil.Process(self._family)
        own = sum(_time_of(each) for each in (first, *first.children(recursive=True)))
        return sum(times) - idle - guest, idle, own


def _time_of(process: "psutil.Process") -> float:
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0  # it has ended
    return float(times.user + times.system)
