"""Other processes: how much memory they took, and some that only keep the processor busy."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def peak_bytes(pid: int | None = None) -> int:
    """The most memory that the process (None: this one) ever held. Linux only; raises `OSError` and `ValueError`."""
    status = Path("/proc", "self" if pid is None else str(pid), "status").read_text("utf-8")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise ValueError("the system does not say how much memory a process held")
    return int(found[1]) * 1024


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that do nothing but compute, while the body runs."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()
