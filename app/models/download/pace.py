"""How fast a download goes, and how fast it may go."""

import threading
import time
from collections import deque
from dataclasses import dataclass

_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How trouble is met. Times in seconds; tests shorten them.

    `stall_s`: a silence this long, or fewer than `stall_bytes` in such a time, is a lost connection. After a loss the
    first attempt follows after `retry_s`, each further one that brings nothing after twice the time, at most
    `longest_retry_s`; after `tries` attempts without a new byte the download gives up.
    """

    stall_s: float = 30.0
    stall_bytes: int = 16_384
    retry_s: float = 0.5
    longest_retry_s: float = 30.0
    tries: int = 8

    def wait(self, failures: int) -> float:
        """Seconds before the next attempt, after `failures` in a row that brought nothing."""
        return min(self.retry_s * 2.0 ** max(0, failures - 1), self.longest_retry_s)


class SpeedMeter:
    """Bytes per second over the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])

    def add(self, count: int) -> float:
        """The speed after `count` more bytes."""
        now, (_, total) = time.monotonic(), self._samples[-1]
        self._samples.append((now, total + count))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        began, before = self._samples[0]
        return (total + count - before) / max(now - began, 1e-3)


class BandwidthLimit:
    """Bytes per second that all downloads holding it share; None: no limit. May be changed at any time."""

    def __init__(self, bytes_per_s: float | None = None) -> None:
        self.bytes_per_s = bytes_per_s
        self._lock = threading.Lock()
        self._free_at = 0.0

    def delay(self, count: int) -> float:
        """Seconds to wait after receiving `count` bytes."""
        rate = self.bytes_per_s
        if not rate:
            return 0.0
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + count / rate
            return self._free_at - now
