"""Translating a text: type or paste at the left, read at the right."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.theme import GRID, HALF, set_role
from app.gui.translate.detection import Detection
from app.gui.translate.engine_line import EngineLine
from app.gui.translate.language_boxes import show_detected, source_box, target_box
from app.gui.translate.refusal import Refusal
from app.gui.translate.spans import in_utf16, spans
from app.gui.translate.text_findings import TextFindings
from app.gui.translate.text_run import TextRun
from app.gui.translate.text_side import TextSide
from app.gui.translate.wishes import EngineFacts, TextWish
from app.gui.translate.wording import counted, direction_of
from app.gui.translate.work import Work


class TextPane(QWidget):
    """A text is translated when the person asks for it: a laptop's model is too slow for every keystroke."""

    target_chosen = Signal(str)
    failed = Signal(object)
    """An `AppError`."""

    noted = Signal(str)

    def __init__(self, work: Work, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = TextRun(work, jobs, self)
        self._detected = ""
        self._allowed = True
        self.source_box = source_box(self.tr("Language of the text"))
        self.target_box = target_box(self.tr("Language to translate into"))
        self.swap_button = icon_button(
            "swap", self.tr("Swap languages and texts"), shortcut="Ctrl+Shift+S", role="text"
        )
        self.source = TextSide(self.tr("Text to translate"), self.tr("Type or paste a text"))
        self.target = TextSide(self.tr("Translation"), self.tr("Translation"), read_only=True)
        self.clear_button = icon_button("close", self.tr("Clear the text"))
        self.source.add_button(self.clear_button)
        self.findings = TextFindings()
        self.refusal = Refusal()
        self.engine = EngineLine(work, jobs)
        self.translate_button = QPushButton(self.tr("Translate"))
        set_role(self.translate_button, "primary")
        self.translate_button.setShortcut("Ctrl+Return")
        self.translate_button.setToolTip(self.tr("Translate the text (Ctrl+Enter)"))
        self.stop_button = QPushButton(icon("stop"), self.tr("Stop"))
        self.stop_button.setToolTip(self.tr("Stop (Esc). What was translated is kept."))
        self.detection = Detection(work, jobs, self)
        self._lay_out()
        self._connect()
        self._refresh()

    @property
    def source_code(self) -> str:
        """As chosen, else as recognised; "" while nobody knows."""
        return self.source_box.code or self._detected

    @Slot()
    def translate(self) -> None:
        if self.run.running or not self._allowed or not self.source.text.strip():
            return
        self.source.field.mark(0, 0)
        self.target.field.clear()
        self.findings.show_segments(())
        self.run.start(TextWish(self.source.text, self.source_box.code, self.target_box.code))
        self._refresh()

    def stop(self) -> bool:
        """False when nothing is being translated."""
        return self.run.stop()

    @Slot()
    def swap(self) -> None:
        """The translation becomes the text; what it was translated from stands at the right, to be compared."""
        if self.run.running or not self.source_code:
            return
        source, target = self.source_code, self.target_box.code
        before, after = self.source.text, self.target.text
        self.run.segments = []
        self.source_box.choose(target)
        self.target_box.choose(source)
        self.source.field.setPlainText(after)
        self.target.field.setPlainText(before if after else "")
        self.findings.show_segments(())
        self.target.note.setText("")
        self.target_chosen.emit(source)
        self.look()

    @Slot()
    def look(self) -> None:
        """Ask which engine there is for the languages, and write in their directions."""
        self.source.field.set_direction(direction_of(self.source_code))
        self.target.field.set_direction(direction_of(self.target_box.code))
        self.engine.look(self.source_code, self.target_box.code)
        self._refresh()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(GRID)
        right.addWidget(self.refusal)
        right.addWidget(self.target, 1)
        right.addWidget(self.findings)
        right.addStretch(0)
        into = QHBoxLayout()
        into.setSpacing(HALF)
        into.addWidget(self.swap_button)
        into.addWidget(self.target_box, 1)
        grid = QGridLayout()
        grid.setSpacing(GRID)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        grid.addWidget(self.source_box, 0, 0)
        grid.addLayout(into, 0, 1)
        grid.addWidget(self.source, 1, 0)
        grid.addLayout(right, 1, 1)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self.engine, 1)
        foot.addWidget(self.stop_button)
        foot.addWidget(self.translate_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        column.addLayout(grid, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.source_box.language_chosen.connect(self.look)
        self.target_box.language_chosen.connect(self.target_chosen)
        self.target_box.language_chosen.connect(self.look)
        self.swap_button.clicked.connect(self.swap)
        self.source.field.textChanged.connect(self._typed)
        self.clear_button.clicked.connect(self.source.field.clear)
        self.translate_button.clicked.connect(self.translate)
        self.stop_button.clicked.connect(self.stop)
        self.detection.detected.connect(self._show_detected)
        self.engine.found.connect(self._show_engine)
        self.findings.chosen.connect(self._mark)
        self.run.grew.connect(self.target.show_more)
        self.run.said.connect(self.target.note.setText)
        self.run.noted.connect(self.noted)
        self.run.finished.connect(lambda event: self.findings.show_segments(event.segments))
        self.run.failed.connect(self.failed)
        self.run.failed.connect(self.look)  # the engine may have been refused, or be gone
        self.run.ended.connect(self._refresh)

    @Slot()
    def _typed(self) -> None:
        text = self.source.text
        self.detection.take(text)
        self.source.field.mark(0, 0)
        count = counted(len(text), self.tr("1 character"), self.tr("{n} characters")) if text else ""
        self.source.note.setText(count)
        self._refresh()

    @Slot(str)
    def _show_detected(self, code: str) -> None:
        changed, self._detected = code != self._detected, code
        show_detected(self.source_box, code)
        if changed:
            self.look()

    @Slot(object)
    def _show_engine(self, facts: EngineFacts) -> None:
        self.refusal.show_refusal(facts.refusal)
        self._allowed = facts.refusal is None
        self.target.setVisible(self._allowed)
        if not self._allowed:
            self.findings.hide()
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        running, text = self.run.running, bool(self.source.text.strip())
        self.stop_button.setVisible(running)
        self.translate_button.setVisible(not running)
        self.translate_button.setEnabled(text and self._allowed)
        self.clear_button.setEnabled(bool(self.source.text))
        self.swap_button.setEnabled(not running and bool(self.source_code))

    @Slot(int)
    def _mark(self, number: int) -> None:
        sides = (
            (self.source, [each.source for each in self.run.segments]),
            (self.target, [each.target for each in self.run.segments]),
        )
        for side, pieces in sides:
            side.field.mark(*in_utf16(side.text, spans(side.text, pieces)[number]))
