"""The words of one message: a document of its own that is as tall as its text."""

import math

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QHelpEvent, QTextBlockFormat, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QToolTip, QWidget

from app.gui.text_format import CITE, UNSUPPORTED
from app.gui.theme import reading_font, set_role

_LINE_HEIGHT_PERCENT = 135.0


class MessageText(QTextBrowser):
    """Text that grows piece by piece and is formatted once it is finished. Loads nothing, opens nothing."""

    cited = Signal(int)
    """A citation mark was clicked: the source's number."""

    link_clicked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "bare")
        reading_font(self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.anchorClicked.connect(self._follow)
        self._tips: dict[int, str] = {}
        self._waiting = ""

    def add(self, piece: str) -> None:
        """Append plain text. Pieces that come in one burst are laid out once."""
        if not self._waiting:
            QTimer.singleShot(0, self, self._flush)
        self._waiting += piece

    def show_html(self, html: str, tips: dict[int, str]) -> None:
        """Show finished text; `tips` explain its citation marks."""
        self._waiting = ""
        self._tips = tips
        self.setHtml(html)
        self._space_lines()
        self._fit()

    def show_plain(self, text: str) -> None:
        self._waiting = ""
        self.setPlainText(text)
        self._space_lines()
        self._fit()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever fetched, from no disk and no network."""
        return None

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._wanted_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._wanted_height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the transcript scrolls, not the message

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(self.anchorAt(event.pos())), self)
            return True
        return bool(super().viewportEvent(event))

    def _tip(self, target: str) -> str:
        if target.startswith(CITE):
            return self._tips.get(int(target.removeprefix(CITE)), "")
        return self.tr("Not found in your documents") if target == UNSUPPORTED else target

    @Slot()
    def _flush(self) -> None:
        if self._waiting:
            piece, self._waiting = self._waiting, ""
            empty = self.document().isEmpty()
            cursor = QTextCursor(self.document())  # its own, so that a selection stays
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(piece)
            if empty:
                self._space_lines()

    def _space_lines(self) -> None:
        """Room between the lines, except in code and tables."""
        lines = QTextBlockFormat()
        lines.setLineHeight(_LINE_HEIGHT_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        block = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            if cursor.currentTable() is None:
                cursor.mergeBlockFormat(lines)
            block = block.next()

    def _wanted_height(self) -> int:
        return math.ceil(self.document().size().height()) + 1

    @Slot()
    def _fit(self) -> None:
        if self.height() != self._wanted_height():
            self.setFixedHeight(self._wanted_height())

    @Slot(QUrl)
    def _follow(self, url: QUrl) -> None:
        target = url.toString()
        if target.startswith(CITE):
            self.cited.emit(int(target.removeprefix(CITE)))
        elif target != UNSUPPORTED:
            self.link_clicked.emit(bytes(url.toEncoded().data()).decode())
