"""The words of one message: a document of its own that is as tall as its text."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHelpEvent, QTextBlockFormat, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QToolTip, QWidget

from app.gui.labels import plain_tip
from app.gui.tab_order import bring_into_view
from app.gui.text_format import CITE, UNSUPPORTED, mark_of
from app.gui.theme import reading_font, set_role

_LINE_HEIGHT_PERCENT = 135.0
_BY_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

Tip = Callable[[int, int], str]
"""Explains a mark: the number of a source (0: an unsupported sentence), that of its sentence among the claims (-1: none)."""


def _no_tip(_number: int, _claim: int) -> str:
    return ""


class MessageText(QTextBrowser):
    """Text that grows piece by piece and is formatted once it is finished. Loads nothing, opens nothing."""

    cited = Signal(int, int)
    """A citation mark was clicked: the source's number, and the number of the sentence among the claims (-1: of none)."""

    link_clicked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "bare")
        reading_font(self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.anchorClicked.connect(self._follow)
        self._tip: Tip = _no_tip
        self._waiting = ""
        self._left_at: QTextCursor | None = None

    def add(self, piece: str) -> None:
        """Append plain text. Pieces that come in one burst are laid out once."""
        if not self._waiting:
            QTimer.singleShot(0, self, self._flush)
        self._waiting += piece

    def show_html(self, html: str, tip: Tip) -> None:
        """Show finished text; `tip` explains a mark of it."""
        self._waiting = ""
        self._tip, self._left_at = tip, None
        self.setHtml(html)
        has_links = " href=" in html
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if has_links else Qt.FocusPolicy.ClickFocus)
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

    def focusNextPrevChild(self, next: bool) -> bool:
        """From link to link, then out."""
        moved = bool(super().focusNextPrevChild(next))
        if self.hasFocus():
            bring_into_view(self)
        return moved

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The text itself shows no focus: Tab stops at its first link, Shift+Tab at its last.

        Who comes back from where a link led finds it marked.
        """
        super().focusInEvent(event)
        if event.reason() in _BY_TAB:
            super().focusNextPrevChild(event.reason() == Qt.FocusReason.TabFocusReason)
        elif event.reason() == Qt.FocusReason.OtherFocusReason and self._left_at is not None:
            self.setTextCursor(self._left_at)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._left_at = self.textCursor()
        super().focusOutEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            tip = plain_tip(self._explained(self.anchorAt(event.pos())))
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return bool(super().viewportEvent(event))

    def _explained(self, target: str) -> str:
        if not target.startswith((CITE, UNSUPPORTED)):
            return target
        return self._tip(*mark_of(target))

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
            self.cited.emit(*mark_of(target))
        elif not target.startswith(UNSUPPORTED):
            self.link_clicked.emit(bytes(url.toEncoded().data()).decode())
