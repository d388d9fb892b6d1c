"""How much text the model shall look at, in steps."""

from collections.abc import Iterator

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from app.gui.labels import WrappedLabel
from app.gui.models.detail.wording import tokens_and_words
from app.gui.theme import GRID, HALF, set_role
from app.hardware.fit import USUAL_CONTEXT

_LEAST, _MOST = 2048, 131072  # tokens


def steps(trained: int) -> tuple[int, ...]:
    """Contexts to choose from, in tokens: powers of two and half-way between, up to what the model was trained for.

    `trained` 0: not known. A model trained for less than the least step has that one alone.
    """
    most = min(trained or _MOST, _MOST)
    found = [each for each in _ladder() if each < most]
    return (*found, most)


def _ladder() -> Iterator[int]:
    step = _LEAST
    while step <= _MOST:
        yield step
        yield step * 3 // 2
        step *= 2


class _Slider(QSlider):
    """Turning the wheel scrolls the pane, it does not change the value that happens to lie under the pointer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ContextSlider(QWidget):
    """A label, the value in words, and the slider below them; arrow keys, Page Up, Home and so on work."""

    changed = Signal(int)
    """Tokens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[int, ...] = (USUAL_CONTEXT,)
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setPageStep(2)
        self.slider.valueChanged.connect(self._moved)
        label = QLabel(self.tr("&Context"))
        label.setBuddy(self.slider)
        label.setToolTip(
            self.tr("How much text the model looks at: documents, question and answer together.")
        )
        self._value = WrappedLabel()
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight)
        set_role(self._value, "muted")
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._value, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addLayout(head)
        column.addWidget(self.slider)

    @property
    def tokens(self) -> int:
        return self._steps[self.slider.value()]

    @property
    def text(self) -> str:
        return self._value.text()

    def show_range(self, trained: int, wanted: int = USUAL_CONTEXT) -> None:
        """The steps of a model, at the last one that is not beyond `wanted` tokens. Emits nothing."""
        self._steps = steps(trained)
        within = [number for number, each in enumerate(self._steps) if each <= wanted]
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(self._steps) - 1)
            self.slider.setValue(within[-1] if within else 0)
        self._tell()

    @Slot()
    def _moved(self) -> None:
        self._tell()
        self.changed.emit(self.tokens)

    def _tell(self) -> None:
        said = tokens_and_words(self.tokens)
        self._value.setText(said)
        self.slider.setAccessibleName(self.tr("Context: {value}").format(value=said))
