"""Copies of models whose weights lie in a type that this processor computes faster. The original always stays.

They lie in a hidden folder of the models folder, each beside a small JSON file that is written last: a copy without
one is a leftover. A record without a copy says that nothing faster was found, so that it is not tried again.
"""

import hashlib
import json
import math
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from app.base.errors import AppError
from app.base.files import sync_folder, write_error, write_text
from app.hardware.processor import processor_key
from app.models.naming import model_files, safe_stem

FOLDER = ".tuned"
_LOCK_NAME = ".lock"
_NOW_NAME = ".now"  # beside the lock: which model is being tuned
_ENGINE = "llama-cpp-python"
_KEY = re.compile(r"\.([0-9a-f]{12})\.(?:json|gguf|later)$")
_TEXTS = ("original", "sha256", "processor", "engine", "kind", "copy_sha256")  # of a record
_FORGOTTEN_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How often as fast as the original it reads a prompt and writes, and what either makes of the same text. `rounds`: how
    often each speed was measured; of one measurement a tenth is chance.
    """

    reading: float
    writing: float
    perplexity: float
    original_perplexity: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning a model came to. `kind`: the type of the copy's weights, "" for none; `bytes` of the copy.

    `original`: the file it was made from, where it lay then; `sha256` of its bytes (of the first of several files);
    `processor` and `engine`: where the figures hold. `copy_sha256`: of the copy.
    """

    original: str
    sha256: str
    processor: str
    engine: str
    kind: str = ""
    bytes: int = 0
    figures: Figures | None = None
    copy_sha256: str = ""


class Tunings:
    """The tuned copies of one models folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def find(self, original: Path) -> Tuning | None:
        """What holds for this file as it is now, on this processor and with this engine; None when it was not tuned yet.

        A copy that is gone or damaged counts as not tuned.
        """
        try:
            place = self._record(original)
            found = _tuning(json.loads(place.read_bytes()))
            if (found.processor, found.engine) != (processor_key(), engine_version()):
                return None
            if found.kind and self._copy(original, found.kind).stat().st_size != found.bytes:
                return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return found

    def file(self, original: Path) -> Path | None:
        """The copy to use instead of `original`; None where there is none that fits."""
        found = self.find(original)
        return self._copy(original, found.kind) if found is not None and found.kind else None

    def put(self, original: Path, tuning: Tuning, written: Path | None) -> None:
        """Keep `tuning` instead of any other of this file. `written`: the copy, which is moved to its place.

        Raises `AppError` when it cannot be kept.
        """
        try:
            self.drop(original)
            if written is not None:
                with written.open("r+b") as stream:
                    os.fsync(stream.fileno())  # else the record might outlive a power cut, and the copy not
                written.replace(self._copy(original, tuning.kind))
                sync_folder(self.folder)
            write_text(self._record(original), json.dumps(asdict(tuning), indent=1) + "\n")
        except (AppError, OSError) as error:
            with suppress(OSError):  # without a record nobody would ever use the copy, or miss it
                self.drop(original)
            raise error if isinstance(error, AppError) else write_error(self.folder, error) from error

    def drop(self, original: Path) -> int:
        """Delete what is kept of this file, the record first; bytes that are free again. Raises `OSError`.

        What was made of a file that is gone is found by where that lay.
        """
        freed = 0
        for key in self._keys(original):
            for file in sorted(self.folder.glob(f"*.{key}.*"), key=lambda each: each.suffix != ".json"):
                freed += file.stat().st_size if file.suffix == ".gguf" else 0
                file.unlink()
        return freed

    def postpone(self, original: Path) -> None:
        """Somebody who waited gave up; told by an empty file. What cannot be written is tried again next time."""
        with suppress(OSError):
            self._postponed(original).touch()

    def is_postponed(self, original: Path) -> bool:
        try:
            return self._postponed(original).exists()
        except OSError:
            return False

    def sweep(self, originals: Iterable[Path]) -> None:
        """Delete copies of files that are neither among `originals` nor where they lay, those made for another version of
        the engine, and what a killed run left a day ago. Where even an original's folder is gone, its disk may come back.
        """
        keys = set()
        for each in originals:
            with suppress(OSError):
                keys.add(_key(each))
        with suppress(OSError):
            records = list(self._records())
            keys.update(key for key, each in records if _may_be(Path(each.original), key))
            keys.difference_update(key for key, each in records if each.engine != engine_version())
            for file in list(self.folder.iterdir()):
                found = _KEY.search(file.name)
                old = time.time() - file.stat().st_mtime > _FORGOTTEN_S
                if (found is not None and found[1] not in keys) or (file.suffix == ".part" and old):
                    file.unlink()

    @contextmanager
    def alone(self, original: Path) -> Iterator[None]:
        """Nobody else tunes meanwhile: two would only measure each other. Raises `AppError` when somebody does, and says so
        where they tune the very same.
        """
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _LOCK_NAME, timeout=0):
                try:
                    (self.folder / _NOW_NAME).write_text(_key(original), encoding="ascii")
                    yield
                finally:
                    (self.folder / _NOW_NAME).unlink(missing_ok=True)
        except Timeout as error:
            raise self._under_way(original) from error
        except OSError as error:
            raise write_error(self.folder, error) from error

    def _under_way(self, original: Path) -> AppError:
        with suppress(OSError):
            if (self.folder / _NOW_NAME).read_text(encoding="ascii", errors="replace") == _key(original):
                return AppError(
                    "This model is being tuned already.", "Its copy is used as soon as that has finished."
                )
        return AppError(
            "Another model is being tuned just now.", "Wait until that has finished, then try again."
        )

    def _keys(self, original: Path) -> list[str]:
        try:
            return [_key(original)]
        except FileNotFoundError:
            return [key for key, each in self._records() if Path(each.original) == original]

    def _records(self) -> Iterator[tuple[str, Tuning]]:
        for file in self.folder.glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
                if found := _KEY.search(file.name):
                    yield found[1], _tuning(json.loads(file.read_bytes()))

    def _record(self, original: Path) -> Path:
        return self.folder / f"{safe_stem(original.stem)}.{_key(original)}.json"

    def _postponed(self, original: Path) -> Path:
        return self.folder / f"{safe_stem(original.stem)}.{_key(original)}.later"

    def _copy(self, original: Path, kind: str) -> Path:
        return self.folder / f"{safe_stem(original.stem)}-tuned-{kind}.{_key(original)}.gguf"


@cache
def engine_version() -> str:
    """Of llama.cpp's package, told without importing it."""
    try:
        return version(_ENGINE)
    except PackageNotFoundError:
        return ""


def _may_be(place: Path, key: str) -> bool:
    """Whether the file of this key lies at `place`, or did so in a folder that cannot be seen now."""
    try:
        return _key(place) == key
    except FileNotFoundError:
        return not place.parent.exists()
    except OSError:
        return True


def _key(original: Path) -> str:
    """Changes when the file is replaced, not when its folder moves. Raises `OSError` when it is not there."""
    state = original.stat()
    size = sum(file.stat().st_size for file in model_files(original))
    text = f"{original.name}\0{size}\0{state.st_mtime_ns}"
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:12]


def _tuning(content: Any) -> Tuning:
    """Raises `KeyError`, `TypeError` or `ValueError` when it is none."""
    figures = content["figures"]
    texts = {name: content[name] for name in _TEXTS}
    if not all(isinstance(each, str) for each in texts.values()) or not isinstance(content["bytes"], int):
        raise TypeError("no record of a tuned model")
    if not re.fullmatch(r"[A-Z0-9_]*", texts["kind"]):
        raise ValueError("no type of weights")
    return Tuning(**texts, bytes=content["bytes"], figures=None if figures is None else _figures(figures))


def _figures(content: Any) -> Figures:
    values = {
        name: float(content[name]) for name in ("reading", "writing", "perplexity", "original_perplexity")
    }
    if not all(math.isfinite(each) for each in values.values()):
        raise ValueError("no sensible number")
    return Figures(**values, rounds=int(content["rounds"]))
