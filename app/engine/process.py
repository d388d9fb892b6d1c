"""How a process of the engine is started: the one that answers, and those that measure, compare or quantise."""

from pathlib import Path

from app.base.worker_process import WAITING, WorkerProcess
from app.engine.protocol import CODEC


def engine_process(title: str, logs: Path, *more: Path, grace_s: float = 0.5) -> WorkerProcess:
    """Starts with its first request; `title` and `grace_s` as of `WorkerProcess`, `more`: what `engine.worker.main` takes."""
    return WorkerProcess(
        "app.engine.worker",
        CODEC,
        title=title,
        log_file=logs / "engine.log",
        arguments=[str(logs), *map(str, more)],
        environment=WAITING,
        grace_s=grace_s,
    )
