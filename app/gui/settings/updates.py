"""Whether there is a newer Alcove: asked when the button is pressed, and never by itself."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import __version__
from app.assistants.check_update import AskingForVersions, NewerVersion, UpdateEvent, UpToDate, check_update
from app.backend import Backend, open_updates
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.gui.labels import WrappedLabel
from app.gui.settings.update_download import UpdateDownload
from app.gui.theme import GRID, HALF, set_role


class News(QWidget):
    """What is new, a line each; the next lines of a long one stand below its first, not below its dot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[WrappedLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(HALF)
        self._grid.setColumnStretch(1, 1)

    @property
    def lines(self) -> list[str]:
        return [each.text() for each in self._lines]

    def show_lines(self, lines: Sequence[str]) -> None:
        """Hides itself when there are none."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._lines = [WrappedLabel(each) for each in lines]
        for row, line in enumerate(self._lines):
            self._grid.addWidget(QLabel("•"), row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(line, row, 1)
        self.setVisible(bool(lines))


class UpdateRow(QWidget):
    """The button, what came of it, and what can be done with a newer version. A row of the section About."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backend, self._jobs = backend, jobs
        self._job: Job | None = None
        self._found: NewerVersion | None = None
        self.state = WrappedLabel(self.tr("This is Alcove {version}.").format(version=__version__))
        self.check_button = QPushButton()
        self.check_button.clicked.connect(self._check_or_stop)
        self._note = WrappedLabel()
        set_role(self._note, "small")
        self.news = News()
        self.open_button = QPushButton(self.tr("Open download page"))
        self.open_button.clicked.connect(self._open_page)
        self.copy_button = QPushButton(self.tr("Copy address"))
        self.copy_button.setAccessibleName(self.tr("Copy the address of the download page"))
        self.copy_button.clicked.connect(self._copy_address)
        self.download = UpdateDownload(backend, jobs)
        self.setFocusProxy(self.check_button)
        self._lay_out()
        self._show_found(None)
        self._set_busy(None)
        self.refresh()

    def refresh(self) -> None:
        """Whether there is an address to ask may have changed."""
        said, asks = self._about()
        self._note.setText(said)
        self.check_button.setEnabled(asks or self._job is not None)
        self.check_button.setAccessibleDescription(f"{self.state.text()} {said}")

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(self.state, 1)
        line.addWidget(self.check_button, 0, Qt.AlignmentFlag.AlignTop)
        self.state.setMinimumHeight(self.check_button.sizeHint().height())
        self._actions = QWidget()
        buttons = QHBoxLayout(self._actions)
        buttons.setContentsMargins(0, HALF, 0, HALF)
        buttons.setSpacing(GRID)
        for button in (self.open_button, self.copy_button, self.download.button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addLayout(line)
        for each in (self.news, self._actions, self.download, self._note):
            column.addWidget(each)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def _about(self) -> tuple[str, bool]:
        """What a click will do, said before it; and whether there is anything to ask."""
        try:
            source = open_updates(self._backend.paths).source
        except AppError as error:
            return f"{error.what} {error.remedy}".strip(), True
        if not source.address:
            said = self.tr(
                "This copy of Alcove was not told where to ask for a newer version. Look for one where you got this one."
            )
            return said, False
        said = self.tr(
            "Asked only when you press the button, never by itself. {host} sees that someone at this Internet address asks for the "
            "list of versions; nothing about you, your documents or this computer is sent."
        )
        return said.format(host=source.host), True

    @Slot()
    def _check_or_stop(self) -> None:
        if self._job is not None:
            self._job.stop()
            return
        backend = self._backend

        def work(cancel: CancelToken) -> Iterator[UpdateEvent]:
            parts = open_updates(backend.paths)
            yield from check_update(parts.source, parts.seen, parts.copy, cancel)

        self._show_found(None)
        self._say(self.tr("Looking for a newer version…"), tell=False)
        self._set_busy(
            self._jobs.run(
                work,
                on_event=self._show,
                on_done=self._end,
                on_error=self._fail,
                on_stopped=self._stopped,
                owner=self,
            )
        )

    def _set_busy(self, job: Job | None) -> None:
        """The button stops what it started."""
        self._job = job
        self.check_button.setText(self.tr("Check now") if job is None else self.tr("Stop"))
        name = self.tr("Check now for a newer version") if job is None else self.tr("Stop the check")
        self.check_button.setAccessibleName(name)
        self.check_button.setAccessibleDescription(f"{self.state.text()} {self._note.text()}")

    def _show(self, event: UpdateEvent) -> None:
        match event:
            case AskingForVersions():
                self._say(self.tr("Asking {host}…").format(host=event.host), tell=False)
            case UpToDate():
                self._say(self._up_to_date(event))
            case NewerVersion():
                manifest = event.manifest
                self._say(
                    self.tr("Alcove {version} of {date} is available. You have {own}.").format(
                        version=manifest.version, date=manifest.date, own=event.version
                    )
                )
                self._show_found(event)

    def _up_to_date(self, event: UpToDate) -> str:
        manifest = event.manifest
        if event.ahead:
            said = self.tr(
                "You have Alcove {own}; the list of versions, of {date}, names {version} as the newest."
            )
            return said.format(own=event.version, date=manifest.date, version=manifest.version)
        said = self.tr("Alcove {own} is the newest version, by the list of {date}.")
        return said.format(own=event.version, date=manifest.date)

    def _end(self) -> None:
        self._set_busy(None)

    def _fail(self, error: AppError) -> None:
        self._end()
        self._say(f"{error.what} {error.remedy}".strip(), role="failure")

    def _stopped(self) -> None:
        self._end()
        self._say(self.tr("Stopped. Nothing was changed."))

    def _show_found(self, found: NewerVersion | None) -> None:
        """The newer version, if there is one, with what can be done."""
        self._found = found
        self.copy_button.setText(self.tr("Copy address"))
        self.news.show_lines(found.manifest.news if found is not None else ())
        self._actions.setVisible(found is not None)
        self.download.offer(() if found is None else found.files)

    @Slot()
    def _open_page(self) -> None:
        assert self._found is not None
        page = self._found.manifest.page
        if not QDesktopServices.openUrl(QUrl(page)):
            self._say(
                self.tr("No web browser could be opened. The address is {page}").format(page=page),
                role="failure",
            )

    @Slot()
    def _copy_address(self) -> None:
        assert self._found is not None
        QGuiApplication.clipboard().setText(self._found.manifest.page)
        self.copy_button.setText(self.tr("Copied"))

    def _say(self, text: str, role: str = "", *, tell: bool = True) -> None:
        """`tell`: a screen reader says it at once, wherever the person is."""
        set_role(self.state, role)
        self.state.setText(text)
        self.check_button.setAccessibleDescription(f"{text} {self._note.text()}")
        if tell:
            QAccessible.updateAccessibility(QAccessibleEvent(self.state, QAccessible.Event.Alert))
