"""Line icons from `resources/icons`, drawn in the palette's colours at the moment they are painted."""

import math
from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from app.base.paths import resource
from app.gui.theme import colours


@cache
def _drawing(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text("utf-8")


def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))


class _TintedEngine(QIconEngine):
    """Reads the theme when it paints, so a changed theme needs no new icons."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        now = colours()
        if mode == QIcon.Mode.Disabled:
            return now.muted
        if self._role == "rail":
            return now.accent if state == QIcon.State.On else now.muted
        return str(getattr(now, self._role))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(rect).center())
        _renderer(self._name, self._colour(mode, state)).render(painter, box)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """`size` is what the widget asks for, `scale` the screen's pixels for each of its units."""
        pixels = QSize(math.ceil(size.width() * scale), math.ceil(size.height() * scale))
        if pixels.isEmpty():
            return QPixmap()  # a button that has no room yet; nothing can be painted on it
        key = f"alcove/{self._name}/{self._colour(mode, state)}/{pixels.width()}x{pixels.height()}@{scale}"
        found = QPixmap()
        if not QPixmapCache.find(key, found):
            found = QPixmap(pixels)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            self.paint(painter, QRect(QPoint(0, 0), pixels), mode, state)
            painter.end()
            found.setDevicePixelRatio(scale)
            QPixmapCache.insert(key, found)
        return found

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name, self._role)


@cache
def icon(name: str, role: str = "text") -> QIcon:
    """The icon `resources/icons/<name>.svg`.

    `role` names one of the theme's `Colours` ("text", "muted", "accent", "on_accent", "warning"…), or is
    "rail": accent while checked, else muted.
    """
    _drawing(name)  # a missing file shows up here, not while painting
    return QIcon(_TintedEngine(name, role))


def app_icon() -> QIcon:
    """Alcove's own icon, in its own colours."""
    renderer = QSvgRenderer(str(resource("icons", "alcove.svg")))
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        picture = QPixmap(side, side)
        picture.fill(QColor(0, 0, 0, 0))
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        made.addPixmap(picture)
    return made
