"""A folder for the temporary files of this process and its helpers."""

import os
import shutil
import tempfile
from pathlib import Path


def scratch_folder(cache: Path, name: str) -> Path:
    """`cache/NAME-<process id>`, made; those that ended processes left behind are removed.

    One among the temporary files of the system where `cache` cannot be written.
    """
    import psutil  # the window does not wait for it

    for old in cache.glob(f"{name}-*"):
        number = old.name.removeprefix(f"{name}-")
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(old, ignore_errors=True)
    scratch = cache / f"{name}-{os.getpid()}"
    try:
        scratch.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"alcove-{name}-"))
    return scratch
