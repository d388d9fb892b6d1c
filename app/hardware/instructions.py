"""Which instructions this processor has, of those that decide what is quick or runs at all."""

import ctypes
import sys
from pathlib import Path

NEEDED = ("avx2", "fma", "f16c", "bmi2")
"""What llama.cpp takes for granted on x86-64 when it is not built for one machine."""

_CPUINFO = Path("/proc/cpuinfo")
# of IsProcessorFeaturePresent (winnt.h), by the names Linux has for them
_OF_WINDOWS = {40: "avx2", 41: "avx512f"}


def instructions(cpuinfo: Path = _CPUINFO) -> frozenset[str] | None:
    """By the names that Linux has for them; on Windows only avx2 and avx512f are told, None where nothing is."""
    if sys.platform == "win32":
        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return frozenset(name for number, name in _OF_WINDOWS.items() if present(number))
    try:
        with cpuinfo.open(encoding="utf-8", errors="replace") as lines:
            return next(
                (frozenset(line.partition(":")[2].split()) for line in lines if line.startswith("flags")),
                None,
            )
    except OSError:
        return None


def missing_instructions(cpuinfo: Path = _CPUINFO) -> tuple[str, ...]:
    """Those of `NEEDED` that it lacks; empty where that cannot be told, as on other systems than Linux."""
    found = None if sys.platform == "win32" else instructions(cpuinfo)
    return () if found is None else tuple(each for each in NEEDED if each not in found)
