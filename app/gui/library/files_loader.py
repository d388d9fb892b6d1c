"""Reads the rows of the library on a job's thread, one load at a time, seldom while indexing."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.gui.jobs import Job, Jobs
from app.gui.library.file_rows import FileRow, attention, rows_of
from app.gui.library.states import Reader
from app.storage.passages import IndexReader

_SELDOM_S = 1.5
_SHARE = 10  # loading and showing take at most a tenth of the time


@dataclass(frozen=True, slots=True)
class Wish:
    """What to list: files below `folders` (None: all that is indexed), without those that are `hidden`, or lie in one."""

    folders: tuple[str, ...] | None
    reader: Reader
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer to a wish. `attention`: how many files need the person; `seconds` it took."""

    wish: Wish
    rows: list[FileRow]
    passages: int
    attention: int
    seconds: float


class FilesLoader(QObject):
    """Answers the newest wish; those in between are skipped."""

    loaded = Signal(object)

    def __init__(self, index: IndexReader, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self._jobs = jobs
        self._job: Job | None = None
        self._next: Wish | None = None
        self._at_once = False
        self._before: list[FileRow] = []
        self._earliest = 0.0
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._begin)

    def load(self, wish: Wish) -> None:
        """At once, or as soon as the load under way has ended."""
        self._next, self._at_once = wish, True
        self._go_on()

    def load_sometime(self, wish: Wish) -> None:
        """For changes that come thick and fast: not more often than the load itself allows."""
        self._next = wish
        self._go_on()

    def _go_on(self) -> None:
        if self._next is None or self._job is not None:
            return
        if self._at_once:
            self._begin()
        elif not self._later.isActive():
            self._later.start(max(0, round((self._earliest - time.monotonic()) * 1000)))

    @Slot()
    def _begin(self) -> None:
        if self._next is None or self._job is not None:
            return
        self._later.stop()
        wish, self._next, self._at_once = self._next, None, False
        index, before = self._index, self._before
        self._job = self._jobs.run(
            lambda token: [_list(index, wish, before)], on_event=self._take, on_done=self._ended, on_stopped=self._ended,
            on_error=self._failed, owner=self,
        )  # fmt: skip

    def _take(self, listed: Listed) -> None:
        started = time.monotonic()
        self._before = listed.rows
        if self._next is None or self._next.folders == listed.wish.folders:
            self.loaded.emit(listed)
        now = time.monotonic()
        self._earliest = now + max(_SELDOM_S, (listed.seconds + now - started) * _SHARE)

    def _failed(self, error: Exception) -> None:
        self._jobs.failed.emit(error)
        self._job = None  # the next wish is answered when it comes

    def _ended(self) -> None:
        self._job = None
        self._go_on()


def _list(index: IndexReader, wish: Wish, before: list[FileRow]) -> Listed:
    started = time.monotonic()
    folders = wish.folders or ()
    files = []
    if wish.folders is None or folders:
        try:
            files = index.files(folders)
        except sqlite3.OperationalError as error:
            if "no such" not in str(error):
                raise
            files = []  # the worker is making the tables, or their new columns, at this moment
    shown = (file for file in files if wish.hidden.isdisjoint((file.path, file.container)))
    rows = rows_of(shown, str(Path.home()), wish.reader, {row.file.path: row for row in before})
    passages = sum(row.file.passages for row in rows)
    return Listed(wish, rows, passages, attention(rows), time.monotonic() - started)


def missing(folders: Sequence[str]) -> frozenset[str]:
    """Those that cannot be found right now. A job of its own: a drive that is asleep takes its time."""
    return frozenset(folder for folder in folders if not Path(folder).exists())
