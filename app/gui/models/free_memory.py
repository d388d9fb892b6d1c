"""What a model could have of the memory: what is free, and what the model in use gives back."""

from contextlib import suppress
from typing import TYPE_CHECKING

from app.backend import Backend
from app.hardware.fit import MIB

if TYPE_CHECKING:
    from app.hardware.probe import Ram

_ITSELF = 32 * MIB  # the engine's process without a model, measured on Linux


def free_for_models(backend: Backend) -> "Ram":
    """Only one model answers at a time: the one in use makes room for the next."""
    import psutil

    from app.hardware.probe import Ram, ram

    now, pid, held = ram(), backend.engine.worker_pid, 0
    if pid is not None:
        with suppress(psutil.Error):
            info = psutil.Process(pid).memory_info()
            # file pages that are only mapped count as free already
            own = getattr(info, "private", info.rss - getattr(info, "shared", 0))
            held = max(0, own - _ITSELF)
    return Ram(now.total, min(now.total, now.available + held))
