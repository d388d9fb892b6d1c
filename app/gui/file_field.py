"""The place where a file is dropped or chosen."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.labels import ElidedLabel, WrappedLabel
from app.gui.theme import GRID, HALF, RADIUS, colours, set_role


class FileField(QWidget):
    """A dashed card. Drops come through the window, which takes them everywhere."""

    chosen = Signal(object)
    """A `Path`."""

    def __init__(
        self, hint: str, kinds: str, suffixes: tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        """`kinds`: what is accepted, in words; `suffixes`: the same for the file dialog, such as ".docx"."""
        super().__init__(parent)
        self._hint, self._kinds, self._suffixes = hint, kinds, suffixes
        self._picture = IconLabel("file-plus", "accent", 32)
        self._title = ElidedLabel()
        set_role(self._title, "title")
        self._detail = WrappedLabel()
        set_role(self._detail, "muted")
        self.button = QPushButton(icon("file"), "")
        self.button.setShortcut("Ctrl+O")
        self.button.clicked.connect(self._choose)
        words = QVBoxLayout()
        words.setSpacing(HALF)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        row.setSpacing(GRID * 2)
        row.addWidget(self._picture)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        self.show_file(None)

    def show_file(self, file: Path | None, detail: str = "") -> None:
        """`detail`: something about this file; left out, its folder is shown. None: no file yet."""
        self._picture.show_icon("file" if file is not None else "file-plus", "accent")
        self._title.setText(file.name if file is not None else self._hint)
        self._title.set_tip(str(file) if file is not None else "")
        self._detail.setText(self._kinds if file is None else detail or str(file.parent))
        self.button.setText(self.tr("Choose a file…") if file is None else self.tr("Another file…"))
        self.button.setShortcut("Ctrl+O")  # a changed text takes it away
        self.setAccessibleName(self._title.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = colours()
        painter.setPen(QPen(QColor(now.border), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(now.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    @Slot()
    def _choose(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in self._suffixes)
        file, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Choose a file"),
            "",
            self.tr("Documents ({patterns});;All files (*)").format(patterns=patterns),
        )
        if file:
            self.chosen.emit(Path(file))
