"""Embedding while other programs use the processor, with a short spin at barriers beside libgomp's own.

Run: python -m benchmarks.busy
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.base.worker_process import WAITING
from app.retrieval.client import Library

_BUSY = (0, 4)  # other processes
_RUNS = 3
_SENTENCES = 64


def main() -> None:
    for busy in _BUSY:
        with _others(busy):
            taken: dict[str, list[float]] = {"own": [], "short": []}
            for _ in range(_RUNS):
                for name, spin in (("own", {}), ("short", WAITING)):
                    taken[name].append(_seconds(spin))
        own, short = (statistics.median(taken[name]) for name in ("own", "short"))
        print(f"{_SENTENCES} sentences beside {busy} busy processes: libgomp's spin {own:.2f} s, short {short:.2f} s;"
              f" ratio {own / short:.1f}")  # fmt: skip


def _seconds(spin: dict[str, str]) -> float:
    with tempfile.TemporaryDirectory() as name, mock.patch("app.retrieval.client.WAITING", spin):
        paths = find_paths(Path(name))
        paths.prepare()
        library = Library(paths)
        try:
            library.compare(["started"], [["before the clock"]], CancelToken())
            texts = [f"The tenant of flat {number} pays the rent on the first day of each month." for number in range(_SENTENCES)]  # fmt: skip
            started = time.perf_counter()
            library.compare(texts[:1], [texts], CancelToken())
            return time.perf_counter() - started
        finally:
            library.close()


@contextlib.contextmanager
def _others(count: int) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


if __name__ == "__main__":
    main()
