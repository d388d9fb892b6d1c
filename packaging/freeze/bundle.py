"""Libraries of a frozen program, exchanged and removed. For the scripts beside this one."""

import subprocess
from pathlib import Path


def exchange(library: Path, made: Path) -> None:
    """Puts `made` in the place of `library`. Whoever holds the old file by a hard link keeps it as it was."""
    library.unlink()
    library.write_bytes(made.read_bytes())
    library.chmod(0o755)


def remove(library: Path, inside: Path) -> int:
    """Removes `library` and the link to it that lies in `inside`, the bundle's folder; returns the bytes saved."""
    saved = library.stat().st_size
    library.unlink()
    link = inside / library.name
    if link.is_symlink() and not link.exists():
        link.unlink()
    return saved


def told(*command: str | Path) -> str:
    """What a program writes. Raises `CalledProcessError`."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
