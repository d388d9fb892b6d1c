"""Taking a model out of the library. Only what Alcove put there itself is deleted."""

from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.models.installed import PLACE, InstalledModel
from app.models.records import Record, Records
from app.models.tuned import Tunings


@dataclass(frozen=True, slots=True)
class Removed:
    """`deleted`: the files that are gone; `freed`: bytes on the disk; `detail`: one sentence."""

    name: str
    deleted: tuple[Path, ...]
    freed: int
    detail: str


def remove(model: InstalledModel, records: Records) -> Removed:
    """Delete a model of Alcove's own, or only forget one that is used in place.

    Raises `AppError` for the starter, for files that Alcove did not put there, and when deleting fails.
    """
    if model.starter:
        raise AppError(
            f"“{model.name}” comes with Alcove and cannot be removed.",
            "Let another model answer instead; this one need not go for that.",
        )
    record = records.find(model.file)
    if record is None or (not record.owned and not record.in_place):
        raise AppError(
            f"Alcove did not put “{model.name}” into the models folder, so it does not delete it.",
            f"Delete {model.file} yourself if you no longer need it.",
        )
    copy = _drop_copy(model, records)
    if record.in_place:
        records.forget(model.file)
        return Removed(model.name, (), copy, _forgotten(model.name, record))
    deleted, freed = _delete(record, records)
    records.forget(model.file)
    return Removed(model.name, deleted, freed + copy, f"“{model.name}” was deleted.")


def _drop_copy(model: InstalledModel, records: Records) -> int:
    """Delete the copy that was tuned for this processor; bytes that are free again."""
    try:
        return Tunings(records.folder).drop(model.file)
    except OSError as error:
        raise AppError(
            f"The tuned copy of “{model.name}” cannot be deleted ({error.strerror or error}).",
            "Close every program that uses it and try again.",
        ) from error


def _forgotten(name: str, record: Record) -> str:
    if record.source.startswith(PLACE):
        return f"Alcove no longer uses “{name}”; the file stays with {record.source.removeprefix(PLACE)}."
    return f"Alcove no longer uses “{name}”; the file stays where it is."


def _delete(record: Record, records: Records) -> tuple[tuple[Path, ...], int]:
    """The first file goes first, so that nobody meets half a model; the record stays until all are gone."""
    files = [records.path(part) for part in record.parts]
    for file in files:
        if not file.parent.resolve().is_relative_to(records.folder.resolve()):
            raise AppError(
                f"{file} does not lie in the models folder, so it is not deleted.", "Delete it yourself."
            )
    deleted, freed = [], 0
    for file in files:
        try:
            size = file.lstat().st_size
            file.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AppError(
                f"{file} cannot be deleted ({error.strerror or error}).",
                "Close every program that uses it and try again.",
            ) from error
        deleted.append(file)
        freed += size
    return tuple(deleted), freed
