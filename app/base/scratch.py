"""Temporary files and folders that say which process they belong to, so that what a killed one left can go."""

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_OWNER = re.compile(r"[.-](\d{1,9})-[0-9a-f]+(?:\.\w+)?$")


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


def owned_name(prefix: str, suffix: str = "") -> str:
    """A name nobody else uses, `PREFIX<process id>-<hex>SUFFIX`. The prefix ends with a full stop or a hyphen."""
    return f"{prefix}{os.getpid()}-{secrets.token_hex(4)}{suffix}"


def abandoned(folder: Path, pattern: str) -> Iterator[Path]:
    """What lies in `folder` under names of `owned_name` that `pattern` (of `glob`) meets, and whose process has ended."""
    try:
        found = [(each, owner) for each in folder.glob(pattern) if (owner := _OWNER.search(each.name))]
    except OSError:  # its disk is not connected
        return
    for each, owner in found:
        import psutil  # the window does not wait for it

        if not psutil.pid_exists(int(owner[1])):
            yield each
