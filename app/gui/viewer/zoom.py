"""Making larger and smaller: the buttons, and the wheel and two fingers over a view."""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QShortcut, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QHBoxLayout, QLabel, QPinchGesture, QWidget

from app.gui.buttons import icon_button
from app.gui.theme import GRID, HALF, set_role

_NOTCH = 120  # of a wheel, in eighths of a degree


class ZoomControls(QWidget):
    """Smaller, how large, larger, and back to how it was at first."""

    stepped = Signal(int)
    reset_wanted = Signal()

    def __init__(self, reset_picture: str, reset_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.smaller = icon_button("zoom-out", self.tr("Smaller"), shortcut="Ctrl+-")
        self.larger = icon_button("zoom-in", self.tr("Larger"), shortcut="Ctrl++")
        self.reset = icon_button(reset_picture, reset_name, shortcut="Ctrl+0")
        self.label = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.label.setMinimumWidth(GRID * 6)
        self.label.setAccessibleName(self.tr("Zoom"))
        set_role(self.label, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(HALF)
        for each in (self.smaller, self.label, self.larger, self.reset):
            row.addWidget(each)
        self.smaller.clicked.connect(lambda: self.stepped.emit(-1))
        self.larger.clicked.connect(lambda: self.stepped.emit(1))
        self.reset.clicked.connect(self.reset_wanted)
        QShortcut("Ctrl+=", self, self.larger.click)  # where plus needs Shift

    def show_zoom(self, zoom: float) -> None:
        """1.0 is life size."""
        self.label.setText(self.tr("{percent} %").format(percent=round(zoom * 100)))


class ZoomGestures(QObject):
    """Listens to the viewport of a view. Points are those of the viewport, and stay where they are."""

    stepped = Signal(int, QPointF)
    scaled = Signal(float, QPointF)

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._turned = 0
        viewport.grabGesture(Qt.GestureType.PinchGesture)
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent):
            return self._turn(event)
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.scaled.emit(1 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            return self._pinch(event)
        return False

    def _turn(self, event: QWheelEvent) -> bool:
        """A notch is a step; a touchpad sends many small parts of one."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        for _ in range(abs(notches)):
            self.stepped.emit(1 if notches > 0 else -1, event.position())
        return True

    def _pinch(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        middle = self._viewport.mapFromGlobal(pinch.hotSpot().toPoint()) if pinch.hasHotSpot() else None
        self.scaled.emit(pinch.scaleFactor(), QPointF(middle or self._viewport.rect().center()))
        event.accept(pinch)
        return True
