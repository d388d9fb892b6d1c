"""The two rows above a document: what it is and where it leads, and the controls of its pages."""

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtGui import QIntValidator, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.gui.buttons import IconLabel, icon_button
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, HALF, set_role
from app.gui.viewer.zoom import ZoomControls


class ViewerHeader(QWidget):
    """File name, cited place, and ways out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel()
        set_role(self.name, "title")
        self.place = ElidedLabel()
        set_role(self.place, "muted")
        self.find_button = icon_button("search", self.tr("Find in the document"))
        self.find_button.setToolTip(self.tr("Find in the document (Ctrl+F)"))
        self.open_button = icon_button("open", self.tr("Open in another app"), shortcut="Ctrl+Shift+O")
        self.folder_button = icon_button("folder", self.tr("Show in folder"))
        self.close_button = icon_button("close", self.tr("Close the document"))
        self.close_button.setToolTip(self.tr("Close the document (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(HALF)
        row.addWidget(IconLabel("file", "accent"))
        row.addSpacing(HALF)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addWidget(self.name)
        names.addWidget(self.place)
        row.addLayout(names, 1)
        for button in (self.find_button, self.open_button, self.folder_button, self.close_button):
            row.addWidget(button)

    def show_file(self, name: str, path: str) -> None:
        self.name.setText(name)
        self.name.set_tip(path)

    def allow(self, *, find: bool, open: bool, folder: bool) -> None:
        """What can be done with the file."""
        self.find_button.setEnabled(find)
        self.open_button.setEnabled(open)
        self.folder_button.setEnabled(folder)

    def show_place(self, place: str) -> None:
        self.place.setText(place)
        self.place.setVisible(bool(place))


class PageBar(QWidget):
    """Page number and zoom. Pages count from 1 here, as people count them."""

    page_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._page = 1
        self.previous = icon_button("chevron-up", self.tr("Previous page"), shortcut="Alt+Up")
        self.next = icon_button("chevron-down", self.tr("Next page"), shortcut="Alt+Down")
        self.field = QLineEdit(alignment=Qt.AlignmentFlag.AlignRight)
        self.field.setAccessibleName(self.tr("Page number"))
        self.field.setAcceptDrops(False)
        self._of = QLabel()
        set_role(self._of, "muted")
        self.zoom = ZoomControls("fit-width", self.tr("Fit the width"))
        self._lay_out()
        self.previous.clicked.connect(lambda: self.page_wanted.emit(self._page - 1))
        self.next.clicked.connect(lambda: self.page_wanted.emit(self._page + 1))
        self.field.returnPressed.connect(self._jump)
        self.field.editingFinished.connect(self._restore)

    def show_count(self, count: int) -> None:
        self._count = count
        self._of.setText(self.tr("of {count}").format(count=QLocale().toString(count)))
        self.field.setValidator(QIntValidator(1, max(1, count), self.field))
        digits = self.field.fontMetrics().horizontalAdvance("0" * len(str(count)))
        self.field.setFixedWidth(max(GRID * 7, digits + GRID * 4))
        self.show_page(1)
        self._drop_labels()

    def show_page(self, page: int) -> None:
        self._page = page
        self.previous.setEnabled(page > 1)
        self.next.setEnabled(page < self._count)
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(str(page))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drop_labels()

    def _drop_labels(self) -> None:
        """Where there is no room for everything, what can only be read goes first: the zoom, then the count."""
        zoom = self.zoom
        controls = (self.previous, self.next, self.field, zoom.smaller, zoom.larger, zoom.reset)
        margins = self.contentsMargins() + self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        room -= sum(each.minimumSizeHint().width() + HALF for each in controls if each is not self.field)
        room -= self.field.minimumWidth() + HALF
        for label in (self._of, zoom.label):
            room -= max(label.minimumWidth(), label.sizeHint().width()) + HALF
            label.setVisible(room >= 0)

    def _lay_out(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2 - HALF, HALF, GRID, HALF)
        row.setSpacing(HALF)
        for each in (self.previous, self.next, self.field, self._of):
            row.addWidget(each)
        row.addStretch(1)
        row.addWidget(self.zoom)

    @Slot()
    def _jump(self) -> None:
        self.field.setModified(False)
        self.page_wanted.emit(int(self.field.text()))

    @Slot()
    def _restore(self) -> None:
        """What was typed and not confirmed gives way to the page in view."""
        self.field.setModified(False)
        self.field.setText(str(self._page))
