"""Qt objects that nothing holds any more go where Qt wants them to: on the GUI thread."""

import gc
import threading

from PySide6.QtCore import QObject

from app.gui.garbage import Garbage

_ALLOCATED = 5 * gc.get_threshold()[0]  # objects: many times what makes Python look for garbage


class _Part(QObject):
    """In a circle with itself, so that only the collector takes it away."""

    def __init__(self, gone: list[threading.Thread]) -> None:
        super().__init__()
        self.itself = self
        self.gone = gone

    def __del__(self) -> None:
        self.gone.append(threading.current_thread())


def test_unreachable_objects_are_collected_on_the_gui_thread_only(qtbot):
    gone: list[threading.Thread] = []
    kept: list[list[int]] = []
    garbage = Garbage()

    def work() -> None:
        kept.extend([number] for number in range(_ALLOCATED))

    for _ in range(20):
        _Part(gone)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert gone == []
    qtbot.waitUntil(lambda: len(gone) == 20)
    assert set(gone) == {threading.main_thread()}
    garbage.stop()
    assert gc.isenabled()
