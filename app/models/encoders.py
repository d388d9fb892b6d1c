"""The installed models of the library: sentence encoders, rerankers and readers, each a folder `encoders/NAME` of the models folder.

A folder holds the files as the model's makers published them, and a card of Alcove's own beside them. The starter is
not among them.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from app.base.errors import AppError
from app.base.files import replace_folder, sha256_of, write_text, writing
from app.base.scratch import abandoned, owned_name
from app.models.encoder_files import KINDS, WEIGHTS, Kind, check_files, files_below, prompts_in
from app.models.naming import safe_stem

CARD = "alcove.json"
_SUBFOLDER = "encoders"
_NEW = ".new-"  # a folder that files are copied into
_OLD = "-old"  # after the name of a model that is being replaced


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What is put before a question and before a passage, before they become vectors."""

    query: str = ""
    passage: str = ""


NO_PREFIXES = Prefixes()


@dataclass(frozen=True, slots=True)
class Card:
    """What Alcove notes of a model. `source`: "hub:owner/name@commit" or "import"; `weights`: SHA-256 of all of them.

    `prefixes`: those of the catalogue; the model's own files go first (`prefixes_of`).
    """

    title: str
    kind: Kind
    source: str
    weights: str
    prefixes: Prefixes = NO_PREFIXES


@dataclass(frozen=True, slots=True)
class EncoderModel:
    """An installed model; `name`, its folder's, is the id to ask for it by."""

    name: str
    folder: Path
    bytes: int
    card: Card


class Encoders:
    """`folder`: the models folder. What is no whole model there is left out, and left alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _SUBFOLDER

    def installed(self, kind: Kind | None = None) -> tuple[EncoderModel, ...]:
        """By name. Reads names, sizes and cards only."""
        try:
            folders = sorted(self.folder.iterdir(), key=lambda each: each.name.casefold())
        except OSError:  # nothing was installed yet, or its disk is not connected
            return ()
        found = (_installed(each) for each in folders if not each.name.startswith("."))
        return tuple(each for each in found if each is not None and kind in (None, each.card.kind))

    def find(self, name: str, kind: Kind) -> EncoderModel:
        """In whatever case the name is written. Raises `AppError` that lists what there is."""
        there = self.installed(kind)
        for each in there:
            if each.name.casefold() == name.casefold():
                return each
        names = ", ".join(each.name for each in there)
        raise AppError(
            f"No {KINDS[kind]} “{name}” is installed.",
            f"Installed: {names}." if names else "Download or import one first.",
        )

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder beside the models, gone afterwards."""
        self._mend()
        aside = self.folder / owned_name(_NEW)
        with writing(aside):
            aside.mkdir(parents=True)
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def put_in_place(
        self, aside: Path, title: str, source: str, prefixes: Prefixes = NO_PREFIXES
    ) -> EncoderModel:
        """Make the files in `aside` an installed model named by `title`; it takes the place of one of that name.

        Raises `AppError` as `check_files` does, and when they cannot be written; then nothing has changed.
        """
        kind = check_files(aside)
        self._mend()
        target = self.folder / folder_name(title)
        with writing(target):
            card = Card(title, kind, source, _digest(aside), prefixes)
            write_text(aside / CARD, json.dumps(asdict(card), indent=1))
            old = target.with_name(f".{target.name}{_OLD}")
            replace_folder(aside, target, old)
            shutil.rmtree(old, ignore_errors=True)
        model = _installed(target)
        assert model is not None
        return model

    def _mend(self) -> None:
        """After a kill: a model that was about to be replaced is put back, what was half copied goes."""
        for old in self.folder.glob(f".*{_OLD}"):
            target = old.with_name(old.name[1 : -len(_OLD)])
            if target.exists():
                shutil.rmtree(old, ignore_errors=True)
            else:
                with writing(target):
                    old.replace(target)
        for new in abandoned(self.folder, f"{_NEW}*"):
            shutil.rmtree(new, ignore_errors=True)

    def remove(self, model: EncoderModel) -> None:
        """Delete a model. Raises `AppError`."""
        try:
            (model.folder / CARD).unlink()  # first, so that nobody meets half a model
            shutil.rmtree(model.folder)
        except OSError as error:
            raise AppError(
                f"{model.folder} could not be removed ({error.strerror or error}).",
                "Close every program that uses it and try again.",
            ) from error


def folder_name(title: str) -> str:
    """Of the folder a model called `title` is installed in, which is its name."""
    return safe_stem(title).lower()


def read_card(folder: Path) -> Card | None:
    """The card in a model's folder; None for a folder that is not Alcove's."""
    try:
        kept = json.loads((folder / CARD).read_text(encoding="utf-8"))
        prefixes = Prefixes(str(kept["prefixes"]["query"]), str(kept["prefixes"]["passage"]))
        kind = next(each for each in KINDS if each == kept["kind"])
        return Card(str(kept["title"]), kind, str(kept["source"]), str(kept["weights"]), prefixes)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def prefixes_of(folder: Path) -> Prefixes:
    """Those of the model's own files where they say any, else those of its card."""
    own = prompts_in(folder)
    if own is not None:
        return Prefixes(*own)
    card = read_card(folder)
    return NO_PREFIXES if card is None else card.prefixes


def _installed(folder: Path) -> EncoderModel | None:
    card = read_card(folder)
    if card is None:
        return None
    try:
        size = sum((folder / name).stat().st_size for name in files_below(folder))
    except OSError:
        return None
    return EncoderModel(folder.name, folder, size, card)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in sorted(files_below(folder)):
        if name.endswith(WEIGHTS):
            digest.update(f"{name} {sha256_of(folder / name)}\n".encode())
    return digest.hexdigest()
