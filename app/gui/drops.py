"""Files and folders dropped anywhere in the window, and what appears over it meanwhile."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.gui.icons import icon
from app.gui.theme import GRID, colours

_PICTURE = 6 * GRID


class DropArea(QWidget):
    """Takes the drags of its window and covers it while files hover. Never in the way of the mouse."""

    dropped = Signal(object)
    """A list of paths."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._models = False  # whether only models hover
        self._page = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def show_purpose(self, page: str) -> None:
        """`page`: the name of the one in view, which decides what becomes of dropped documents."""
        self._page = page

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._window and kind == QEvent.Type.DragLeave:
            self.hide()
        elif watched is self._window and isinstance(event, QDropEvent):  # entering and moving are drops too
            paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
            if not paths:
                return False
            self._models = all(path.suffix.casefold() == ".gguf" for path in paths)
            event.acceptProposedAction()
            if kind == QEvent.Type.Drop:
                self.hide()
                # later: the file manager they come from waits until this event is handled
                QTimer.singleShot(0, self, lambda: self.dropped.emit(paths))
            elif self.isHidden():
                self.setGeometry(self._window.rect())
                self.show()
                self.raise_()
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        now = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(now.window)
        veil.setAlpha(225)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(now.accent), 2, Qt.PenStyle.DashLine))
        edge = 3 * GRID
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), 12, 12)
        middle = self.rect().center()
        left, top = middle.x() - _PICTURE // 2, middle.y() - _PICTURE - GRID
        icon("folder-plus", "accent").paint(painter, left, top, _PICTURE, _PICTURE)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        painter.setFont(font)
        painter.setPen(QColor(now.text))
        below = self.rect().adjusted(0, edge, 0, edge)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), self._purpose())

    def _purpose(self) -> str:
        if self._models:
            return self.tr("Drop to add to your models")
        if self._page == "summarize":
            return self.tr("Drop to summarise")
        return (
            self.tr("Drop to translate")
            if self._page == "translate"
            else self.tr("Drop to add to your library")
        )
