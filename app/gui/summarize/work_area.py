"""The one column of the page: what is asked for, the work under way, and what came of it."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.assistants.events import Indexing, Notice
from app.assistants.summarize.events import (
    DocumentFailed,
    SummaryEvent,
    SummaryProgress,
    SummaryStarted,
    SummaryWritten,
)
from app.gui.summarize.exporting import ExportButton
from app.gui.summarize.result_view import ResultView
from app.gui.summarize.setup_card import SetupCard
from app.gui.summarize.wording import facts_of, reading
from app.gui.text_format import file_name
from app.gui.theme import GRID, scrolled, set_role
from app.gui.work_line import WorkLine

_READABLE_WIDTH = 860


class WorkArea(QWidget):
    """Follows a run by its events. Begins nothing by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setup = SetupCard()
        self.work = WorkLine(self.tr("Stop (Esc). What is finished is kept."))
        self.result = ResultView()
        self.export = ExportButton()
        self._doing = ""
        self._lay_out()
        self.result.focus_moved.connect(self._bring_into_sight)
        self.setup.cleared.connect(self._forget)
        self._forget()

    @property
    def has_something(self) -> bool:
        return bool(self.setup.inputs.entries or self.result.cards or self.result.notes)

    def minimumSizeHint(self) -> QSize:
        """Wide enough to choose in, so that an open document does not cut it off."""
        edges = GRID * 6 + self._area.verticalScrollBar().sizeHint().width()
        return QSize(self.setup.open_width + edges, super().minimumSizeHint().height())

    @Slot()
    def begin(self) -> None:
        self._forget()
        self.setup.inputs.show_failures({})
        self.setup.fold()
        self.setup.set_running(True)
        self._doing = self.tr("Getting ready…")
        self.work.begin(self._doing)
        self.work.stop_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._area.verticalScrollBar().setValue(0)

    @Slot(object)
    def take(self, event: SummaryEvent) -> None:
        match event:
            case Indexing():
                self.work.show_step(*reading(event))
            case SummaryStarted():
                self._doing = self._doing_of(event)
                self.work.show_step(self._doing)
            case SummaryProgress():
                done = event.done / event.calls if event.calls else None
                self.work.show_step(self._doing, done, facts_of(event))
            case Notice():
                self.result.note(event.text)
            case DocumentFailed():
                self.result.note(f"{file_name(event.file)}: {event.reason}")
            case SummaryWritten():
                self.result.add(event)
                self.export.show()

    def end(self, failures: dict[str, str]) -> None:
        """`failures`: why files were not summarised, by path. Without any summary the choice opens again."""
        waiting = self.work.stop_button.hasFocus()  # else the person is busy elsewhere
        self.work.hide()
        self.setup.set_running(False)
        self.setup.inputs.show_failures(failures)
        cards = self.result.cards
        if not cards:
            self.setup.unfold()
        else:
            if waiting and cards[0].rows:
                cards[0].rows[0].setFocus(Qt.FocusReason.OtherFocusReason)
            QAccessible.updateAccessibility(QAccessibleEvent(cards[0], QAccessible.Event.Alert))

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Summarise"))
        set_role(title, "heading")
        head = QHBoxLayout()
        head.addWidget(title, 1)
        keeping = self.export.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)  # nothing moves when it appears
        self.export.setSizePolicy(keeping)
        head.addWidget(self.export)
        readable = QWidget()
        readable.setMaximumWidth(_READABLE_WIDTH)
        column = QVBoxLayout(readable)
        column.setContentsMargins(0, 0, 0, GRID * 2)
        column.setSpacing(GRID * 2)
        column.addLayout(head)
        for each in (self.setup, self.work, self.result):
            column.addWidget(each)
        column.addStretch(1)
        holder = QWidget()
        middle = QHBoxLayout(holder)
        middle.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, 0)
        middle.addStretch(1)
        middle.addWidget(readable, 1000)
        middle.addStretch(1)
        self._area = scrolled(holder)
        self._area.setAccessibleName(self.tr("Summaries"))
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._area)

    @Slot()
    def _forget(self) -> None:
        self.result.clear()
        self.export.hide()

    @Slot(QWidget)
    def _bring_into_sight(self, point: QWidget) -> None:
        self._area.ensureWidgetVisible(point, 0, GRID * 4)

    def _doing_of(self, event: SummaryStarted) -> str:
        title = event.title or self.tr("the pasted text")
        if event.documents > 1:
            said = self.tr("Summarising {title} ({n} of {total})…")
            return said.format(title=title, n=event.number, total=event.documents)
        return self.tr("Summarising {title}…").format(title=title)
