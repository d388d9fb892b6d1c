"""Reads the rows of the library on a job's thread, one load at a time, seldom while indexing."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.gui.jobs import Job, Jobs
from app.gui.library.files_model import FileRow, rows_of
from app.storage.passages import IndexReader

_SELDOM_S = 1.5
_SHARE = 8  # a load may take one eighth of the time between two


@dataclass(frozen=True, slots=True)
class Wish:
    """What to list: files below `folders` (None: all that is indexed). `busy`: the indexer is at work."""

    folders: tuple[str, ...] | None
    busy: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The answer to a wish."""

    wish: Wish
    rows: list[FileRow]
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
        self._earliest = 0.0
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._begin)

    def load(self, wish: Wish) -> None:
        """At once, or as soon as the load under way has ended."""
        self._next = wish
        self._later.stop()
        if self._job is None:
            self._begin()

    def load_sometime(self, wish: Wish) -> None:
        """For changes that come thick and fast: not more often than the load itself allows."""
        self._next = wish
        if self._job is None and not self._later.isActive():
            self._later.start(max(0, round((self._earliest - time.monotonic()) * 1000)))

    @Slot()
    def _begin(self) -> None:
        if self._next is None or self._job is not None:
            return
        wish, self._next = self._next, None
        index = self._index
        self._job = self._jobs.run(
            lambda token: [_list(index, wish)], on_event=self._take, on_done=self._ended, on_stopped=self._ended,
            on_error=self._failed, owner=self,
        )  # fmt: skip

    def _take(self, listed: Listed) -> None:
        self._earliest = time.monotonic() + max(_SELDOM_S, listed.seconds * _SHARE)
        if self._next is None or self._next.folders == listed.wish.folders:
            self.loaded.emit(listed)

    def _failed(self, error: Exception) -> None:
        self._jobs.failed.emit(error)
        self._job = None  # the next wish is answered when it comes

    def _ended(self) -> None:
        self._job = None
        if self._next is not None:
            self._begin()


def _list(index: IndexReader, wish: Wish) -> Listed:
    started = time.monotonic()
    folders = wish.folders or ()
    files = []
    if wish.folders is None or folders:
        try:
            files = index.files(folders)
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            files = []  # the worker is making the tables at this moment
    rows = rows_of(files, str(Path.home()), busy=wish.busy)
    return Listed(wish, rows, time.monotonic() - started)


def missing(folders: Sequence[str]) -> frozenset[str]:
    """Those that cannot be found right now. A job of its own: a drive that is asleep takes its time."""
    return frozenset(folder for folder in folders if not Path(folder).exists())
