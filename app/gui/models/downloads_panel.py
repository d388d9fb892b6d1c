"""The downloads: a row for each, as the queue tells of it."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMessageBox, QVBoxLayout, QWidget

from app.base.jobs import CancelToken
from app.gui.jobs import Jobs
from app.gui.models.download_row import DownloadRow
from app.gui.theme import GRID, HALF, scrolled, set_role
from app.models.disk import in_words
from app.models.download.queue import DownloadQueue, Entry

_MOST_HEIGHT = GRID * 28  # more rows than that are scrolled


class DownloadsPanel(QFrame):
    """Hidden while there is no download. What is done leaves the list; the model itself stays."""

    finished = Signal(object)
    """An `Entry` whose state became “done”."""

    ended = Signal()
    """One failed, or was removed: a model may have come that does not load, or have been taken back."""

    def __init__(self, downloads: DownloadQueue, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._downloads = downloads
        self._jobs = jobs
        self._entries: dict[str, Entry] = {}
        self._done: set[str] = set()
        self.rows: dict[str, DownloadRow] = {}
        set_role(self, "card")
        self.setAccessibleName(self.tr("Downloads"))
        self._holder = QWidget()
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(0, HALF, 0, HALF)
        self._column.setSpacing(0)
        self._area = scrolled(self._holder)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._area)
        self.hide()
        watching = jobs.run(downloads.changes, on_event=self._show, owner=self, waits=True)
        self.destroyed.connect(lambda: watching.stop())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot(object)
    def _show(self, entries: Iterable[Entry]) -> None:
        now = {entry.id: entry for entry in entries}
        for entry in now.values():
            if entry.state == "done":
                self._finish(entry)
        before = {id for id, entry in self._entries.items() if entry.state == "failed"}
        self._entries = {id: entry for id, entry in now.items() if entry.state != "done"}
        if any(entry.state == "failed" and id not in before for id, entry in self._entries.items()):
            self.ended.emit()
        for id in [id for id in self.rows if id not in self._entries]:
            gone = self.rows.pop(id)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for id, entry in self._entries.items():
            if id in self.rows:
                self.rows[id].show_entry(entry)
            else:
                self._add(entry)
        self.setVisible(bool(self.rows))
        self._fit()

    def _add(self, entry: Entry) -> None:
        row = self.rows[entry.id] = DownloadRow(entry)
        row.pause_wanted.connect(partial(self._do, self._downloads.pause))
        row.resume_wanted.connect(partial(self._do, self._downloads.resume))
        row.remove_wanted.connect(self._remove)
        self._column.addWidget(row)

    def _finish(self, entry: Entry) -> None:
        if entry.id in self._done:
            return  # it is being taken out of the list
        self._done.add(entry.id)
        self.finished.emit(entry)
        self._do(self._downloads.remove, entry.id)

    def _fit(self) -> None:
        """As high as the rows need; those that wrap know it only once they know their width."""
        width = self._area.viewport().width()
        layout = self._column
        wanted = layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
        self._area.setFixedHeight(min(wanted, _MOST_HEIGHT))

    @Slot(str)
    def _remove(self, id: str) -> None:
        """At once where nothing has arrived, else after asking."""
        entry = self._entries.get(id)
        if entry is None or not entry.bytes_done:
            self._take_out(id)
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(self.tr("Remove download"))
        box.setText(self.tr("Remove the download of “{name}”?").format(name=self.rows[id].name))
        box.setInformativeText(
            self.tr("The {size} that have arrived are deleted.").format(size=in_words(entry.bytes_done))
        )
        remove = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        remove.clicked.connect(lambda: self._take_out(id))
        box.open()

    def _take_out(self, id: str) -> None:
        self._do(self._downloads.remove, id, then=self.ended.emit)

    def _do(
        self, action: Callable[[str], object], id: str, *, then: Callable[[], object] | None = None
    ) -> None:
        """Ask the queue for something, which may have to wait for a thread of its own."""

        def work(_cancel: CancelToken) -> tuple[()]:
            if any(entry.id == id for entry in self._downloads.entries()):
                action(id)
            return ()

        def end() -> None:
            if id in self.rows:
                self.rows[id].set_busy(False)
            if then is not None:
                then()

        def fail(error: Exception) -> None:
            end()
            self._jobs.failed.emit(error)

        if id in self.rows:
            self.rows[id].set_busy(True)
        self._jobs.run(work, on_done=end, on_error=fail, on_stopped=end, owner=self)
