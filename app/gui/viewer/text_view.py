"""The text of a document that cannot be shown as pages. Plain text: nothing in it is ever fetched or run."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from app.gui.text_format import place_name
from app.gui.theme import GRID, colours, set_role
from app.gui.viewer.excerpts import Excerpt
from app.gui.viewer.text_offsets import TextOffsets

_READABLE_WIDTH = 680
_LINE_HEIGHT = 145.0
_THIRD = 3
_ZOOMS = (0.67, 3.0)
# what a text document would read as the end of a block, though it is one character like any other
_BREAKS = str.maketrans({"\r": "\n", "\u2029": "\n", "\ufdd0": " ", "\ufdd1": " "})


class TextView(QTextEdit):
    """Shows an excerpt in lines of a readable width, quotes and words that were searched for marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "document")
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
        self.zoom = 1.0
        self._size = self.font().pointSizeF()
        self._excerpt: Excerpt | None = None
        self._offsets = TextOffsets("")
        self._begins: list[int] = []
        self._others: list[QTextCursor] = []
        self._found: list[QTextCursor] = []
        self._chosen: QTextCursor | None = None
        self._aim: QTextCursor | None = None
        self._aiming = False
        self.verticalScrollBar().valueChanged.connect(self._let_go)

    def show_excerpt(self, excerpt: Excerpt) -> bool:
        """Show the text and bring the quote (or the cited place) into view; false when the text was there before."""
        is_new = self._excerpt is None or excerpt.places != self._excerpt.places
        if is_new:
            self.clear()
            self._begins = _write(QTextCursor(self.document()), excerpt)
            self._offsets = TextOffsets(self.toPlainText())
        self._excerpt, self._aim, self.quote = excerpt, None, None
        if excerpt.places:
            begin = self._begins[excerpt.target]
            if excerpt.found:
                self.quote = self._words(excerpt, excerpt.target, excerpt.start, excerpt.end)
            self._aim = self.quote or _cursor(self.document(), begin, begin)
        self._others = [self._words(excerpt, *other) for other in excerpt.others]
        self._mark()
        self._bring_to_view()
        return is_new

    def set_zoom(self, zoom: float) -> None:
        """1.0 is the size of letters elsewhere. What is at the top stays there."""
        self.zoom = max(_ZOOMS[0], min(zoom, _ZOOMS[1]))
        top = self.cursorForPosition(QPoint(0, 0))
        before, aim = self.cursorRect(top).top(), self._aim
        font = self.font()
        font.setPointSizeF(self._size * self.zoom)
        self.setFont(font)
        self._set_margins()
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(top).top() - before)
        self._aim = aim
        self._bring_to_view()

    def first_in_view(self) -> int:
        """The offset of the text at the top of the view, or of the quote while that is aimed at."""
        seen = self._aim if self._aim is not None else self.cursorForPosition(QPoint(0, 0))
        return self._offsets.character(seen.selectionStart())

    def around_view(self) -> tuple[int, int]:
        """The offsets of the text in view, and of what a turn of the wheel brings into it."""
        width, height = self.viewport().width(), self.viewport().height()
        first = self.cursorForPosition(QPoint(0, -height // 4)).position()
        last = self.cursorForPosition(QPoint(width, height + height // 4)).position()
        return self._offsets.character(first), self._offsets.character(last)

    def show_found(self, spans: Sequence[tuple[int, int]], chosen: tuple[int, int] | None) -> None:
        """Mark words by their offsets in the plain text."""
        self._found = [self._span(*span) for span in spans if span != chosen]
        self._chosen = None if chosen is None else self._span(*chosen)
        self._mark()

    def go_to_chosen(self) -> None:
        """Bring the words that were chosen last into view."""
        if self._chosen is not None:
            self._aim = self._chosen
            self._bring_to_view()

    def select_chosen(self) -> None:
        """Select those words, where the view stands."""
        if self._chosen is not None:
            place = self.verticalScrollBar().value()
            self.setTextCursor(self._chosen)
            self.verticalScrollBar().setValue(place)

    def _span(self, start: int, end: int) -> QTextCursor:
        return _cursor(self.document(), self._offsets.units(start), self._offsets.units(end))

    def _words(self, excerpt: Excerpt, place: int, start: int, end: int) -> QTextCursor:
        text = excerpt.places[place][1]
        first = self._begins[place] + _units(text[:start])
        return _cursor(self.document(), first, first + _units(text[start:end]))

    def _mark(self) -> None:
        now = colours()
        marks = [_marked(each, now.marker_soft, now.text) for each in self._others]
        if self.quote is not None:
            marks.append(_marked(self.quote, now.marker, now.text, line=now.warning))
        marks += [_marked(each, now.found, "") for each in self._found]
        if self._chosen is not None:
            marks.append(_marked(self._chosen, now.accent, now.on_accent))
        self.setExtraSelections(marks)

    def _bring_to_view(self) -> None:
        """Bring what is aimed at to a third of the height, until the person scrolls."""
        if self._aim is None:
            return
        self._aiming = True
        start = _cursor(self.document(), self._aim.selectionStart(), self._aim.selectionStart())
        bar = self.verticalScrollBar()
        top = self.cursorRect(start).top() + bar.value()
        share = self.viewport().height() // _THIRD if self._aim.hasSelection() else GRID * 6
        bar.setValue(top - share)
        self._aiming = False

    @Slot()
    def _let_go(self) -> None:
        if not self._aiming:
            self._aim = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines stay readable in a wide window: the rest becomes margin."""
        aim = self._aim
        self._set_margins()
        super().resizeEvent(event)
        self._aim = aim  # laying out moved the bar, not the person
        self._bring_to_view()
        QTimer.singleShot(0, self, self._bring_to_view)

    def _set_margins(self) -> None:
        spare = (
            self.width() - self.verticalScrollBar().sizeHint().width() - round(_READABLE_WIDTH * self.zoom)
        )
        margin = max(GRID, spare // 2)
        self.setViewportMargins(margin, 0, margin, 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._mark()


def _cursor(document: QTextDocument, start: int, end: int) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _write(writer: QTextCursor, excerpt: Excerpt) -> list[int]:
    """Fill the document; returns where the text of each place begins."""
    begins = []
    body, heading = _body_block(), _heading_block()
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


def _marked(words: QTextCursor, ground: str, ink: str, line: str = "") -> QTextEdit.ExtraSelection:
    look = QTextCharFormat()
    look.setBackground(QColor(ground))
    if ink:
        look.setForeground(QColor(ink))
    if line:  # not told by its colour alone
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        look.setUnderlineColor(QColor(line))
    mark = QTextEdit.ExtraSelection()
    mark.cursor = words
    mark.format = look
    return mark


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
