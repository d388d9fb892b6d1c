"""The text of a document that cannot be shown as pages. Plain text: nothing in it is ever fetched or run."""

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.gui.text_format import place_name
from app.gui.theme import GRID, colours
from app.gui.viewer.excerpts import Excerpt

_READABLE_WIDTH = 680
_LINE_HEIGHT = 145.0
_THIRD = 3
# what a text document would read as the end of a block, though it is one character like any other
_BREAKS = str.maketrans({"\r": "\n", "\u2029": "\n", "\ufdd0": " ", "\ufdd1": " "})


class TextView(QTextEdit):
    """Shows an excerpt in lines of a readable width, the quote marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(GRID * 2)
        self.setAccessibleName(self.tr("Text of the document"))
        self.quote: QTextCursor | None = None
        self._aim: QTextCursor | None = None
        self._aiming = False
        self.verticalScrollBar().valueChanged.connect(self._let_go)

    def show_excerpt(self, excerpt: Excerpt) -> None:
        """Show the text and bring the quote (or the cited place) into view."""
        self._aim = self.quote = None
        self.clear()
        begins = self._write(excerpt)
        if excerpt.places:
            text, begin = excerpt.places[excerpt.target][1], begins[excerpt.target]
            if excerpt.found:
                start = begin + _units(text[: excerpt.start])
                self.quote = self._cursor(start, start + _units(text[excerpt.start : excerpt.end]))
            self._aim = self.quote or self._cursor(begin, begin)
        self._mark()
        self._aim_at_quote()

    def _write(self, excerpt: Excerpt) -> list[int]:
        """Fill the document; returns where the text of each place begins."""
        begins = []
        body, heading = _body_block(), _heading_block()
        writer = self._cursor(0, 0)
        writer.beginEditBlock()
        for number, (place, text) in enumerate(excerpt.places):
            name = place_name(place)
            if name:
                _new_block(writer, heading, is_first=number == 0)
                writer.insertText(name, _bold())
            _new_block(writer, body, is_first=number == 0 and not name)
            begins.append(writer.position())
            writer.insertText(text.translate(_BREAKS), QTextCharFormat())
        writer.endEditBlock()
        return begins

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _mark(self) -> None:
        marks = []
        if self.quote is not None:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = self.quote
            look = QTextCharFormat()
            look.setBackground(QColor(colours().marker))
            look.setForeground(QColor(colours().text))
            mark.format = look
            marks.append(mark)
        self.setExtraSelections(marks)

    def _aim_at_quote(self) -> None:
        """Bring what is aimed at to a third of the height, until the person scrolls."""
        if self._aim is None:
            return
        self._aiming = True
        start = self._cursor(self._aim.selectionStart(), self._aim.selectionStart())
        bar = self.verticalScrollBar()
        top = self.cursorRect(start).top() + bar.value()
        share = self.viewport().height() // _THIRD if self.quote is not None else GRID * 6
        bar.setValue(top - share)
        self._aiming = False

    @Slot()
    def _let_go(self) -> None:
        if not self._aiming:
            self._aim = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines stay readable in a wide window: the rest becomes margin."""
        aim = self._aim
        spare = self.width() - self.verticalScrollBar().sizeHint().width() - _READABLE_WIDTH
        margin = max(GRID, spare // 2)
        self.setViewportMargins(margin, 0, margin, 0)
        super().resizeEvent(event)
        self._aim = aim  # laying out moved the bar, not the person
        self._aim_at_quote()
        QTimer.singleShot(0, self, self._aim_at_quote)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._mark()


def _new_block(writer: QTextCursor, look: QTextBlockFormat, *, is_first: bool) -> None:
    if is_first:
        writer.setBlockFormat(look)
    else:
        writer.insertBlock(look)


def _body_block() -> QTextBlockFormat:
    look = QTextBlockFormat()
    look.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return look


def _heading_block() -> QTextBlockFormat:
    look = QTextBlockFormat()
    look.setTopMargin(GRID * 3)
    look.setBottomMargin(GRID)
    return look


def _bold() -> QTextCharFormat:
    look = QTextCharFormat()
    look.setFontWeight(QFont.Weight.DemiBold)
    return look


def _units(text: str) -> int:
    """Length in UTF-16, which a text document counts in."""
    return len(text) + sum(character > "\uffff" for character in text)
