"""Naming a process so that a later one of the same number is not taken for it."""

import os

_SAME_S = 5.0  # a clock that is set right moves the time at which a process is said to have started


def this_process() -> str:
    """The process id and when it started (Unix seconds), for `is_running` in any other process."""
    return f"{os.getpid()} {_started(os.getpid()):.1f}"


def is_running(process: str) -> bool:
    """Whether the process that `this_process` named is still there; "" is none."""
    number, _, started = process.partition(" ")
    return bool(number) and abs(_started(int(number)) - float(started)) < _SAME_S


def _started(id: int) -> float:
    """0.0 when there is no such process."""
    import psutil  # the window does not wait for it

    try:
        return float(psutil.Process(id).create_time())
    except psutil.Error:
        return 0.0
