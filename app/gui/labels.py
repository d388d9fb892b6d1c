"""Labels that behave in narrow places."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


def plain_tip(text: str) -> str:
    """A tooltip that shows `text` letter by letter: Qt takes what looks like HTML for HTML, also out of a document."""
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if text else ""


class ElidedLabel(QLabel):
    """One line that loses its middle, not its end, when there is no room; the tooltip has it all."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.set_tip(text)

    def set_tip(self, text: str) -> None:
        """Plain text, for the eye and for screen readers, which would read the tags of a tooltip aloud."""
        self.setToolTip(plain_tip(text))
        self.setAccessibleDescription(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)


class WrappedLabel(QLabel):
    """Plain text of several lines, exactly as tall as it needs to be.

    A `QLabel` that wraps asks for the height it would have if it were narrow, which leaves holes in a
    scroll area.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())
