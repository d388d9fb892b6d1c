"""The offline kit: chosen models with their checksums on a stick, for a machine without a network.

A kit is a folder with the GGUF files, `alcove-kit.json` (what they are) and `SHA256SUMS`, so that anyone can
check it with `sha256sum -c SHA256SUMS`. What a kit says is not believed: it may come from anywhere. Models that are
folders of files stand in folders of it, see `kit_folders`.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.base.paths import is_there, person_path
from app.models.copying import BadSource, Copy, FileProgress, copy_together, hash_files, remove_leftovers
from app.models.disk import check_room
from app.models.gguf import read_facts
from app.models.importing import copy_in, find_twin
from app.models.installed import InstalledModel
from app.models.kit_manifest import (
    CHECKSUMS,
    MANIFEST,
    Kit,
    KitEntry,
    KitFile,
    read_manifest,
    stands_in,
    write_manifest,
)
from app.models.naming import is_plain, model_files, names_of_parts, part_names, safe_stem, stem_of
from app.models.records import Records

_MARGIN_BYTES = 16 << 20  # a stick may be filled to the brim

Outcome = Literal["copied", "already there", "damaged", "unusable"]  # unusable: whole, but it does not load


@dataclass(frozen=True, slots=True)
class KitModel:
    """What became of one model: a step of an export or an import. `detail`: one sentence."""

    name: str
    outcome: Outcome
    bytes: int
    detail: str


def export_kit(
    models: Sequence[InstalledModel],
    target: Path,
    records: Records,
    cancel: CancelToken,
    *,
    licences: Mapping[str, str] | None = None,
) -> Iterator[FileProgress | KitModel]:
    """Write a kit into the folder `target`, or add to the one there: `FileProgress`… and a `KitModel` each.

    What is there already with the right checksum is not copied again, so an export that was stopped goes on.
    `licences`: texts by the models' names. Raises `AppError` when there is no room, another file is in the
    way, or a model is damaged; a finished model stays in the kit.
    """
    target = person_path(target)
    _check_target(target, records)
    entries = _existing_kit(target)
    plans = [_plan(model, records, (licences or {}).get(model.name, "")) for model in models]
    if len({entry.files[0].file.casefold() for _, entry in plans}) < len(plans):
        raise AppError("Two of these models have the same name.", "Put them into kits of their own.")
    remove_leftovers(target)
    missing = [each.bytes for _, entry in plans for each in entry.files if not stands_in(target, each)]
    check_room(target, sum(missing), margin=_MARGIN_BYTES)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(target, error) from error
    for sources, plan in plans:
        entry, copied = yield from _export(sources, plan, entries, target, cancel)
        entries = [*(each for each in entries if each.name != entry.name), entry]
        _write_manifest(target, entries)
        detail = f"“{entry.name}” was copied." if copied else f"“{entry.name}” was there already."
        yield KitModel(entry.name, "copied" if copied else "already there", entry.bytes, detail)


def import_kit(folder: Path, records: Records, cancel: CancelToken) -> Iterator[FileProgress | KitModel]:
    """Install every sound model of the kit in `folder`: `FileProgress`… and a `KitModel` each.

    A damaged one is named and left out. Raises `AppError` when there is no kit, when its manifest names what
    are no plain files of the folder, and when there is no room.
    """
    folder = person_path(folder)
    entries = read_kit(folder)
    if entries is None:
        raise AppError(
            f"There is no kit in {folder}.",
            f"Choose the folder that holds {MANIFEST}, or import a GGUF file itself.",
        )
    for entry in entries:
        _check_files(entry, folder)
    for entry in entries:
        yield (yield from _install(entry, folder, records, cancel))


def read_kit(folder: Path) -> list[KitEntry] | None:
    """The GGUF models that the kit in `folder` says it holds; None without a kit. Raises `AppError` when it is damaged."""
    kit = read_manifest(folder)
    return None if kit is None else list(kit.models)


def _check_files(entry: KitEntry, folder: Path) -> None:
    """Raises `AppError` for a name that leads out of the folder, in itself or as a link."""
    names = [each.file for each in entry.files]
    remedy = "Do not use this kit; get it again from someone you trust."
    for name in names:
        if not is_plain(name):
            raise AppError(f"The kit names a file that cannot be part of it (“{name[:100]}”).", remedy)
        file = folder / name
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise AppError(f"“{name}” in the kit is not a plain file.", remedy)
    if tuple(names) != part_names(names[0]):
        raise AppError(f"The files of “{entry.name}” in the kit do not belong together.", remedy)


def _install(
    entry: KitEntry, folder: Path, records: Records, cancel: CancelToken
) -> Generator[FileProgress, None, KitModel]:
    files = [folder / each.file for each in entry.files]
    sha256 = [each.sha256 for each in entry.files]
    for file, each in zip(files, entry.files, strict=True):
        problem = _problem(file, each)
        if problem:
            return KitModel(entry.name, "damaged", entry.bytes, problem)
    twin = yield from find_twin(files, sha256, records, cancel, copied_only=True)
    if twin is not None:
        return KitModel(twin.name, "already there", entry.bytes, f"Alcove has “{twin.name}” already.")
    try:
        read_facts(files[0])
    except AppError as error:
        return KitModel(entry.name, "damaged", entry.bytes, str(error))
    name = stem_of(files[0].name)
    try:
        record = yield from copy_in(files, name, sha256, records, source="kit", cancel=cancel)
    except BadSource as error:
        return KitModel(entry.name, "damaged", entry.bytes, str(error))
    return KitModel(record.name, "copied", record.bytes, f"“{record.name}” was installed.")


def _problem(file: Path, expected: KitFile) -> str:
    try:
        size = file.stat().st_size
    except OSError as error:
        return f"“{file.name}” cannot be read ({error.strerror or error})."
    return "" if size == expected.bytes else f"“{file.name}” is damaged: {size} of {expected.bytes} bytes."


def _check_target(target: Path, records: Records) -> None:
    if target.resolve().is_relative_to(records.folder.resolve()):
        raise AppError("A kit cannot be written into the models folder.", "Choose another folder or a stick.")
    if is_there(target) and not target.is_dir():
        raise AppError(f"{target} is not a folder.", "Choose another folder or a stick.")


def _existing_kit(target: Path) -> list[KitEntry]:
    """The kit that is added to. Raises `AppError` when files that are no kit would be written over."""
    entries = read_kit(target)
    if entries is None and is_there(target / CHECKSUMS):
        raise AppError(
            f"{target} already has a file named {CHECKSUMS}.", "Choose an empty folder for the kit."
        )
    for entry in entries or []:
        _check_files(entry, target)
    return entries or []


def _plan(model: InstalledModel, records: Records, licence: str) -> tuple[list[Path], KitEntry]:
    """The files to copy, and the entry they will have; checksums are "" where none is recorded."""
    if model.missing:
        raise AppError(model.missing, "Leave it out of the kit.")
    record = records.find(model.file)
    sources = (
        list(model_files(model.file)) if record is None else [records.path(part) for part in record.parts]
    )
    sha256 = [""] * len(sources) if record is None else [part.sha256 for part in record.parts]
    names = names_of_parts(safe_stem(stem_of(f"{model.name}.gguf")), len(sources))
    try:
        sizes = [file.stat().st_size for file in sources]
    except OSError as error:
        raise AppError(
            f"{model.file} cannot be read ({error.strerror or error}).", "Leave it out."
        ) from error
    files = tuple(KitFile(*each) for each in zip(names, sizes, sha256, strict=True))
    return sources, KitEntry(model.name, files, model.source, licence)


def _export(
    sources: list[Path], plan: KitEntry, entries: Sequence[KitEntry], target: Path, cancel: CancelToken
) -> Generator[FileProgress, None, tuple[KitEntry, bool]]:
    """Copy what is not there yet; returns the entry with every checksum, and whether anything was copied."""
    ours = {each.file for entry in entries if entry.name == plan.name for each in entry.files}
    known: list[str] = []
    copies = []
    for source, each in zip(sources, plan.files, strict=True):
        place, sha256 = target / each.file, each.sha256
        there = place.exists() or place.is_symlink()
        if there and stands_in(target, each):
            if not sha256:
                (sha256,) = yield from hash_files([source], cancel)
            if (yield from hash_files([place], cancel)) == (sha256,):
                known.append(sha256)
                continue
        if there and each.file not in ours:
            raise AppError(
                f"{target} already has another file named {each.file}.", "Choose an empty folder for the kit."
            )
        known.append("")
        copies.append(Copy(source, place, sha256, replace=there))
    copied = iter((yield from copy_together(copies, cancel)))
    files = tuple(
        replace(each, sha256=sha256 or next(copied)) for each, sha256 in zip(plan.files, known, strict=True)
    )
    return replace(plan, files=files), bool(copies)


def _write_manifest(target: Path, entries: Sequence[KitEntry]) -> None:
    write_manifest(target, replace(read_manifest(target) or Kit(), models=tuple(entries)))
