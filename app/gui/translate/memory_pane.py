"""The translation memory: how much it holds, and its exchange with other programs."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.assistants.keep_translations import ImportProgress, MemoryExported, MemoryImported
from app.base.jobs import CancelToken
from app.gui.icons import icon
from app.gui.jobs import Job, Jobs
from app.gui.labels import WrappedLabel
from app.gui.saving import ask_where
from app.gui.theme import GRID, set_role
from app.gui.translate.wording import counted
from app.gui.translate.work import Work
from app.gui.work_line import WorkLine


class MemoryPane(QWidget):
    """Imports and exports run on a job's thread, with Stop; what was read by then is kept."""

    said = Signal(str)
    failed = Signal(object)

    def __init__(self, work: Work, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work, self._jobs = work, jobs
        self._job: Job | None = None
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self.count, "title")
        hint = WrappedLabel(
            self.tr("Alcove remembers every translation, first of all your own edits. Text that comes up again is taken "
                    "from here instead of being translated anew. TMX files carry a memory from one program to another.")
        )  # fmt: skip
        set_role(hint, "muted")
        self.import_button = QPushButton(icon("file-plus"), self.tr("Import TMX…"), autoDefault=False)
        self.export_button = QPushButton(icon("download"), self.tr("Export TMX…"), autoDefault=False)
        self.line = WorkLine(self.tr("What was read so far is kept."))
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self.import_button)
        buttons.addWidget(self.export_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        for each in (self.count, hint):
            column.addWidget(each)
        column.addLayout(buttons)
        column.addWidget(self.line)
        column.addStretch(1)
        self.import_button.clicked.connect(self._choose_import)
        self.export_button.clicked.connect(self._choose_export)
        self.line.stop_wanted.connect(self.stop)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self._jobs.run(lambda _cancel: [self._work.parts.memory.count()], on_event=self._show_count)

    def import_file(self, file: Path) -> None:
        from app.assistants.keep_translations import import_memory

        self._begin(
            self.tr("Importing {name}…").format(name=file.name),
            lambda cancel: import_memory(file, self._work.parts.memory, cancel),
        )

    def export_file(self, file: Path) -> None:
        from app.assistants.keep_translations import export_memory

        self._begin(
            self.tr("Exporting…"),
            lambda cancel: iter((export_memory(file, self._work.parts.memory, cancel),)),
        )

    @Slot()
    def stop(self) -> None:
        if self._job is not None:
            self.line.show_stopping()
            self._job.stop()

    def _begin(self, text: str, work: Callable[[CancelToken], Iterator[object]]) -> None:
        if self._job is not None:
            return
        self.line.begin(text)
        self._allow(allowed=False)
        self._job = self._jobs.run(
            work,
            on_event=self._take,
            on_done=self._end,
            on_stopped=self._end,
            on_error=self._fail,
            owner=self,
        )

    def _take(self, event: object) -> None:
        match event:
            case ImportProgress():
                kept = counted(event.kept, self.tr("1 translation"), self.tr("{n} translations"))
                self.line.show_step(self.tr("Importing…"), event.done / max(1, event.total), kept)
            case MemoryImported():
                self.said.emit(event.sentence)
            case MemoryExported():
                count = counted(event.count, self.tr("1 translation"), self.tr("{n} translations"))
                self.said.emit(
                    self.tr("{count} written to {name}.").format(count=count, name=event.file.name)
                )

    def _fail(self, error: object) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        self.line.hide()
        self._allow(allowed=True)
        self.refresh()

    def _allow(self, *, allowed: bool) -> None:
        self.import_button.setEnabled(allowed)
        self.export_button.setEnabled(allowed)

    def _show_count(self, count: int) -> None:
        self.count.setText(
            counted(count, self.tr("1 translation remembered"), self.tr("{n} translations remembered"))
        )
        self.export_button.setEnabled(count > 0 and self._job is None)

    @Slot()
    def _choose_import(self) -> None:
        kinds = self.tr("Translation memories (*.tmx *.xml);;All files (*)")
        file, _ = QFileDialog.getOpenFileName(self, self.tr("Import a translation memory"), "", kinds)
        if file:
            self.import_file(Path(file))

    @Slot()
    def _choose_export(self) -> None:
        title, kinds = self.tr("Export the translation memory"), {".tmx": self.tr("Translation memory")}
        usual = Path.home() / "translation-memory.tmx"
        file = ask_where(self, title, usual, kinds, self.failed.emit, accepted=(".xml",))
        if file is not None:
            self.export_file(file)
