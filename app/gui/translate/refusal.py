"""A calm panel in place of a translation that this model must not try."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.base.errors import AppError
from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, HALF, set_role


class Refusal(QFrame):
    """Says why and what to do: another model, or small models made for translation."""

    models_wanted = Signal()
    fetch_wanted = Signal()
    """Translation models for the languages in question."""

    folder_chosen = Signal(str)
    """A folder of translation models."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "calm")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.what = WrappedLabel()
        set_role(self.what, "title")
        self.remedy = WrappedLabel()
        self.models = QPushButton(icon("models"), self.tr("Choose another model"))
        self.models.clicked.connect(self.models_wanted)
        self.add = QPushButton(icon("plus"), self.tr("Add translation models…"))
        self.add.setToolTip(self.tr("Small models that only translate, one for a pair of languages"))
        self.add.setMenu(self._menu())
        words = QVBoxLayout()
        words.setSpacing(HALF)
        words.addWidget(self.what)
        words.addWidget(self.remedy)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(GRID)
        self._buttons.addWidget(self.models)
        self._buttons.addWidget(self.add)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID + HALF)
        column.addWidget(IconLabel("info", "accent"), 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(words)
        column.addLayout(self._buttons)
        self.hide()

    def show_refusal(self, error: AppError | None) -> None:
        """None: nothing is refused."""
        self.setVisible(error is not None)
        if error is not None:
            self.what.setText(error.what)
            self.remedy.setText(error.remedy)
            self.remedy.setVisible(bool(error.remedy))
            self.setAccessibleName(str(error))

    def minimumSizeHint(self) -> QSize:
        """Its buttons can stand one below the other, so they ask for no width."""
        return QSize(self.add.sizeHint().width() + 4 * GRID, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow place one button stands below the other."""
        super().resizeEvent(event)
        needed = self.models.sizeHint().width() + self.add.sizeHint().width() + 5 * GRID
        directions = QBoxLayout.Direction
        self._buttons.setDirection(
            directions.TopToBottom if self.width() < needed else directions.LeftToRight
        )

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(
            icon("download"), self.tr("Download for these languages (20 to 90 MB)"), self.fetch_wanted.emit
        )
        menu.addAction(
            icon("folder"), self.tr("From a folder with Firefox translation models…"), self._choose
        )
        return menu

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder with translation models"))
        if folder:
            self.folder_chosen.emit(folder)
