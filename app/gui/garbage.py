"""Python's collector of unreachable objects, kept to the GUI thread.

Left alone it runs in whichever thread happens to allocate. A Qt object that it takes away on another thread holds a lock of
Qt's and waits for Python's, while the GUI thread may hold Python's and wait for that lock of Qt's: the window stands still
for good.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Garbage(QObject):
    """Make one, on the GUI thread; from then on until `stop` unreachable objects are collected there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        gc.disable()

    def collect(self) -> None:
        """The oldest generation whose turn it is by Python's own counts, with the younger ones."""
        due = [
            number
            for number, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if count > most
        ]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        """Python collects by itself again."""
        self._timer.stop()
        gc.enable()
