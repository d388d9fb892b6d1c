"""How much one file may cost. The defaults let real documents through and stop bombs."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for reading one file: sizes in bytes, times in seconds."""

    file_bytes: int = 200 * MIB
    characters: int = 20_000_000
    seconds: float = 60.0
    memory_bytes: int = 1600 * MIB  # address space; what is resident stays below 1.5 GB
    expanded_bytes: int = 512 * MIB
    expansion_ratio: int = 200
    members: int = 10_000
    cells: int = 2_000_000
