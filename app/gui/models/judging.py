"""Everything the Models page shows, judged for this machine as it is now. Runs on a job's thread."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.assistants.choose_model import Recommendation, recommend
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.models.entries import ModelEntry, Shelf, entries_of
from app.gui.models.free_memory import free_for_models
from app.gui.models.headers import HeaderCache
from app.gui.models.shelf import look
from app.hardware.fit import MIB, Speed

if TYPE_CHECKING:
    from app.engine.measuring_protocol import CalibrationProgress
    from app.hardware.probe import Machine, Ram

_NOTABLE_BYTES, _NOTABLE_SHARE = 256 * MIB, 0.05  # of free memory; less does not change what is said


@dataclass(frozen=True, slots=True)
class Picture:
    """`speed` None: not measured. `disk_free`: bytes where models are kept, None when it cannot be told.

    `complete`: the graphics cards were asked for too.
    """

    shelf: Shelf
    machine: "Machine"
    speed: Speed | None
    disk_free: int | None
    complete: bool
    entries: tuple[ModelEntry, ...]
    recommendation: Recommendation | None


def paint(
    backend: Backend, parts: ModelParts, headers: HeaderCache, known: "Machine | None", cancel: CancelToken
) -> Iterator[Picture]:
    """The page at once with what is quick to find out, then with the graphics cards that can be used.

    `known`: the machine as it was asked before; its cards are then not asked for again. Raises `Cancelled`.
    """
    from app.hardware.probe import probe

    shelf = look(backend, parts.catalog, headers)
    disk_free, speed = _disk_free(backend), parts.measurements.speed
    ram = free_for_models(backend)
    if known is not None:
        yield _judged(shelf, replace(known, ram=ram), speed, disk_free, complete=True)
        return
    yield _judged(shelf, replace(probe(), ram=ram), speed, disk_free, complete=False)
    machine = replace(parts.sizing.machine(cancel), ram=free_for_models(backend))
    yield _judged(shelf, machine, speed, disk_free, complete=True)


def repaint(picture: Picture, ram: "Ram") -> Picture:
    """The same with the memory that is free now."""
    machine = replace(picture.machine, ram=ram)
    return _judged(picture.shelf, machine, picture.speed, picture.disk_free, complete=picture.complete)


def measure(parts: ModelParts, cancel: CancelToken) -> "Iterator[CalibrationProgress | Speed]":
    """Measure this machine in about ten seconds and keep what came out. Raises `AppError` and `Cancelled`."""
    for event in parts.sizing.calibrate(cancel):
        if isinstance(event, Speed):
            parts.measurements.keep_speed(event)
        yield event


def notable(before: "Ram", now: "Ram") -> bool:
    """Whether free memory changed so much that models have to be judged again."""
    return abs(now.available - before.available) > max(_NOTABLE_BYTES, _NOTABLE_SHARE * before.available)


def _judged(
    shelf: Shelf, machine: "Machine", speed: Speed | None, disk_free: int | None, *, complete: bool
) -> Picture:
    return Picture(
        shelf, machine, speed, disk_free, complete,
        entries_of(shelf, machine, speed), recommend(shelf.catalog, machine, speed, shelf.files),
    )  # fmt: skip


def _disk_free(backend: Backend) -> int | None:
    from app.engine.choose import models_folder
    from app.models.disk import free_bytes

    try:
        return free_bytes(models_folder(backend.settings.current, backend.paths))
    except AppError:
        return None
