"""Use cases: take models into the library and out of it, each tried once before it is offered."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import SettingsStore
from app.engine.protocol import LoadProgress
from app.engine.sizing import Sizing
from app.models.copying import FileProgress
from app.models.importing import Imported
from app.models.installed import InstalledModel
from app.models.records import Records
from app.models.removing import Removed, remove


@dataclass(frozen=True, slots=True)
class Added:
    """A model is in the library now. `problem`: why it cannot be used, one sentence; "" when it loads."""

    imported: Imported
    problem: str


def add_model(
    events: Iterable[FileProgress | Imported], records: Records, sizing: Sizing, cancel: CancelToken
) -> Iterator[FileProgress | LoadProgress | Added]:
    """The `events` of `importing.import_model`, then a test load: only that tells whether the model can be used.

    One that does not load is kept. Raises what the events raise, and `Cancelled`.
    """
    for event in events:
        if isinstance(event, FileProgress):
            yield event
            continue
        problem = ""
        if event.outcome != "already there":
            problem = yield from find_problem(event.file, records, sizing, cancel)
        yield Added(event, problem)


def remove_model(model: InstalledModel, records: Records, settings: SettingsStore) -> Removed:
    """`removing.remove`; where it was the default, the starter takes its place. Raises `AppError`."""
    removed = remove(model, records)
    if settings.current.default_model != model.file:
        return removed
    settings.change(default_model=None)
    return replace(removed, detail=f"{removed.detail} The starter is the default again.")


def try_model(
    file: Path, records: Records, sizing: Sizing, cancel: CancelToken
) -> Generator[LoadProgress, None, None]:
    """Load a model for once; from then on it is offered. Raises `AppError` when it does not load, and `Cancelled`."""
    for event in sizing.try_out(file, cancel):
        if isinstance(event, LoadProgress):
            yield event
    records.mark_loading(file)


def find_problem(
    file: Path, records: Records, sizing: Sizing, cancel: CancelToken
) -> Generator[LoadProgress, None, str]:
    """`try_model`; returns why the model does not load, one sentence, "" when it does. Raises `Cancelled`."""
    try:
        yield from try_model(file, records, sizing, cancel)
    except AppError as error:
        return f"It is kept, but it cannot be loaded: {error}"
    return ""
