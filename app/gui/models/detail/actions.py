"""What can be done with a model: one main button, the others below it in two columns where there is room."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from app.gui.icons import icon
from app.gui.theme import GRID, set_role


class Actions(QWidget):
    """All buttons; which of them are there depends on the model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.download = QPushButton(icon("download", "on_accent"), self.tr("Download"))
        self.use = QPushButton(self.tr("Use this model"))
        self.try_out = QPushButton(self.tr("Try it"))
        self.try_out.setToolTip(self.tr("Loads it once, to see whether it can be used"))
        for main in (self.download, self.try_out, self.use):
            set_role(main, "primary")
        self.in_use = QPushButton(icon("check", "accent"), self.tr("In use"))
        self.in_use.setEnabled(False)
        self.folder = QPushButton(self.tr("Show in folder"))
        self.verify = QPushButton(self.tr("Check files"))
        self.verify.setToolTip(self.tr("Compares the files with their checksum"))
        self.adapters = QPushButton(self.tr("Adapters…"))
        self.adapters.setToolTip(self.tr("Small files (LoRA) that change how this model writes"))
        self.quantise = QPushButton(self.tr("Make smaller…"))
        self.quantise.setToolTip(self.tr("Writes a copy with fewer bits a weight"))
        self.tune = QPushButton(self.tr("Tune for this computer"))
        self.tune.setToolTip(
            self.tr("Keeps a copy in the format that this processor computes fastest, if it answers as well")
        )
        self.remove = QPushButton(self.tr("Remove…"))
        self._main = (self.download, self.try_out, self.use, self.in_use)
        self._others = (self.folder, self.verify, self.adapters, self.quantise, self.tune, self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for button in self._main:
            column.addWidget(button)
        self._grid = QGridLayout()
        self._grid.setSpacing(GRID)
        self._shown: list[QPushButton] = []
        self._columns = 0
        column.addLayout(self._grid)

    def show_buttons(self, buttons: Sequence[QPushButton]) -> None:
        """Only these."""
        for button in self._main:
            button.setVisible(button in buttons)
        for button in self._others:
            button.setParent(self)
            button.setVisible(button in buttons)
        self._shown = [button for button in self._others if button in buttons]
        self._arrange(self._wanted_columns())
        self.setVisible(bool(buttons))

    def minimumSizeHint(self) -> QSize:
        """They can stand one below the other."""
        shown = [each for each in (*self._main, *self._others) if not each.isHidden()]
        width = max((each.sizeHint().width() for each in shown), default=0)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._wanted_columns() != self._columns:
            self._arrange(self._wanted_columns())

    def _wanted_columns(self) -> int:
        widest = max((each.sizeHint().width() for each in self._shown), default=0)
        return 2 if self.width() >= 2 * widest + GRID else 1

    def _arrange(self, columns: int) -> None:
        self._columns = columns
        for button in self._others:
            self._grid.removeWidget(button)
        for number, button in enumerate(self._shown):
            self._grid.addWidget(button, number // columns, number % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.updateGeometry()

    @property
    def shown(self) -> list[str]:
        """The texts of the buttons that are there, as they are read."""
        return [each.text() for each in (*self._main, *self._others) if not each.isHidden()]
