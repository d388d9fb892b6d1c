"""An installer of the newer version, to the folder that the person chooses. It is checked, and never started."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.assistants.fetch_update import fetch_update
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.gui.labels import WrappedLabel
from app.gui.text_format import time_left
from app.gui.theme import GRID, HALF, set_role
from app.gui.viewer.outside import show_in_folder
from app.models.disk import in_words
from app.models.download.transfer import (
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)
from app.updates.manifest import ReleaseFile
from app.updates.next_step import next_step

_STEPS = 1000  # of the bar; its numbers are too small for bytes


class UpdateDownload(QWidget):
    """How far a download is, with Stop, and in the end where the file is. `button` starts one; it stands elsewhere."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backend, self._jobs = backend, jobs
        self._job: Job | None = None
        self._saved: Path | None = None
        self.button = QPushButton(self.tr("Download…"))
        self.button.clicked.connect(self._first)
        self._files: tuple[ReleaseFile, ...] = ()
        self._menu = QMenu(self.button)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(self.tr("Progress of the download"))
        self.note = WrappedLabel()
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.setAccessibleName(self.tr("Stop the download"))
        self.stop_button.clicked.connect(self._stop)
        self.show_button = QPushButton(self.tr("Show in folder"))
        self.show_button.clicked.connect(self._show_saved)
        words = QVBoxLayout()
        words.setSpacing(HALF)
        words.addWidget(self.bar)
        words.addWidget(self.note)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, HALF)
        row.setSpacing(GRID)
        row.addLayout(words, 1)
        row.addWidget(self.stop_button)
        row.addWidget(self.show_button)
        self.hide()

    def offer(self, files: Sequence[ReleaseFile]) -> None:
        """What can be downloaded, the one to take first. A download that is under way goes on, and is shown."""
        self._files = tuple(files)
        self.button.setVisible(bool(files))
        self._menu.clear()
        for each in files:
            name = f"{each.file} ({in_words(each.bytes)})"
            self._menu.addAction(name, self._chooser(each))
        # a button without a menu has none, which its stub does not know
        self.button.setMenu(self._menu if len(files) > 1 else None)  # type: ignore[arg-type]
        if self._job is None:
            self.hide()

    def _chooser(self, wanted: ReleaseFile) -> Callable[[], None]:
        return lambda: self.choose(wanted)

    def choose(self, wanted: ReleaseFile) -> None:
        """Ask into which folder."""
        usual = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        title = self.tr("Folder to save {file} in").format(file=wanted.file)
        chosen = QFileDialog.getExistingDirectory(self, title, usual)
        if chosen:
            self.start(wanted, Path(chosen))

    def start(self, wanted: ReleaseFile, folder: Path) -> None:
        """Download it into `folder`, or go on with what is there of it."""
        limit = self._backend.settings.current.download_limit

        def work(cancel: CancelToken) -> Iterator[DownloadEvent]:
            yield from fetch_update(wanted, folder / wanted.file, cancel, mib_per_s=limit)

        self._saved = None
        self.bar.setRange(0, 0)
        self._say(self.tr("Connecting…"), tell=False)
        self._set_busy(busy=True)
        self._job = self._jobs.run(
            work,
            on_event=self._show,
            on_done=self._end,
            on_error=self._fail,
            on_stopped=self._stopped,
            owner=self,
        )

    def _show(self, event: DownloadEvent) -> None:
        match event:
            case DownloadProgress():
                self.bar.setRange(0, _STEPS)
                self.bar.setValue(_STEPS * event.bytes_done // max(1, event.bytes_total))
                self._say(self._progress(event), tell=False)
            case DownloadWaiting() | DownloadRestarted():
                self._say(event.reason, tell=False)
            case DownloadFinished():
                self._saved = event.file
                self._say(
                    self.tr("Saved and checked: {file}. {next_step}").format(
                        file=event.file, next_step=next_step(event.file)
                    )
                )

    def _progress(self, event: DownloadProgress) -> str:
        done, total = in_words(event.bytes_done), in_words(event.bytes_total)
        facts = [
            self.tr("Checking")
            if event.checking
            else self.tr("{done} of {total}").format(done=done, total=total)
        ]
        if event.bytes_per_s > 0 and not event.checking:
            facts.append(self.tr("{size}/s").format(size=in_words(round(event.bytes_per_s))))
            if event.seconds_left is not None:
                facts.append(time_left(event.seconds_left))
        return ", ".join(facts)

    def _end(self) -> None:
        self._job = None
        self._set_busy(busy=False)

    def _fail(self, error: AppError) -> None:
        self._end()
        self._say(f"{error.what} {error.remedy}".strip(), role="failure")

    def _stopped(self) -> None:
        self._end()
        self._say(
            self.tr("Stopped. What has arrived is kept; a download into the same folder goes on from there.")
        )

    def _set_busy(self, *, busy: bool) -> None:
        self.setVisible(True)
        self.button.setEnabled(not busy)
        self.bar.setVisible(busy)
        self.stop_button.setVisible(busy)
        self.stop_button.setEnabled(busy)
        self.show_button.setVisible(self._saved is not None)

    def _say(self, text: str, role: str = "", *, tell: bool = True) -> None:
        set_role(self.note, role or "small")
        self.note.setText(text)
        self.setAccessibleName(text)
        if tell:
            QAccessible.updateAccessibility(QAccessibleEvent(self.note, QAccessible.Event.Alert))

    @Slot()
    def _first(self) -> None:
        if len(self._files) == 1:
            self.choose(self._files[0])

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            self.stop_button.setEnabled(False)

    @Slot()
    def _show_saved(self) -> None:
        if self._saved is not None:
            show_in_folder(str(self._saved))
