"""Several downloads at once, paused and resumed by the person, and still there after a restart.

The list is kept in one small JSON file; what has arrived of each model is kept by its own parts. Every running
download has a thread; none is left after `close`.
"""

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from app.base.errors import AppError, Cancelled
from app.base.files import write_text
from app.base.jobs import CancelToken
from app.base.logs import describe_bug
from app.models.download.address import HUB, FileAddress
from app.models.download.pace import BandwidthLimit, Patience
from app.models.download.remote import RemoteFile, look_up
from app.models.download.split_model import discard_all, download_all
from app.models.download.transfer import (
    MARGIN_BYTES,
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)

State = Literal["waiting", "running", "paused", "failed", "done"]

_log = logging.getLogger(__name__)
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model to download: the files of one model (several for a split one), and the folder they go to."""

    repo: str
    files: tuple[str, ...]
    folder: Path
    endpoint: str = HUB
    revision: str = "main"

    @property
    def addresses(self) -> list[FileAddress]:
        return [FileAddress(self.repo, file, self.endpoint, self.revision) for file in self.files]

    @property
    def places(self) -> frozenset[Path]:
        """Where its files will lie."""
        return frozenset(self.folder / PurePosixPath(file).name for file in self.files)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the queue. `note` says what is going on or went wrong, in sentences; `file`: once it is done."""

    id: str
    wanted: Wanted
    state: State
    note: str = ""
    bytes_done: int = 0
    bytes_total: int = 0
    bytes_per_s: float = 0.0
    seconds_left: float | None = None
    checking: bool = False
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Accepting:
    """Everything has arrived; now it is looked at by whoever wanted it."""

    file: Path
    was_there: bool


Accept = Callable[[Sequence[RemoteFile], DownloadFinished, CancelToken], Iterable[object]]


class DownloadQueue:
    """`at_once` downloads run, the others wait in order. Safe to use from several threads.

    `file` keeps the list; entries that were running or waiting come back paused, or go on where `go_on` is set.
    `token_for(endpoint)` is asked when a download starts. `accept` is called with the files that have arrived, on
    the download's thread, also when it was stopped just then; a row is done when it has ended, and failed with the
    `AppError` it raises. `reject` takes a model back that has arrived and was not accepted, when its row is removed.
    """

    def __init__(
        self,
        file: Path,
        *,
        token_for: Callable[[str], str | None],
        accept: Accept | None = None,
        reject: Callable[[Path], None] | None = None,
        at_once: int = 2,
        go_on: bool = False,
        limit: BandwidthLimit | None = None,
        patience: Patience | None = None,
        margin_bytes: int = MARGIN_BYTES,
    ) -> None:
        self._file = file
        self._token_for = token_for
        self._accept = accept
        self._reject = reject
        self._at_once = at_once
        self.limit = limit or BandwidthLimit()  # may be changed while downloads run
        self._patience = patience
        self._margin_bytes = margin_bytes
        self._changed = threading.Condition()
        self._version = 0
        self._closing = False
        self._running: dict[str, tuple[threading.Thread, CancelToken]] = {}
        self._entries = {each.id: each for each in _read(file, "waiting" if go_on else "paused")}
        with self._changed:
            self._start_next()

    def entries(self) -> tuple[Entry, ...]:
        """All rows, in the order they were added."""
        with self._changed:
            return tuple(self._entries.values())

    def changes(self, cancel: CancelToken) -> Iterator[tuple[Entry, ...]]:
        """All rows now, and again after each change, until `cancel` is set or the queue is closed."""
        seen = -1
        while not cancel.cancelled:
            with self._changed:
                if self._version == seen:
                    self._changed.wait(_POLL_S)
                if self._version == seen:
                    if self._closing:
                        return
                    continue
                seen, rows = self._version, tuple(self._entries.values())
            yield rows

    def add(self, wanted: Wanted) -> str:
        """Put a model at the end; returns the id of its row. One that is in the queue already goes on instead.

        Raises `AppError` when another model of the queue has a file of the same name.
        """
        with self._changed:
            for each in self._entries.values():
                if each.state == "done" or wanted.places.isdisjoint(each.wanted.places):
                    continue
                if (each.wanted.repo, each.wanted.files) != (wanted.repo, wanted.files):
                    raise _name_taken(each.wanted, wanted)
                if each.state in ("paused", "failed"):
                    # from where it is to be had now; a newer revision would not go with the parts that are there
                    self._put(each.id, wanted=replace(each.wanted, endpoint=wanted.endpoint))
                    self.resume(each.id)
                return each.id
            entry = Entry(uuid.uuid4().hex, wanted, "waiting")
            self._entries[entry.id] = entry
            self._save()
            self._start_next()
            return entry.id

    def pause(self, id: str) -> None:
        """Stop it and keep what has arrived. Rows that are neither running nor waiting stay as they are."""
        with self._changed:
            if id not in self._entries or self._entries[id].state not in ("running", "waiting"):
                return
            self._put(id, state="paused", note="", bytes_per_s=0.0, seconds_left=None)
            if id in self._running:
                self._running[id][1].cancel()

    def resume(self, id: str) -> None:
        """Let a paused or failed one go on, when its turn comes."""
        with self._changed:
            if id in self._entries and self._entries[id].state in ("paused", "failed"):
                self._put(id, state="waiting", note="")
                self._start_next()

    def remove(self, id: str) -> None:
        """Take it out of the list and remove what has arrived of it; a finished model stays where it is.

        Raises `AppError` when what has arrived cannot be removed.
        """
        with self._changed:
            while id in self._running:
                self.pause(id)
                self._running[id][1].cancel()
                self._changed.wait()
            entry = self._entries.pop(id, None)  # only now it is known what has arrived
            if entry is None:
                return
            self._save()
        if entry.state != "done":
            discard_all(entry.wanted.addresses, entry.wanted.folder)
            if entry.file is not None and self._reject is not None:
                self._reject(entry.file)

    def close(self) -> None:
        """Stop everything and keep what has arrived. Afterwards no thread is left."""
        with self._changed:
            self._closing = True
            threads = list(self._running.values())
            self._changed.notify_all()
        for _, cancel in threads:
            cancel.cancel()
        for thread, _ in threads:
            thread.join()

    def _start_next(self) -> None:
        for id, entry in self._entries.items():
            if self._closing or len(self._running) >= self._at_once:
                return
            if entry.state == "waiting" and id not in self._running:
                cancel = CancelToken()
                name = f"download of {entry.wanted.repo}"
                thread = threading.Thread(target=self._run, args=(id, entry.wanted, cancel), name=name)
                self._running[id] = (thread, cancel)
                self._put(id, state="running")
                thread.start()

    def _run(self, id: str, wanted: Wanted, cancel: CancelToken) -> None:
        try:
            for event in self._events(wanted, cancel):
                self._show(id, event, cancel)
        except Cancelled:
            pass  # whoever stopped it has said what becomes of it
        except AppError as error:
            self._fail(id, str(error), cancel)
        except Exception as error:
            _log.error("bug in a download: %s", describe_bug(error))
            self._fail(id, "The download met an error in Alcove itself; the log has the details.", cancel)
        finally:
            with self._changed:
                del self._running[id]
                self._start_next()
                self._changed.notify_all()

    def _events(self, wanted: Wanted, cancel: CancelToken) -> Iterator[DownloadEvent | Accepting]:
        token = self._token_for(wanted.endpoint)
        remotes = [look_up(each, cancel=cancel, token=token) for each in wanted.addresses]
        for event in download_all(
            remotes, wanted.folder, cancel=cancel, token=token,
            limit=self.limit, patience=self._patience, margin_bytes=self._margin_bytes,
        ):  # fmt: skip
            if isinstance(event, DownloadFinished) and self._accept is not None:
                yield Accepting(event.file, event.was_there)
                for _ in self._accept(remotes, event, cancel):
                    cancel.raise_if_cancelled()
            yield event

    def _show(self, id: str, event: DownloadEvent | Accepting, cancel: CancelToken) -> None:
        with self._changed:
            if isinstance(event, Accepting) and not event.was_there:
                self._put(id, file=event.file)  # even if it was stopped just now: `remove` takes it back
            if cancel.cancelled:
                return
            match event:
                case DownloadProgress():
                    self._put(
                        id, note="", bytes_done=event.bytes_done, bytes_total=event.bytes_total,
                        bytes_per_s=event.bytes_per_s, seconds_left=event.seconds_left, checking=event.checking,
                    )  # fmt: skip
                case DownloadWaiting() | DownloadRestarted():
                    self._put(id, note=event.reason, bytes_per_s=0.0, seconds_left=None)
                case Accepting():
                    note = "Trying whether it loads."
                    self._put(id, note=note, bytes_per_s=0.0, seconds_left=None, checking=False)
                case DownloadFinished():
                    self._put(
                        id, state="done", note="", file=event.file, bytes_done=event.bytes, bytes_total=event.bytes,
                        bytes_per_s=0.0, seconds_left=None, checking=False,
                    )  # fmt: skip

    def _fail(self, id: str, note: str, cancel: CancelToken) -> None:
        with self._changed:
            if not cancel.cancelled:
                self._put(id, state="failed", note=note, bytes_per_s=0.0, seconds_left=None)

    def _put(self, id: str, **changes: object) -> None:
        before = self._entries[id]
        self._entries[id] = replace(before, **changes)  # type: ignore[arg-type]
        self._version += 1
        self._changed.notify_all()
        if (self._entries[id].state, self._entries[id].file) != (before.state, before.file):
            self._save()

    def _save(self) -> None:
        self._version += 1
        self._changed.notify_all()
        rows = [
            asdict(each) | {"bytes_per_s": 0.0, "seconds_left": None, "checking": False}
            for each in self._entries.values()
        ]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, json.dumps({"downloads": rows}, indent=2, default=str) + "\n")
        except (OSError, AppError) as error:  # the downloads themselves go on
            _log.warning("the list of downloads was not saved (%s)", type(error).__name__)


def _name_taken(first: Wanted, second: Wanted) -> AppError:
    name = min(first.places & second.places).name
    return AppError(
        f"“{name}” is in the list of downloads already, from {first.repo}.",
        "Remove that download first, or choose another folder for models.",
    )


def _read(file: Path, unfinished: State) -> list[Entry]:
    """The rows of the last run; without a readable file none, since the parts on the disk are found again anyway."""
    try:
        rows = json.loads(file.read_bytes())["downloads"]
        return [_entry(row, unfinished) for row in rows]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _entry(row: dict[str, object], unfinished: State) -> Entry:
    """Raises `ValueError`, `TypeError` or `KeyError` for a row that is none."""
    wanted = dict(row["wanted"])  # type: ignore[call-overload]
    entry = replace(Entry("", Wanted("", (), Path()), "paused"), **row)  # type: ignore[arg-type]
    if entry.state not in get_args(State) or not isinstance(entry.id, str):
        raise ValueError("no row of a queue")
    return replace(
        entry,
        wanted=Wanted(**wanted | {"files": tuple(wanted["files"]), "folder": Path(wanted["folder"])}),
        file=None if entry.file is None else Path(entry.file),
        state=unfinished if entry.state in ("running", "waiting") else entry.state,
    )
