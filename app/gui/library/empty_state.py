"""What the library shows where there is no file to list: what to do next."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel
from app.gui.library.add_buttons import AddButtons
from app.gui.theme import GRID, HALF, set_role

_READABLE_WIDTH = 440


class EmptyLibrary(QWidget):
    """A picture, what it means, and the way on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = IconLabel("folder-plus", "accent", 48)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, textFormat=Qt.TextFormat.PlainText)
        set_role(self._title, "heading")
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self._kinds = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self._kinds.setText(
            self.tr(
                "PDF, Word, PowerPoint, Excel, OpenDocument, e-mail, EPUB, web pages, Markdown, text and more."
            )
        )
        for each in (self._text, self._kinds):
            set_role(each, "muted")
        self.add = AddButtons()
        column = QVBoxLayout(self)
        column.setSpacing(GRID + HALF)
        column.addStretch(2)
        for label in (self._picture, self._title):
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(_in_the_middle(self._text))
        column.addSpacing(HALF)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(HALF)
        column.addLayout(_in_the_middle(self._kinds))
        column.addStretch(3)

    @property
    def text(self) -> str:
        return f"{self._title.text()}. {self._text.text()}"

    def show_no_folders(self, collection: str, *, first: bool) -> None:
        """`first`: there is no document anywhere yet."""
        self._picture.show_icon("folder-plus", "accent")
        title = (
            self.tr("Add your documents") if first else self.tr("“{name}” is empty").format(name=collection)
        )
        self._title.setText(title)
        self._text.setText(
            self.tr("Drop a folder or files here. They are read on this computer, nothing is uploaded, and the"
                    " files themselves are never changed.")
        )  # fmt: skip
        self._kinds.show()

    def show_no_files(self) -> None:
        """There are folders, and nothing in them that was read."""
        self._picture.show_icon("folder", "accent")
        self._title.setText(self.tr("No documents here yet"))
        self._text.setText(
            self.tr(
                "Nothing has been read from this folder. Put documents into it and refresh, or add another one."
            )
        )
        self._kinds.show()

    def show_nothing_indexed(self) -> None:
        self._picture.show_icon("list", "accent")
        self._title.setText(self.tr("Nothing has been read yet"))
        self._text.setText(
            self.tr("Every file that Alcove has read is listed here, whatever its collection.")
        )
        self._kinds.hide()


def _in_the_middle(label: QLabel) -> QHBoxLayout:
    """As wide as is readable; an alignment would keep the label from asking for a second line."""
    label.setMaximumWidth(_READABLE_WIDTH)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(label, 1000)
    row.addStretch(1)
    return row
