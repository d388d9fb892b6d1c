"""The chosen segment in full: its source, its translation to edit, and what should be looked at."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.assistants.translate.events import TranslatedSegment
from app.gui.buttons import IconLabel
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, HALF, set_role
from app.gui.translate.tag_marks import TagHighlighter
from app.gui.translate.text_field import TextField
from app.gui.translate.wording import direction_of, origin_word


class SegmentEditor(QFrame):
    """What is typed is handed over when the field is left, or by Ctrl+Enter."""

    edited = Signal(str, str)
    """The key of the segment and its new target."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segment: TranslatedSegment | None = None
        self.source = TextField(self.tr("Source of the segment"), read_only=True)
        self.target = TextField(self.tr("Translation of the segment"))
        self.target.setToolTip(self.tr("Leave the field or press Ctrl+Enter to keep the change."))
        self._tags = [TagHighlighter(each.document(), each.font) for each in (self.source, self.target)]
        self.target.left.connect(self.hand_over)
        self.target.entered.connect(self.hand_over)
        self._place = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self._place, "small")
        self.findings = WrappedLabel()
        set_role(self.findings, "caution")
        self._warning = IconLabel("warning", "warning", 16)
        self._lay_out()
        self.show_segment(None)

    def set_languages(self, source: str, target: str) -> None:
        self.source.set_direction(direction_of(source))
        self.target.set_direction(direction_of(target))

    @Slot(object)
    def show_segment(self, segment: TranslatedSegment | None) -> None:
        """What was typed into another segment is handed over first; what is typed into this one stays."""
        before = self._segment
        same = before is not None and segment is not None and segment.key == before.key
        if not same:
            self.hand_over()
        typed = before is not None and same and self.target.toPlainText() != before.target
        self._segment = segment
        self.setEnabled(segment is not None)
        source, target = (segment.source, segment.target) if segment is not None else ("", "")
        for field, text in ((self.source, source), (self.target, target)):
            if field.toPlainText() != text and not (typed and field is self.target):
                field.setPlainText(text)
        said = [each.text for each in segment.findings] if segment is not None else []
        self.findings.setText("\n".join(said))
        self._notes.setVisible(bool(said))
        word = origin_word(segment.origin) if segment is not None else ""
        place = segment.place if segment is not None else ""
        self._place.setText(" · ".join(filter(None, (place, word))))
        self._place.setVisible(bool(self._place.text()))

    @Slot()
    def hand_over(self) -> None:
        if self._segment is not None and self.target.toPlainText() != self._segment.target:
            self.edited.emit(self._segment.key, self.target.toPlainText())

    def _lay_out(self) -> None:
        texts = QHBoxLayout()
        texts.setSpacing(GRID)
        for field in (self.source, self.target):
            field.setMinimumHeight(2 * field.fontMetrics().lineSpacing() + GRID)
            frame = QFrame()
            set_role(frame, "card")
            inside = QVBoxLayout(frame)
            inside.setContentsMargins(HALF, HALF, HALF, HALF)
            inside.addWidget(field)
            texts.addWidget(frame, 1)
        self._notes = QWidget()
        notes = QHBoxLayout(self._notes)
        notes.setContentsMargins(0, 0, 0, 0)
        notes.setSpacing(GRID)
        notes.addWidget(self._warning, 0, Qt.AlignmentFlag.AlignTop)
        notes.addWidget(self.findings, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(texts, 1)
        column.addWidget(self._notes)
        column.addWidget(self._place)
