"""What Alcove knows of each model beyond the file itself: one small JSON file in the models folder.

The folder may hold models that Alcove did not put there, and models of other apps are used where they lie.
Only what is recorded here as Alcove's own is ever deleted.
"""

import json
import math
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.base.errors import AppError
from app.base.files import write_error, write_text

FILE_NAME = "alcove-models.json"
_VERSION = 1
_LOCK_NAME = ".alcove-models.lock"
_LOCK_S = 10.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Part:
    """One file. `file`: relative to the models folder (with `/`), or absolute for one used where it lies.

    `bytes` and `modified` (nanoseconds, from `stat`) when it was recorded; `sha256` in hex, "" unknown.
    """

    file: str
    bytes: int
    modified: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA file, used where it lies. `file`: absolute; `scale`: how strongly it counts, 1 as it was trained."""

    file: str
    scale: float


@dataclass(frozen=True, slots=True)
class Record:
    """One model. `source`: `hub:repo@commit/file`, `import`, `place:<app>`, `kit`, `quantised:<name>`, `found` or
    `starter`.

    `added`: seconds since 1970. `owned`: Alcove put the files there and may delete them. `adapters`: in the order
    they were attached. `loads` False: it was not loaded here yet, or failed to.
    """

    name: str
    parts: tuple[Part, ...]
    source: str
    added: float
    owned: bool
    adapters: tuple[Adapter, ...] = ()
    loads: bool = True

    @property
    def file(self) -> str:
        return self.parts[0].file

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)

    @property
    def in_place(self) -> bool:
        """Whether it lies outside the models folder."""
        return not self.owned and Path(self.file).is_absolute()


class Records:
    """The records of one models folder. Every call reads them anew: another Alcove may have changed them."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - Path.absolute keeps `..`
        self._file = self.folder / FILE_NAME

    def all(self) -> list[Record]:
        """Every record, in the order they were added. None when the file is damaged or cannot be read."""
        try:
            return self._load()[0]
        except (OSError, ValueError):
            return []

    def find(self, file: Path) -> Record | None:
        """The record of the model that begins with `file`."""
        key = self._key(file)
        return next((each for each in self.all() if self._key(self.path(each.parts[0])) == key), None)

    def path(self, part: Part) -> Path:
        return self.folder / part.file

    def describe(
        self,
        files: Sequence[Path],
        *,
        name: str,
        source: str,
        owned: bool,
        sha256: Sequence[str] = (),
        loads: bool = True,
    ) -> Record:
        """A record, not yet kept, of a model as its files are now. Raises `OSError` as `stat` does."""
        parts = []
        for index, file in enumerate(files):
            now = file.stat()
            known = sha256[index] if index < len(sha256) else ""
            parts.append(Part(self._relative(file), now.st_size, now.st_mtime_ns, known))
        return Record(name, tuple(parts), source, time.time(), owned, loads=loads)

    def put(self, record: Record) -> None:
        """Keep `record` instead of any other of the same file, whose adapters it takes over.

        Raises `AppError` when it cannot be saved.
        """
        with self._changing() as records:
            at = self._place(record, records)
            if at < len(records):
                records[at] = replace(record, adapters=records[at].adapters)
            else:
                records.append(record)

    def put_adapters(self, record: Record, adapters: Sequence[Adapter]) -> None:
        """Let the model have these adapters; `record` is kept where there is none yet. Raises as `put` does."""
        with self._changing() as records:
            at = self._place(record, records)
            known = records[at] if at < len(records) else record
            records[at : at + 1] = [replace(known, adapters=tuple(adapters))]

    def mark_loading(self, file: Path) -> None:
        """The model that begins with `file` was loaded here, if it is recorded. Raises `AppError` as `put` does."""
        key = self._key(file)
        with self._changing() as records:
            records[:] = [
                replace(each, loads=True) if self._key(self.path(each.parts[0])) == key else each
                for each in records
            ]

    def forget(self, file: Path) -> None:
        """Drop the record of the model that begins with `file`. Raises `AppError` as `put` does."""
        key = self._key(file)
        with self._changing() as records:
            records[:] = [each for each in records if self._key(self.path(each.parts[0])) != key]

    @contextmanager
    def _changing(self) -> Iterator[list[Record]]:
        """The records to change, written when the block ends well; one process and thread at a time."""
        from filelock import (
            FileLock,
            Timeout,
        )  # drags in asyncio, which a window that only reads does not need

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _LOCK_NAME, timeout=_LOCK_S):
                records, strange = self._load_or_set_aside()
                yield records
                content = {"version": _VERSION, "models": [*(asdict(each) for each in records), *strange]}
                write_text(self._file, json.dumps(content, indent=1) + "\n")
        except Timeout as error:
            raise AppError(
                "Another Alcove is changing the list of models and does not finish.",
                "Close it and try again.",
            ) from error
        except OSError as error:
            raise write_error(self._file, error) from error

    def _load_or_set_aside(self) -> tuple[list[Record], list[Any]]:
        """A damaged file is kept beside the new one, never overwritten unseen."""
        try:
            return self._load()
        except ValueError:
            self._file.replace(self._file.with_suffix(".damaged.json"))
            return [], []

    def _load(self) -> tuple[list[Record], list[Any]]:
        """The records, and entries that only a newer Alcove may understand.

        Raises `OSError`, and `ValueError` when the file is damaged.
        """
        try:
            content = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return [], []
        except RecursionError as error:
            raise ValueError("nested without end") from error
        entries = content.get("models") if isinstance(content, dict) else None
        if not isinstance(entries, list):
            raise ValueError("no list of models")
        records, strange = [], []
        for entry in entries:
            try:
                records.append(_record(entry))
            except (KeyError, TypeError, ValueError):
                strange.append(entry)
        return records, strange

    def _place(self, record: Record, records: Sequence[Record]) -> int:
        """Where the record of the same file is; behind the last one when there is none."""
        key = self._key(self.path(record.parts[0]))
        same = (n for n, each in enumerate(records) if self._key(self.path(each.parts[0])) == key)
        return next(same, len(records))

    def _relative(self, file: Path) -> str:
        with suppress(ValueError):
            return file.relative_to(self.folder).as_posix()
        return str(file)

    @staticmethod
    def _key(file: Path) -> str:
        """One file has one key, whatever the case of its name where case does not count."""
        return os.path.normcase(os.path.abspath(file))  # noqa: PTH100


def _record(entry: Any) -> Record:
    """Raises `KeyError`, `TypeError` or `ValueError` when it is none."""
    parts = tuple(
        Part(**_typed(part, file=str, bytes=int, modified=int, sha256=str)) for part in entry["parts"]
    )
    values = _typed(entry, name=str, source=str, added=(int, float), owned=bool)
    if not parts or not values["name"]:
        raise ValueError("a model without a file or a name")
    for part in parts:
        if not part.file or part.bytes < 0 or not (part.sha256 == "" or _SHA256.fullmatch(part.sha256)):
            raise ValueError("a part that is none")
        if ".." in Path(part.file).parts:
            raise ValueError("a file outside the folder")
    adapters = tuple(map(_adapter, entry.get("adapters", ())))
    return Record(parts=parts, adapters=adapters, loads=entry.get("loads") is not False, **values)


def _adapter(entry: Any) -> Adapter:
    """Raises as `_record` does."""
    adapter = Adapter(**_typed(entry, file=str, scale=(int, float)))
    if not Path(adapter.file).is_absolute() or not math.isfinite(adapter.scale):
        raise ValueError("an adapter that is none")
    return adapter


def _typed(entry: Any, **kinds: type | tuple[type, ...]) -> dict[str, Any]:
    for key, kind in kinds.items():
        if not isinstance(entry[key], kind) or (isinstance(entry[key], bool) and kind is not bool):
            raise TypeError(key)
    return {key: entry[key] for key in kinds}
