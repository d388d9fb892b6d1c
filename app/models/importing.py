"""Taking a GGUF file into the library: copied into the models folder, or used where it lies."""

import itertools
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.base.paths import is_there, person_path
from app.models.copying import Copy, FileProgress, copy_together, hash_files, remove_leftovers
from app.models.disk import check_room
from app.models.gguf import read_facts
from app.models.installed import InstalledModel, installed_models
from app.models.naming import free_names, model_files, safe_stem, shown, stem_of
from app.models.records import Record, Records

Outcome = Literal["copied", "in place", "already there"]


@dataclass(frozen=True, slots=True)
class Imported:
    """The end of an import. `name` and `file`: how the model is known from now on; `detail`: one sentence."""

    outcome: Outcome
    name: str
    file: Path
    bytes: int
    detail: str


def import_model(
    file: Path,
    records: Records,
    *,
    copy: bool,
    cancel: CancelToken,
    name: str | None = None,
    source: str = "import",
    sha256: str = "",
) -> Iterator[FileProgress | Imported]:
    """Add the model that begins with `file`: `FileProgress`…, `Imported`.

    `copy` False leaves it where it is and only remembers it. `name`: what to call it instead of by its file
    name; `sha256` of its one file where it is known. Raises `AppError` for what is no model, for no room, and
    for files that cannot be read or written. Nothing is left when it fails or is stopped.
    """
    file = person_path(file)
    if is_there(file) and not file.is_file():
        raise AppError(f"{file} is not a file.", "Choose a GGUF file.")
    facts = read_facts(file)
    files = model_files(file) if facts.parts > 1 else (file,)
    stem = shown(name or stem_of(file.name))
    known = (sha256,) if len(files) == 1 and sha256 else ()
    twin = yield from find_twin(files, known, records, cancel, copied_only=copy)
    if twin is not None:
        yield Imported("already there", twin.name, twin.file, facts.file_bytes,
                       f"Alcove has this model already, as “{twin.name}”; nothing was added.")  # fmt: skip
    elif copy:
        record = yield from copy_in(files, stem, known, records, source=source, cancel=cancel)
        target = records.path(record.parts[0])
        yield Imported(
            "copied", record.name, target, record.bytes, f"“{record.name}” was copied to {target}."
        )
    else:
        yield _used_in_place(files, _free_name(stem, records), known, records, source)


def copy_in(
    files: Sequence[Path],
    name: str,
    sha256: Sequence[str],
    records: Records,
    *,
    source: str,
    cancel: CancelToken,
) -> Generator[FileProgress, None, Record]:
    """Copy the files of a model into the models folder under a free name, and record it as Alcove's own.

    Raises `AppError` as `import_model` does, `BadSource` also when a file does not have its `sha256`.
    """
    folder = records.folder
    remove_leftovers(folder)
    check_room(folder, sum(file.stat().st_size for file in files))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    names = free_names(folder, safe_stem(name), len(files), taken_names(records))
    expected = [*sha256, *[""] * (len(files) - len(sha256))]
    copies = [
        Copy(file, folder / target, known) for file, target, known in zip(files, names, expected, strict=True)
    ]
    digests = yield from copy_together(copies, cancel)
    targets = [each.target for each in copies]
    try:
        record = records.describe(
            targets, name=targets[0].stem, source=source, owned=True, sha256=digests, loads=False
        )
        records.put(record)
    except BaseException:
        for target in targets:
            target.unlink(missing_ok=True)
        raise
    return record


def find_twin(
    files: Sequence[Path], sha256: Sequence[str], records: Records, cancel: CancelToken, *, copied_only: bool
) -> Generator[FileProgress, None, InstalledModel | None]:
    """The installed model with the same bytes, if any; checksums are compared only where all sizes agree.

    `copied_only`: look only in the models folder, not at models used in place.
    """
    for model in installed_models(records.folder):
        theirs = model_files(model.file)
        if model.starter or (copied_only and not model.file.is_relative_to(records.folder)):
            continue
        if not _same_sizes(files, theirs):
            continue
        if all(mine.samefile(other) for mine, other in zip(files, theirs, strict=True)):
            return model
        if len(sha256) != len(files):
            sha256 = yield from hash_files(files, cancel)
        with suppress(AppError):  # one that cannot be read is no reason not to take this one
            their_sha256 = yield from hash_files(theirs, cancel)
            if their_sha256 == tuple(sha256):
                return model
    return None


def _same_sizes(files: Sequence[Path], others: Sequence[Path]) -> bool:
    try:
        return [each.stat().st_size for each in files] == [each.stat().st_size for each in others]
    except OSError:
        return False


def _used_in_place(
    files: Sequence[Path], name: str, sha256: Sequence[str], records: Records, source: str
) -> Imported:
    try:
        record = records.describe(files, name=name, source=source, owned=False, sha256=sha256, loads=False)
    except OSError as error:
        raise AppError(
            f"{files[0]} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    records.put(record)
    detail = f"“{name}” is used where it is, {files[0]}; it disappears from Alcove when it is deleted there."
    return Imported("in place", name, files[0], record.bytes, detail)


def taken_names(records: Records) -> set[str]:
    """Every name a model is asked for by, without regard to case; of missing ones too."""
    names = [each.name for each in installed_models(records.folder)] + [each.name for each in records.all()]
    return {name.casefold() for name in names}


def _free_name(wanted: str, records: Records) -> str:
    taken = taken_names(records)
    names: Iterator[str] = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name.casefold() not in taken)
