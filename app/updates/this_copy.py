"""What is running here, and which files of a newer version would replace it."""

import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app import __version__
from app.base.edition import runs_other_models
from app.base.paths import DataPaths
from app.updates.manifest import ReleaseFile

_PROCESSORS = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
_DEB = Path("/opt/alcove")


@dataclass(frozen=True, slots=True)
class ThisCopy:
    """`system`, `processor` and `edition` as manifests name them; "" for what none is made for, or run from source."""

    version: str
    system: str
    processor: str
    edition: str


def this_copy(paths: DataPaths) -> ThisCopy:
    """Looks at the interpreter and its place; asks nobody."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    processor = _PROCESSORS.get(platform.machine().lower(), "")
    edition = _edition(system, portable=paths.portable) if getattr(sys, "frozen", False) else ""
    if edition and not runs_other_models():
        edition += "-light"
    return ThisCopy(__version__, system, processor, edition)


def files_for(copy: ThisCopy, files: Iterable[ReleaseFile]) -> tuple[ReleaseFile, ...]:
    """Those that run here, the one of the same edition first."""
    fitting = [each for each in files if (each.system, each.processor) == (copy.system, copy.processor)]
    return tuple(sorted(fitting, key=lambda each: each.edition != copy.edition))


def _edition(system: str, *, portable: bool) -> str:
    if system == "windows":
        return "portable" if portable else "setup"
    if system == "macos":
        return "dmg"
    if os.environ.get("APPIMAGE"):
        return "appimage"
    return "deb" if Path(sys.executable).resolve().is_relative_to(_DEB) else "run"
