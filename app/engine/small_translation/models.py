"""The small translation models that are installed: each in a folder `translation/de-en` of the models folder.

They are the Firefox Translations models (Mozilla, MPL-2.0; 17 to 44 MB a pair), run by fxtranslate (MPL-2.0, 1.7 MB).
CTranslate2 (MIT, 42 MB) could run OPUS-MT besides, after a conversion that needs torch; one engine is enough.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.base.files import replace_folder, writing
from app.base.jobs import CancelToken
from app.base.paths import is_there, person_path
from app.base.scratch import abandoned, owned_name
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.recognising import (
    PACKED,
    ModelFiles,
    files_in,
    pair_of,
    recognise,
    route_of,
    unpacked_name,
)
from app.models.disk import check_room

_MOST_FILES = 20_000  # of a folder to import from; no repository of such models has a tenth of it
_PACKING = 3  # how much smaller packing makes a model at most
_NEW, _OLD = ".new-", "old"


@dataclass(frozen=True, slots=True)
class SmallModel:
    """An installed model; `bytes` on the disk."""

    source: str
    target: str
    folder: Path
    bytes: int

    @property
    def pair(self) -> str:
        return f"{self.source}-{self.target}"


class SmallModels:
    """`folder`: the models folder. Whatever is not a complete model there is left out, and left alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "translation"

    def installed(self) -> tuple[SmallModel, ...]:
        """By source and target. Reads names and sizes only."""
        try:
            found = [_installed(each) for each in self.folder.iterdir() if not each.name.startswith(".")]
        except OSError:  # nothing was installed yet, or its disk is not connected
            return ()
        models = (model for model in found if model is not None)
        return tuple(sorted(models, key=lambda model: (model.source, model.target)))

    def route(self, source: str, target: str) -> tuple[SmallModel, ...]:
        """What translates from `source` into `target`: one model, two by way of English, or ()."""
        return route_of(self.installed(), source, target)

    def languages(self) -> tuple[str, ...]:
        """Codes of all languages that some model reads or writes, in order."""
        return tuple(sorted({code for model in self.installed() for code in (model.source, model.target)}))

    def import_folder(
        self, path: Path, translation: SmallTranslation, cancel: CancelToken
    ) -> tuple[SmallModel, ...]:
        """Install every model that lies in `path` or in folders below it; the files there stay as they are.

        Raises `AppError` when there is none, or one does not work; those before it are then installed.
        """
        path = person_path(path)
        if not is_there(path) or not path.is_dir():
            raise AppError(f"{path} is not a folder.", "Choose the folder that the model's files are in.")
        names = _names_below(path, cancel)
        models = recognise(names)
        if not models:
            raise _nothing_in(path, names)
        return tuple(self.install(files, path.parent, translation, cancel) for files in models)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder beside the models, gone afterwards, as is what killed processes left of theirs."""
        for left in abandoned(self.folder, f"{_NEW}*"):
            if not (left / _OLD).exists():  # else killed between two renames: an installed model is in it
                shutil.rmtree(left, ignore_errors=True)
        aside = self.folder / owned_name(_NEW)
        with writing(self.folder):
            aside.mkdir(parents=True)
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def install(
        self, files: ModelFiles, folder: Path, translation: SmallTranslation, cancel: CancelToken
    ) -> SmallModel:
        """Copy or unpack the files of one model (paths below `folder`), try it out, and put it in place.

        A model for the same pair is replaced. Raises `AppError` and `Cancelled`; then nothing has changed.
        """
        target = self.folder / f"{files.source}-{files.target}"
        with self.staging() as staging:
            aside = staging / target.name  # the name of the folder tells the pair where names of files do not
            with writing(target):
                sizes = ((folder / each).stat().st_size for each in files.paths)
                check_room(self.folder, sum(sizes) * _PACKING)
                aside.mkdir()
                for each in files.paths:
                    cancel.raise_if_cancelled()
                    _take(folder / each, aside, translation, cancel)
            translation.try_out(aside, cancel)
            cancel.raise_if_cancelled()
            with writing(target):
                _put_in_place(aside, target)
        model = _installed(target)
        assert model is not None
        return model

    def remove(self, pair: str) -> SmallModel:
        """Delete the model of a pair (`de-en`); returns what it was. Raises `AppError`."""
        wanted = pair_of(pair)
        model = next((each for each in self.installed() if (each.source, each.target) == wanted), None)
        if model is None:
            there = ", ".join(each.pair for each in self.installed())
            raise AppError(
                f"No translation model “{pair}” is installed.",
                f"Installed: {there}." if there else "See “alcove models translation list --available”.",
            )
        try:
            for file in _files_of(model.folder):
                file.unlink()
            if not any(model.folder.iterdir()):  # what somebody else put there stays
                model.folder.rmdir()
        except OSError as error:
            raise AppError(
                f"{model.folder} could not be removed ({error.strerror or error}).",
                "Close every program that uses it and try again.",
            ) from error
        return model


def _files_of(folder: Path, pair: str = "") -> tuple[Path, ...]:
    """The files of the model in `folder`, which names its pair unless told; () when not complete. Raises `OSError`."""
    found = files_in(pair or folder.name, (each.name for each in folder.iterdir()))
    return () if found is None else tuple(folder / Path(path).name for path in found.paths)


def _installed(folder: Path) -> SmallModel | None:
    pair = pair_of(folder.name)
    try:
        files = _files_of(folder) if pair is not None and folder.is_dir() else ()
        if pair is None or not files or any(each.name.endswith(PACKED) for each in files):
            return None
        return SmallModel(*pair, folder, sum(each.stat().st_size for each in files))
    except OSError:
        return None


def _names_below(folder: Path, cancel: CancelToken) -> list[str]:
    """Paths of the files below `folder`, with `/`, beginning with its own name: that may say what they are."""
    names: list[str] = []
    for place, folders, files in os.walk(folder):
        cancel.raise_if_cancelled()
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        names += [Path(place, each).relative_to(folder.parent).as_posix() for each in files]
        if len(names) > _MOST_FILES:
            raise AppError(
                f"{folder} holds too many files.", "Choose the folder that the model's files are in."
            )
    return names


def _nothing_in(folder: Path, names: list[str]) -> AppError:
    """Says what is missing where some files of a model are there."""
    own = [unpacked_name(name.rpartition("/")[2]) for name in names]
    model = any(name.startswith("model.") and name.endswith(".alphas.bin") for name in own)
    vocabulary = any(name.endswith(".spm") for name in own)
    if model and not vocabulary:
        what = f"{folder} has a translation model, but its vocabulary (vocab.….spm) is missing."
    elif vocabulary and not model:
        what = f"{folder} has a vocabulary, but the model itself (model.….intgemm.alphas.bin) is missing."
    else:
        what = f"There is no Firefox translation model in {folder}."
    return AppError(
        what, "Choose a folder with the files of a model, named such as model.deen.intgemm.alphas.bin."
    )


def _take(file: Path, folder: Path, translation: SmallTranslation, cancel: CancelToken) -> None:
    if file.name.endswith(PACKED):
        translation.unpack(file, folder / unpacked_name(file.name), cancel)
    else:
        shutil.copyfile(file, folder / file.name)


def _put_in_place(aside: Path, target: Path) -> None:
    """What somebody else put into the old folder goes over. Raises `OSError`; then the old model is there again."""
    old = aside.with_name(_OLD)
    replace_folder(aside, target, old)
    if old.exists():
        own = {file.name for file in (*_files_of(target), *_files_of(old, target.name))}
        for other in old.iterdir():
            if other.name not in own:
                other.replace(target / other.name)
