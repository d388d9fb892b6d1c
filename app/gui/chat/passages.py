"""Passages of documents as cards: the quote, where it stands, and a way there."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from app.assistants.events import Lead, Source
from app.gui.buttons import IconLabel
from app.gui.chat.exact_answer import ExactAnswer
from app.gui.chat.link_button import LinkButton
from app.gui.icons import icon
from app.gui.labels import ElidedLabel, WrappedLabel, plain_tip
from app.gui.text_format import doubt, file_name, source_place
from app.gui.theme import GRID, HALF, set_look, set_role

_LONGEST_QUOTE = 420


def where(source: Source) -> str:
    """ "lease.pdf · Page 3"."""
    place = source_place(source)
    return f"{file_name(source.file)} · {place}" if place else file_name(source.file)


def quote_label(text: str) -> QLabel:
    """A quote, word for word, with a bar at its side. Very long ones end in an ellipsis."""
    quote = " ".join(text.split())
    if len(quote) > _LONGEST_QUOTE:
        quote = quote[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"
    label = WrappedLabel(quote)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    set_role(label, "quote")
    return label


def _warned(text: str) -> QHBoxLayout:
    note = WrappedLabel(text)
    set_role(note, "caution")
    row = QHBoxLayout()
    row.setSpacing(GRID)
    row.addWidget(IconLabel("warning", "warning", 16))
    row.addWidget(note, 1)
    return row


def _add_doubt(column: QVBoxLayout, source: Source, indent: int = 0) -> None:
    if text := doubt(source):
        label = WrappedLabel(text)
        label.setContentsMargins(indent, 0, 0, 0)
        set_role(label, "muted")
        column.addWidget(label)


class SourceCard(QFrame):
    """A numbered source in the panel. Click, Enter or “Open” show its page."""

    opened = Signal(object)

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = source
        set_role(self, "card")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab stops at “Open”
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(
            self.tr("Source {number}: {where}").format(number=source.number, where=where(source))
        )
        self.setAccessibleDescription(source.quote)
        badge = QLabel(str(source.number))
        set_role(badge, "badge")
        name = ElidedLabel(file_name(source.file))
        name.set_tip(source.file)
        set_role(name, "title")
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(badge)
        head.addWidget(name, 1)
        place = ElidedLabel(source_place(source))
        set_role(place, "muted")
        foot = QHBoxLayout()
        foot.addWidget(place, 1)
        foot.addWidget(self._open_button())
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID + HALF, GRID + HALF, GRID + HALF, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(quote_label(source.quote))
        _add_doubt(column, source)
        column.addLayout(foot)

    def mark(self, active: bool) -> None:
        """Show which source is meant."""
        set_look(self, "active", "true" if active else "false")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit(self.source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.source)
        else:
            super().keyPressEvent(event)

    def _open_button(self) -> LinkButton:
        button = LinkButton(self.tr("Open"))
        button.setAccessibleName(self.tr("Open source {number}").format(number=self.source.number))
        button.clicked.connect(lambda: self.opened.emit(self.source))
        return button


class PlaceLink(LinkButton):
    """A link to a place; a long file name is shown without its middle."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, icon("file", "accent"), parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.width() - (self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text()))
        option.text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room + 1)
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class PassageRow(QWidget):
    """A quote with a link to its place below it."""

    opened = Signal(object)

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        link = PlaceLink(where(source))
        link.setToolTip(plain_tip(source.file))
        link.setAccessibleDescription(source.file)
        link.setAccessibleName(self.tr("Open {where}").format(where=where(source)))
        link.clicked.connect(lambda: self.opened.emit(source))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(quote_label(source.quote))
        _add_doubt(column, source, GRID)
        line = QHBoxLayout()
        line.addWidget(link)
        line.addStretch(1)
        column.addLayout(line)


class PassagesCard(QFrame):
    """Passages under a heading: the best evidence of an answer, or the nearest miss."""

    opened = Signal(object)

    def __init__(
        self, role: str, picture: str, title: str, text: str, sources: tuple[Source, ...],
        lead: Lead | None = None, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """`lead`: the exact answer, out of the first of the `sources`."""
        super().__init__(parent)
        set_role(self, role)
        heading = QLabel(title)
        set_role(heading, "title")
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(IconLabel(picture, "accent"))
        head.addWidget(heading, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + HALF, GRID * 2, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        if text:
            column.addWidget(WrappedLabel(text))
        if lead is not None and sources:
            exact = ExactAnswer(lead, sources[0])
            exact.opened.connect(self.opened)
            column.addWidget(exact)
            if not lead.sure:
                column.addLayout(_warned(self.tr("Unsure: your documents may not answer this.")))
        for source in sources:
            row = PassageRow(source)
            row.opened.connect(self.opened)
            column.addWidget(row)
