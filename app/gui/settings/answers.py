"""How sure Alcove must be before it answers, with the error rates that were measured."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from app.base.settings import SettingsStore
from app.gui.settings.section import Section
from app.gui.theme import HALF, set_role
from app.models.calibration import Level, shipped_calibration


class CalmSlider(QSlider):
    """Takes the wheel only while it has the focus: a page that is scrolled past it must not move it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class AnswersSection(Section):
    """Tells of each change; the page saves it."""

    changed = Signal(str, object)
    """Name of the setting, and its value."""

    def __init__(self, settings: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Answers"), parent)
        self._settings = settings
        self._levels = shipped_calibration().levels
        self.caution = CalmSlider()
        self.caution.setRange(0, len(self._levels) - 1)
        self.caution.setEnabled(len(self._levels) > 1)  # one level only: what was measured cannot be read
        self.caution.setPageStep(1)
        self.caution.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.caution.valueChanged.connect(self._moved)
        self._rates = self.add(self.tr("Answer &when"), self._with_ends(), " ")
        self.caution.setAccessibleName(self.tr("How sure Alcove must be to answer"))
        self.refresh()

    def refresh(self) -> None:
        """Show what holds."""
        now = min(self._settings.current.caution, self.caution.maximum())
        with QSignalBlocker(self.caution):
            self.caution.setValue(now)
        self._tell(now)

    def _with_ends(self) -> QWidget:
        holder = QWidget()
        holder.setFocusProxy(self.caution)
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(HALF)
        grid.addWidget(self.caution, 0, 0, 1, 2)
        for column, text in enumerate((self.tr("Always"), self.tr("Only when sure"))):
            end = QLabel(text)
            set_role(end, "small")
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            grid.addWidget(end, 1, column, side)
        return holder

    def _moved(self, value: int) -> None:
        self._tell(value)
        self.changed.emit("caution", value)

    def _tell(self, value: int) -> None:
        now = self._settings.current
        if not value:
            text = self.tr("Every question is answered, right or wrong.")
        elif now.reader or now.embedder:
            text = self.tr("How often this goes wrong was not measured with the models you chose.")
        else:
            text = self._about(self._levels[value])
        self._rates.setText(text)
        self.caution.setAccessibleDescription(text)

    def _about(self, level: Level) -> str:
        return self.tr(
            "Measured with the models Alcove comes with: of 100 questions that the documents answer, {false} were refused; "
            "of 100 that they do not answer, {right}."
        ).format(false=round(100 * level.false_refusals), right=round(100 * level.right_refusals))
