"""Models in an offline kit that are folders of files: what searches, reranks or reads, and the small translation models.

They stand in `encoders/NAME` and `translation/de-en` of the kit. As for GGUF files, nothing a kit says is believed.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import get_args

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.base.paths import person_path
from app.models.copying import Copy, FileProgress, copy_together, hash_files, remove_leftovers
from app.models.disk import check_room
from app.models.kit import KitModel
from app.models.kit_manifest import (
    FolderKind,
    Kit,
    KitFile,
    KitFolder,
    read_manifest,
    stands_in,
    write_manifest,
)
from app.models.naming import safe_stem

_MARGIN_BYTES = 16 << 20
_DEEPEST = 2  # a file at the top of its model, or in a folder there


@dataclass(frozen=True, slots=True)
class FolderModel:
    """An installed model to export: `files` are paths below `folder`, with `/`. `bytes`: of all of them, about."""

    kind: FolderKind
    name: str
    folder: Path
    files: tuple[str, ...]
    source: str = ""
    licence: str = ""
    bytes: int = 0


def export_folders(
    models: Sequence[FolderModel], target: Path, cancel: CancelToken
) -> Iterator[FileProgress | KitModel]:
    """Add `models` to the kit in the folder `target`, or begin one: `FileProgress`… and a `KitModel` each.

    What is there already with the right checksum is not copied again. Raises `AppError` as `kit.export_kit` does.
    """
    target = person_path(target)
    kit = read_manifest(target) or Kit()
    _remove_leftovers(target)
    files = [_files(each) for each in models]
    missing = [each.bytes for of_model in files for each in of_model if not stands_in(target, each)]
    check_room(target, sum(missing), margin=_MARGIN_BYTES)
    for model, of_model in zip(models, files, strict=True):
        sha256 = yield from hash_files([model.folder / name for name in model.files], cancel)
        of_model = tuple(replace(each, sha256=digest) for each, digest in zip(of_model, sha256, strict=True))
        folder = KitFolder(model.name, of_model, model.source, model.licence, model.kind)
        copied = yield from _copy(model, folder, target, cancel)
        others = tuple(each for each in kit.folders if not _same(each, model.kind, model.name))
        kit = replace(kit, folders=(*others, folder))
        write_manifest(target, kit)
        detail = f"“{model.name}” was {'copied' if copied else 'there already'}."
        yield KitModel(model.name, "copied" if copied else "already there", folder.bytes, detail)


def folders_in(kit: Path) -> tuple[KitFolder, ...]:
    """The models of the kit that are folders, () without a kit. Raises `AppError` when it is damaged, or names what leads out."""
    kit = person_path(kit)
    found = read_manifest(kit)
    for each in found.folders if found is not None else ():
        _check_names(each, kit)
    return found.folders if found is not None else ()


def take_out(
    model: KitFolder, kit: Path, aside: Path, cancel: CancelToken
) -> Generator[FileProgress, None, None]:
    """Copy the files of `model` into the empty folder `aside`, each as its checksum says. Raises `AppError` and `Cancelled`."""
    kit = person_path(kit)
    _check_names(model, kit)
    check_room(aside, model.bytes)
    copies = [Copy(kit / each.file, aside / _inside(each), each.sha256) for each in model.files]
    _make_folders(each.target.parent for each in copies)
    yield from copy_together(copies, cancel)


def names_inside(model: KitFolder) -> tuple[str, ...]:
    """Its files as they are called in their own folder."""
    return tuple(_inside(each) for each in model.files)


def _files(model: FolderModel) -> tuple[KitFile, ...]:
    """What of it goes into a kit, checksums "" as yet."""
    try:
        return tuple(
            KitFile(f"{model.kind}/{model.name}/{name}", (model.folder / name).stat().st_size, "")
            for name in model.files
        )
    except OSError as error:
        raise AppError(
            f"{model.folder} cannot be read ({error.strerror or error}).", "Leave it out of the kit."
        ) from error


def _copy(
    model: FolderModel, folder: KitFolder, target: Path, cancel: CancelToken
) -> Generator[FileProgress, None, bool]:
    """Copy those of its files that are not there as they should be; returns whether that was any."""
    there = [each for each in folder.files if stands_in(target, each)]
    sha256 = yield from hash_files([target / each.file for each in there], cancel)
    whole = {each.file for each, digest in zip(there, sha256, strict=True) if digest == each.sha256}
    copies = [
        Copy(model.folder / name, target / each.file, each.sha256, replace=True)
        for name, each in zip(model.files, folder.files, strict=True)
        if each.file not in whole
    ]
    _make_folders(each.target.parent for each in copies)
    yield from copy_together(copies, cancel)
    return bool(copies)


def _remove_leftovers(target: Path) -> None:
    below = (folder for kind in get_args(FolderKind) for folder in (target / kind).glob("**/"))
    for folder in (target, *below):
        remove_leftovers(folder)


def _make_folders(folders: Iterable[Path]) -> None:
    for folder in dict.fromkeys(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(folder, error) from error


def _same(folder: KitFolder, kind: FolderKind, name: str) -> bool:
    return (folder.kind, folder.name.casefold()) == (kind, name.casefold())


def _inside(file: KitFile) -> str:
    return "/".join(PurePosixPath(file.file).parts[2:])


def _check_names(model: KitFolder, kit: Path) -> None:
    """Raises `AppError` for a name that leads out of the model's folder, in itself or as a link."""
    remedy = "Do not use this kit; get it again from someone you trust."
    for each in model.files:
        parts = each.file.split("/")
        below = parts[2:]
        plain = all(part and not part.startswith(".") and safe_stem(part) == part for part in parts)
        if parts[:2] != [model.kind, model.name] or not 0 < len(below) <= _DEEPEST or not plain:
            raise AppError(f"The kit names a file that cannot be part of it (“{each.file[:100]}”).", remedy)
        places = [kit.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
        if any(place.is_symlink() for place in places) or (places[-1].exists() and not places[-1].is_file()):
            raise AppError(f"“{each.file}” in the kit is not a plain file.", remedy)
    if len({each.file.casefold() for each in model.files}) < len(model.files):
        raise AppError(f"The files of “{model.name}” in the kit do not belong together.", remedy)
