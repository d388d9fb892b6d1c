"""One attached adapter: its file, how strongly it counts, and a button to take it away."""

from pathlib import Path

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from app.gui.buttons import icon_button
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, HALF, set_role
from app.models.adapters import LARGEST_SCALE
from app.models.records import Adapter

_STEPS = 20  # of the slider from 0 to 1
_LATER_MS = 300  # a slider being dragged is saved when it rests


class AdapterRow(QFrame):
    """`there`: whether its file was found."""

    scaled = Signal(object)
    """The `Adapter` with its new strength."""

    remove_wanted = Signal(object)

    def __init__(self, adapter: Adapter, *, there: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._adapter = adapter
        file = Path(adapter.file)
        name = ElidedLabel(file.name)
        set_role(name, "title")
        where = ElidedLabel(
            str(file.parent) if there else self.tr("The file is gone: {file}").format(file=file)
        )
        set_role(where, "muted" if there else "caution")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, round(LARGEST_SCALE * _STEPS))
        self.slider.setPageStep(_STEPS // 4)
        self.slider.setFixedWidth(GRID * 18)
        self.slider.setAccessibleName(self.tr("Strength of {name}").format(name=file.name))
        self.slider.setToolTip(self.tr("How strongly it counts; 1 is as it was trained"))
        self._value = QLabel()
        self._value.setFixedWidth(GRID * 4)
        self.remove = icon_button("trash", self.tr("Detach {name}").format(name=file.name))
        self.remove.clicked.connect(self._remove)
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self._tell)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(adapter.scale * _STEPS))
        self._show_value()
        self.slider.valueChanged.connect(self._show_value)
        self.slider.valueChanged.connect(lambda: self._later.start())
        texts = QVBoxLayout()
        texts.setSpacing(HALF // 2)
        texts.addWidget(name)
        texts.addWidget(where)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(GRID)
        row.addLayout(texts, 1)
        for each in (self.slider, self._value, self.remove):
            row.addWidget(each)

    def flush(self) -> None:
        """Tell at once of a strength that waits to be told."""
        if self._later.isActive():
            self._later.stop()
            self._tell()

    @Slot()
    def _show_value(self) -> None:
        self._value.setText(QLocale().toString(self.slider.value() / _STEPS, "f", 2))

    @Slot()
    def _remove(self) -> None:
        self._later.stop()  # its strength counts no more
        self.remove_wanted.emit(self._adapter)

    @Slot()
    def _tell(self) -> None:
        self._adapter = Adapter(self._adapter.file, self.slider.value() / _STEPS)
        self.scaled.emit(self._adapter)
