"""A scroll area that stays at its end while that grows, unless the person scrolled up; then a button leads back."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QScrollArea

from app.gui.buttons import icon_button
from app.gui.theme import GRID, set_role

_NEAR_END = 3 * GRID
_STRIP = 5 * GRID  # the button and a little air


class Newest(QObject):
    """Follows the vertical scroll bar of `area`. `button` stands below what is scrolled, and covers none of it.

    `leave_room` keeps that many pixels free at the foot of the area.
    """

    def __init__(self, area: QScrollArea, leave_room: Callable[[int], None]) -> None:
        super().__init__(area)
        self._leave_room = leave_room
        self._area = area
        self._bar = area.verticalScrollBar()
        self._followed = True
        self.button = icon_button("chevron-down", self.tr("Go to the newest message"), parent=area)
        set_role(self.button, "primary")
        self.button.setIcon(icon_button("chevron-down", "", role="on_accent").icon())
        self.button.clicked.connect(self.go)
        self.button.hide()
        self._bar.valueChanged.connect(self._scrolled)
        self._bar.rangeChanged.connect(self._grown)

    def follow(self) -> None:
        """Go to the end when it has grown."""
        self._followed = True

    @Slot()
    def go(self) -> None:
        self._followed = True
        self._bar.setValue(self._bar.maximum())

    def place(self) -> None:
        """The area has another size."""
        left = self._area.width() // 2 - self.button.sizeHint().width() // 2
        self.button.move(left, self._area.height() - (_STRIP + self.button.sizeHint().height()) // 2)

    @Slot(int)
    def _scrolled(self, value: int) -> None:
        self._followed = value >= self._bar.maximum() - _NEAR_END
        if self.button.isHidden() is not self._followed:
            self.button.setVisible(not self._followed)
            self.button.raise_()
            self._leave_room(0 if self._followed else _STRIP)

    @Slot(int, int)
    def _grown(self, _low: int, high: int) -> None:
        if self._followed:
            self._bar.setValue(high)
