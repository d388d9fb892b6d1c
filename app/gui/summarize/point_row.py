"""One point of a summary, with marks that lead to the places it was taken from."""

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCursor, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from app.assistants.events import Source
from app.assistants.summarize.events import Point
from app.gui.chat.passages import quote_label
from app.gui.summarize.wording import is_right_to_left, mark_of, shortened, tip_of
from app.gui.text_format import file_name
from app.gui.theme import GRID, HALF, colours, reading_font

_MARK = "source:"
_LINE_HEIGHT_PERCENT = 135


class PointText(QLabel):
    """The words of a point. A click tells which of its links was under the mouse."""

    clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        reading_font(self)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.setWordWrap(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._link = ""
        self.linkHovered.connect(self._hover)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit(self._link)

    @Slot(str)
    def _hover(self, link: str) -> None:
        self._link = link


class PointRow(QWidget):
    """Click or Enter open the first source, a mark its own; Left and Right go through the marks."""

    opened = Signal(object)
    """A `Source`."""

    moved = Signal(int)
    """Up (-1) or down (1) to another point."""

    def __init__(
        self, point: Point, *, bullet: bool, name_files: bool = False, parent: QWidget | None = None
    ) -> None:
        """`name_files`: marks name the document instead of the place."""
        super().__init__(parent)
        self.point = point
        self._marks = _marks(point, name_files)
        self._chosen = 0
        self._quote: QLabel | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if is_right_to_left(point.text):
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.text = PointText()
        self.text.clicked.connect(self._follow)
        self.text.linkHovered.connect(self._explain)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        if bullet:
            dot = QLabel("•")
            reading_font(dot)
            row.addWidget(dot, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, HALF // 2, 0, HALF // 2)
        self._column.setSpacing(HALF)
        self._column.addLayout(row)
        self._name()
        self._format()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those that have a mark, in the order of the marks."""
        return tuple(source for _, source in self._marks)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not event.modifiers():
            self._open(self._chosen)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and len(self._marks) > 1:
            self._chosen = (self._chosen + (1 if key == Qt.Key.Key_Right else -1)) % len(self._marks)
            self._name()
            self._format()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._format()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._format()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._format()
        super().changeEvent(event)

    @Slot(str)
    def _follow(self, link: str) -> None:
        self._open(int(link.removeprefix(_MARK)) if link.startswith(_MARK) else 0)

    def _open(self, index: int) -> None:
        """Pasted text has no page to be opened: its quote is shown below the point."""
        if not self._marks:
            return
        source = self._marks[index][1]
        if source.file:
            self.opened.emit(source)
            return
        shown, self._quote = self._quote, None
        if shown is not None:
            shown.hide()
            shown.deleteLater()
        if shown is None or shown.text() != quote_label(source.quote).text():
            self._quote = quote_label(source.quote)
            self._column.addWidget(self._quote)

    @Slot(str)
    def _explain(self, link: str) -> None:
        if link.startswith(_MARK):
            QToolTip.showText(QCursor.pos(), tip_of(self._marks[int(link.removeprefix(_MARK))][1]), self)
        else:
            QToolTip.hideText()

    def _name(self) -> None:
        self.setAccessibleName(self.point.text)
        if self._marks:
            mark, source = self._marks[self._chosen]
            said = self.tr("From {place}: {quote}. Press Enter to open it.").format(
                place=mark, quote=source.quote
            )
            self.setAccessibleDescription(said)

    def _format(self) -> None:
        now = colours()
        said = escape(self.point.text)
        marks = []
        for index, (name, _) in enumerate(self._marks):
            ground = (
                f"background-color:{now.accent_soft};" if self.hasFocus() and index == self._chosen else ""
            )
            style = f"color:{now.accent}; {ground} text-decoration:none; font-size:small; font-weight:600"
            label = escape(name).replace(" ", "&nbsp;").replace("-", "-&#8288;")  # in one piece
            joint = "&nbsp;" if index == 0 else " "  # a first mark does not begin a line of its own
            marks.append(f'{joint}<a href="{_MARK}{index}" style="{style}">&nbsp;{label}&nbsp;</a>')
        html = f'<p style="line-height:{_LINE_HEIGHT_PERCENT}%; margin:0px">{said}{"".join(marks)}</p>'
        self.text.setText(html)


def _marks(point: Point, name_files: bool) -> list[tuple[str, Source]]:
    """One mark for each place (or file), the best source first."""
    marks: dict[str, Source] = {}
    for source in point.sources:
        name = shortened(file_name(source.file)) if name_files and source.file else mark_of(source.place)
        marks.setdefault(name, source)
    return list(marks.items())
