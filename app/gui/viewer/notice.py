"""What a viewer says: a quiet strip above a document, or a message in its place."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.theme import GRID, HALF, set_role

_READABLE_WIDTH = 400


class NoticeStrip(QWidget):
    """One remark; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        frame = QFrame()
        set_role(frame, "calm")
        around = QVBoxLayout(self)
        around.setContentsMargins(GRID * 2, 0, GRID * 2, GRID)
        around.addWidget(frame)
        self._label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        row = QHBoxLayout(frame)
        row.setContentsMargins(GRID + HALF, GRID, GRID + HALF, GRID)
        row.setSpacing(GRID)
        row.addWidget(IconLabel("info", "accent"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, *remarks: str) -> None:
        said = " ".join(remark for remark in remarks if remark)
        self._label.setText(said)
        self.setAccessibleName(said)
        self.setVisible(bool(said))


class Notice(QWidget):
    """A message where the document would be: what happened and what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = IconLabel("file", "muted", 40)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        set_role(self._title, "title")
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._text, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 4, GRID * 4, GRID * 4, GRID * 4)
        column.setSpacing(GRID + HALF)
        column.addStretch(2)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for each in (self._title, self._text):
            line = QHBoxLayout()  # the text grows to its widest, no further
            line.addStretch(1)
            each.setMaximumWidth(_READABLE_WIDTH)
            line.addWidget(each, 1000)
            line.addStretch(1)
            column.addLayout(line)
        column.addStretch(3)

    @property
    def text(self) -> str:
        return f"{self._title.text()} {self._text.text()}".strip()

    def say(self, picture: str, title: str, text: str) -> None:
        self._picture.show_icon(picture, "muted")
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(self.text)
