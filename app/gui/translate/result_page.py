"""A finished or stopped translation of a document: where it is, what to look at, and its review."""

from pathlib import Path

from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.icons import icon
from app.gui.labels import ElidedLabel, WrappedLabel
from app.gui.text_format import file_name
from app.gui.theme import GRID, HALF, set_role
from app.gui.translate.review import Review
from app.gui.translate.review_rows import TO_CHECK
from app.gui.translate.wishes import Translation
from app.gui.translate.wording import counted, pair_name

_NARROW = GRID * 105


class ResultPage(QWidget):
    """What can be done with the file is at the top, the segments fill the rest."""

    closed = Signal()
    open_wanted = Signal(str)
    reveal_wanted = Signal(str)
    write_wanted = Signal()
    continue_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Translation | None = None
        self.back_button = icon_button("back", self.tr("Back to documents"), shortcut="Alt+Left", role="text")
        self.title = ElidedLabel()
        set_role(self.title, "title")
        self.facts = ElidedLabel()
        set_role(self.facts, "muted")
        self.continue_button = QPushButton(icon("play"), self.tr("Continue"))
        self.write_button = QPushButton(icon("refresh"), self.tr("Write file again"))
        self.write_button.setToolTip(self.tr("Put your edits into the translated file (Ctrl+S)"))
        self.write_button.setShortcut("Ctrl+S")
        self.open_button = QPushButton(icon("open"), self.tr("Open file"))
        self.reveal_button = QPushButton(icon("folder"), self.tr("Show in folder"))
        for button in (self.open_button, self.reveal_button):
            button.setToolTip(button.text())
            button.setAccessibleName(button.text())
        self.remarks = WrappedLabel()
        self.review = Review()
        self._lay_out()
        self.back_button.clicked.connect(self.closed)
        self.continue_button.clicked.connect(self.continue_wanted)
        self.write_button.clicked.connect(self.write_wanted)
        self.open_button.clicked.connect(lambda: self.open_wanted.emit(self._out))
        self.reveal_button.clicked.connect(lambda: self.reveal_wanted.emit(self._out))
        self.review.model.edited.connect(lambda: self.set_unwritten(unwritten=True))
        self.review.model.dataChanged.connect(self._show_file)

    def show_translation(self, translation: Translation) -> None:
        self.shown = translation
        self.title.setText(file_name(translation.file))
        self.review.show_segments(
            translation.segments, translation.source_language, translation.target_language
        )
        self.remarks.setText("\n".join(translation.remarks))
        self._remark_frame.setVisible(bool(translation.remarks))
        self.continue_button.setVisible(translation.state != "complete")
        self.set_unwritten(unwritten=False)
        self._show_file()

    def show_written(self, out: str, remarks: tuple[str, ...]) -> None:
        """The file was written again."""
        assert self.shown is not None
        self.shown = self.shown.written(out)
        self.remarks.setText("\n".join(remarks))
        self._remark_frame.setVisible(bool(remarks))
        self.set_unwritten(unwritten=False)
        self._show_file()

    def set_unwritten(self, *, unwritten: bool) -> None:
        """Edits that the file does not have yet."""
        self.write_button.setEnabled(unwritten)
        set_role(self.write_button, "primary" if unwritten else "")
        self.write_button.setIcon(icon("refresh", "on_accent" if unwritten else "text"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the buttons for the file are icons."""
        super().resizeEvent(event)
        wide = self.width() >= _NARROW
        self.open_button.setText(self.tr("Open file") if wide else "")
        self.reveal_button.setText(self.tr("Show in folder") if wide else "")

    @property
    def _out(self) -> str:
        return self.shown.out if self.shown is not None else ""

    @Slot()
    def _show_file(self) -> None:
        shown = self.shown
        assert shown is not None
        there = bool(shown.out)
        self.open_button.setVisible(there)
        self.reveal_button.setVisible(there)
        count = counted(len(shown.segments), self.tr("1 segment"), self.tr("{n} segments"))
        flagged = self.review.model.rows.count(TO_CHECK)
        to_check = self.tr("{n} to check").format(n=QLocale().toString(flagged)) if flagged else ""
        stopped = "" if shown.state == "complete" else self.tr("Not finished")
        saved = self.tr("Saved as {name}").format(name=Path(shown.out).name) if there else ""
        pair = pair_name(shown.source_language, shown.target_language)
        self.facts.setText(" · ".join(filter(None, (stopped, saved, pair, count, to_check, shown.engine))))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.facts)
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(self.back_button)
        head.addLayout(words, 1)
        for each in (self.continue_button, self.write_button, self.open_button, self.reveal_button):
            head.addWidget(each)
        self._remark_frame = QFrame()
        set_role(self._remark_frame, "warning")
        note = QHBoxLayout(self._remark_frame)
        note.setContentsMargins(GRID, HALF, GRID, HALF)
        note.setSpacing(GRID)
        note.addWidget(IconLabel("warning", "warning", 16))
        note.addWidget(self.remarks, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        column.addLayout(head)
        column.addWidget(self._remark_frame)
        column.addWidget(self.review, 1)
