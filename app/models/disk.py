"""The disk under the models folder: what the models take, and whether another one fits."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.models.installed import InstalledModel

MARGIN_BYTES = 512 << 20
"""What is left free beyond a model, so that the system and the other files of Alcove can go on."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Bytes of one model; `owned`: removing it gives them back."""

    name: str
    bytes: int
    owned: bool


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes. `owned`: what removing could give back; `others`: of other apps, the person and the starter."""

    models: tuple[ModelUse, ...]
    owned: int
    others: int
    free: int


def disk_use(folder: Path, models: Sequence[InstalledModel]) -> DiskUse:
    """What `models` take, the largest first, and what is free where new ones go."""
    uses = sorted(
        (ModelUse(each.name, each.bytes, each.owned) for each in models),
        key=lambda use: (-use.bytes, use.name),
    )
    owned = sum(use.bytes for use in uses if use.owned)
    return DiskUse(tuple(uses), owned, sum(use.bytes for use in uses) - owned, free_bytes(folder))


def free_bytes(folder: Path) -> int:
    """Free bytes on the disk of `folder`, which need not exist yet. Raises `AppError` when it cannot tell."""
    place = folder
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        return shutil.disk_usage(place).free
    except OSError as error:
        raise AppError(
            f"How much space is free at {place} cannot be told ({error.strerror or error}).",
            "Check that the disk is connected.",
        ) from error


def check_room(folder: Path, needed: int, *, margin: int = MARGIN_BYTES) -> None:
    """Raises `AppError` unless `needed` bytes and the margin are free on the disk of `folder`."""
    free = free_bytes(folder)
    if needed and free < needed + margin:
        raise AppError(
            f"There is not enough room in {folder}: {in_words(needed + margin)} are needed, "
            f"{in_words(free)} are free.",
            "Remove models you do not need, or choose another disk.",
        )


def in_words(count: int) -> str:
    """Bytes as people read them, in the units of disk makers (1 GB = 1000 MB)."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
