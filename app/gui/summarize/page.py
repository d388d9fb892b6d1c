"""The page Summarise: choose documents, watch them being read to the end, read and export what they say."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.jobs import Jobs
from app.gui.summarize.empty_state import EmptySummary
from app.gui.summarize.entries import Entry, entry_of_path
from app.gui.summarize.exporting import Exporter
from app.gui.summarize.run import SummaryRun
from app.gui.summarize.summarizing import folders_of, summarizer_of
from app.gui.summarize.work_area import WorkArea
from app.gui.theme import set_role


class SummarizePage(QWidget):
    """Messages go to `messages`, or to a bar of its own."""

    source_opened = Signal(object)
    """A `Source`, to be shown with its quote marked."""

    def __init__(
        self, backend: Backend, jobs: Jobs, messages: MessageBar | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._jobs = jobs
        own_bar = messages is None
        self.messages = messages if messages is not None else MessageBar()
        self.run = SummaryRun(summarizer_of(backend), jobs, self)
        self.empty = EmptySummary()
        self.area = WorkArea()
        self.exporter = Exporter(lambda: self.area.result.summaries, jobs, self.messages, self)
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        if own_bar:
            column.addWidget(self.messages)
        column.addWidget(self._stack, 1)
        self._connect()
        self.refresh()
        self._show_state()

    @Slot()
    def refresh(self) -> None:
        """Collections may have changed."""
        collections = self._backend.collections.all()
        for each in (self.empty.choose, self.area.setup.choose):
            each.show_collections(collections)

    @Slot(object)
    def take_files(self, paths: list[Path]) -> None:
        """Documents and folders that were dropped, or sent here. After a summary they begin a new choice."""
        self._add([entry_of_path(path) for path in paths])

    @Slot()
    def summarize(self) -> None:
        """Begin with what is chosen."""
        request = self.area.setup.request
        if request.entries:
            self.run.start(request)

    def stop(self) -> bool:
        """Stop summarising and keep what is finished; false when nothing was under way."""
        return self.run.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.stop():
            super().keyPressEvent(event)

    def _connect(self) -> None:
        area, setup = self.area, self.area.setup
        self.empty.choose.chosen.connect(self._add)
        setup.choose.chosen.connect(self._add)
        setup.inputs.changed.connect(self._show_state)
        setup.cleared.connect(self._show_state)
        setup.start_wanted.connect(self.summarize)
        area.work.stop_wanted.connect(self.stop)
        area.result.source_opened.connect(self.source_opened)
        area.export.copy_wanted.connect(self.exporter.copy)
        area.export.save_wanted.connect(self.exporter.save)
        self.run.started.connect(self.messages.dismiss)
        self.run.started.connect(area.begin)
        self.run.arrived.connect(area.take)
        self.run.stopping.connect(area.work.show_stopping)
        self.run.ended.connect(self._ended)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, self.summarize)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @Slot(object)
    def _add(self, entries: Sequence[Entry]) -> None:
        setup = self.area.setup
        if self.run.running:
            self.messages.show_note(self.tr("Wait for the summary under way, or stop it first."))
            return
        if setup.is_folded:
            setup.inputs.clear()
            setup.unfold()
        setup.inputs.add(entries)
        self._count(entries)
        setup.start.setFocus(Qt.FocusReason.OtherFocusReason)

    def _count(self, entries: Sequence[Entry]) -> None:
        """How many documents there are in folders and collections."""
        backend = self._backend
        many = [each for each in entries if each.kind in ("folder", "collection")]

        def work(_token: CancelToken) -> list[tuple[Entry, int]]:
            from app.assistants.summarize.inputs import documents_in

            return [(each, len(documents_in(folders_of(each, backend), backend.index))) for each in many]

        def show(counted: tuple[Entry, int]) -> None:
            entry, count = counted
            row = self.area.setup.inputs.row_of(entry)
            if row is not None and count:
                said = self.tr("1 document") if count == 1 else self.tr("{n} documents").format(n=count)
                row.show_detail(f"{entry.detail} · {said}")

        if many:
            self._jobs.run(work, on_event=show, owner=self)

    @Slot()
    def _show_state(self) -> None:
        """The empty page, or what is chosen and what came of it."""
        self._stack.setCurrentWidget(self.area if self.area.has_something else self.empty)
        self.area.setup.start.setEnabled(bool(self.area.setup.inputs.entries))

    @Slot(object)
    def _ended(self, error: AppError | None) -> None:
        self.area.end(self.run.failures)
        self._show_state()
        if error is not None:
            self._jobs.failed.emit(error)
        elif self.run.stopped:
            said = self.tr("Stopped. What is finished is kept and is not done again.")
            self.messages.show_note(said, self.tr("Go on"), self.summarize)
