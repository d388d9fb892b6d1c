"""Connects what is being read, asked for or not, with the strip and the header that show it."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.gui.library.indexing import IndexingQueue
from app.gui.library.page_header import PageHeader
from app.gui.library.progress_strip import ProgressStrip
from app.retrieval.protocol import IndexFinished, IndexProgress
from app.storage.collections import Collection, Collections


class WorkShown(QObject):
    """Also what began before there was a page to show it."""

    changed = Signal()
    """More has been read; there is no hurry to list it."""

    def __init__(
        self,
        indexing: IndexingQueue,
        collections: Collections,
        strip: ProgressStrip,
        header: PageHeader,
        parent: QObject,
        *,
        paused: bool,
    ) -> None:
        super().__init__(parent)
        self._indexing = indexing
        self._collections = collections
        self._strip = strip
        self._header = header
        self._read = False  # in the refresh that goes on unasked
        self._connect()
        self._show_paused(paused)
        if indexing.running:
            strip.begin()
        if indexing.latest is not None:
            strip.show_progress(indexing.latest)
        elif indexing.keeping_up.latest is not None:
            strip.show_unasked(indexing.keeping_up.latest)

    def _connect(self) -> None:
        indexing, strip = self._indexing, self._strip
        indexing.started.connect(strip.begin)
        indexing.progressed.connect(strip.show_progress)
        indexing.progressed.connect(self.changed)
        indexing.finished.connect(self._show_result)
        indexing.stopped.connect(strip.show_stopped)
        indexing.failed.connect(strip.rest)
        indexing.paused.connect(self._show_paused)
        indexing.keeping_up.progressed.connect(self._show_unasked)
        indexing.keeping_up.rested.connect(self._show_kept_up)
        strip.stop_wanted.connect(self._stop)
        strip.pause_wanted.connect(self._pause)
        self._header.pause_wanted.connect(self._pause)

    @Slot(object)
    def _show_result(self, result: IndexFinished) -> None:
        """With the name of the collection that was read, as another one may be in view by now."""
        self._strip.show_result(result, self._collection_of(self._indexing.folders))

    def _collection_of(self, paths: tuple[str, ...]) -> str:
        """ "" where there is only one, or where `paths` are of several."""
        every = self._collections.all()
        holding = [each for each in every if all(_holds(each, path) for path in paths)]
        return holding[0].name if len(every) > 1 and len(holding) == 1 else ""

    @Slot(bool)
    def _show_paused(self, on: bool) -> None:
        self._strip.show_paused(on=on)
        self._header.show_paused(on=on)

    @Slot(bool)
    def _pause(self, on: bool) -> None:
        self._indexing.pause(on=on)

    @Slot(object)
    def _show_unasked(self, progress: IndexProgress) -> None:
        """A look that finds nothing new is no reason to list everything again."""
        self._strip.show_unasked(progress)
        if progress.stage != "listing":
            self._read = True
            self.changed.emit()

    @Slot(object)
    def _show_kept_up(self, finished: IndexFinished | None) -> None:
        self._strip.show_unasked_result(finished)
        if self._read or (finished is not None and finished.removed):
            self.changed.emit()
        self._read = False

    @Slot()
    def _stop(self) -> None:
        if not self._indexing.stop():
            self._indexing.keeping_up.stop()
            self._strip.show_stopped()


def _holds(collection: Collection, path: str) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in collection.folders)
