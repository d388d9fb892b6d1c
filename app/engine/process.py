"""How a process of the engine is started: the one that answers, and those that measure, compare or quantise."""

from pathlib import Path

from app.base.worker_process import WorkerProcess
from app.engine.codec import CODEC

SPINNING = {"GOMP_SPINCOUNT": "20000"}
"""Threads of llama.cpp wait for each other hundreds of times for a token. A spin as short as that of other workers made
writing 8 % slower on a quiet machine than libgomp's own of milliseconds, this one did not; where the machine is busy,
`ThreadCount` leaves cores to others before it could do harm (`python -m benchmarks engine`).
"""


def engine_process(title: str, logs: Path, *more: Path, grace_s: float = 0.5) -> WorkerProcess:
    """Starts with its first request; `title` and `grace_s` as of `WorkerProcess`, `more`: what `engine.worker.main` takes."""
    return WorkerProcess(
        "app.engine.worker",
        CODEC,
        title=title,
        log_file=logs / "engine.log",
        arguments=[str(logs), *map(str, more)],
        environment=SPINNING,
        grace_s=grace_s,
    )
