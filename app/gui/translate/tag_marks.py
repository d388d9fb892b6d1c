"""Inline tags as a person sees them: small marks in the text, "‹1" and "1›" around what is formatted."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
    QTextLayout,
    QTextOption,
)

from app.documents.layout.tags import TAG, Tag, pieces
from app.gui.theme import colours

_SMALLER = 0.85  # of the text's size


def mark_of(tag: Tag) -> str:
    return {"open": f"‹{tag.number}", "close": f"{tag.number}›"}.get(tag.kind, f"‹{tag.number}›")


def marked(text: str, font: QFont) -> tuple[str, list[QTextLayout.FormatRange]]:
    """The text on one line with marks for its tags, and where and how the marks are painted."""
    look = _look(font)
    shown, ranges, at = [], [], 0
    for piece in pieces(" ".join(text.split())):
        part = mark_of(piece) if isinstance(piece, Tag) else piece
        if isinstance(piece, Tag):
            found = QTextLayout.FormatRange()
            found.start, found.length, found.format = at, len(part), look
            ranges.append(found)
        shown.append(part)
        at += _units(part)
    return "".join(shown), ranges


def option_for(direction: Qt.LayoutDirection) -> QTextOption:
    """Words wrap, and what is longer than a line is cut anywhere."""
    option = QTextOption()
    option.setTextDirection(direction)
    rtl = direction == Qt.LayoutDirection.RightToLeft
    option.setAlignment(Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


class TagHighlighter(QSyntaxHighlighter):
    """In an editor the tags stay text and are only set back. `font` is asked for at each painting."""

    def __init__(self, document: QTextDocument, font: Callable[[], QFont]) -> None:
        super().__init__(document)
        self._font = font

    def highlightBlock(self, text: str) -> None:
        look = _look(self._font())
        for found in TAG.finditer(text):
            self.setFormat(_units(text[: found.start()]), len(found[0]), look)


def _look(font: QFont) -> QTextCharFormat:
    now = colours()
    look = QTextCharFormat()
    look.setForeground(QBrush(QColor(now.accent)))
    look.setFontPointSize(font.pointSizeF() * _SMALLER)
    return look


def _units(text: str) -> int:
    """Qt counts in UTF-16."""
    return len(text.encode("utf-16-le")) // 2
