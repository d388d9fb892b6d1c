"""Keeps what the Models page shows true: looks when asked, and at the free memory every few seconds."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.backend import Backend, ModelParts
from app.gui.jobs import Job, Jobs
from app.gui.models.free_memory import free_for_models
from app.gui.models.headers import HeaderCache
from app.gui.models.judging import Picture, notable, paint, repaint

if TYPE_CHECKING:
    from app.hardware.probe import Machine, Ram

_EVERY_MS = 3000


class PictureLoader(QObject):
    """One look at a time; wishes that come meanwhile are one more look."""

    painted = Signal(object)
    """A `Picture`."""

    def __init__(
        self, backend: Backend, parts: ModelParts, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._parts = parts
        self._jobs = jobs
        self._headers = HeaderCache()
        self._picture: Picture | None = None
        self._machine: Machine | None = None  # with its graphics cards, which are asked for once
        self._looking: Job | None = None
        self._again = False
        self._probing: Job | None = None
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._probe)

    @Slot()
    def load(self) -> None:
        """Look at everything again."""
        if self._looking is not None and self._looking.running:
            self._again = True
            return
        known = self._machine
        self._looking = self._jobs.run(
            lambda cancel: paint(self._backend, self._parts, self._headers, known, cancel),
            on_event=self._show,
            on_done=self._looked,
        )

    def watch_memory(self, *, watching: bool) -> None:
        """While the page is in view."""
        if watching:
            self._timer.start()
        else:
            self._timer.stop()

    @Slot(object)
    def _show(self, picture: Picture) -> None:
        self._picture = picture
        if picture.complete:
            self._machine = picture.machine
        self.painted.emit(picture)

    @Slot()
    def _looked(self) -> None:
        if self._again:
            self._again = False
            self.load()

    @Slot()
    def _probe(self) -> None:
        if self._picture is not None and (self._probing is None or not self._probing.running):
            self._probing = self._jobs.run(
                lambda _cancel: [free_for_models(self._backend)], on_event=self._compare
            )

    @Slot(object)
    def _compare(self, ram: "Ram") -> None:
        """Judge again only when free memory changed so much that it matters."""
        before = self._picture
        if before is None or not notable(before.machine.ram, ram):
            return

        def show(picture: Picture) -> None:
            if self._picture is before:  # else it was looked at anew meanwhile
                self._show(picture)

        self._jobs.run(lambda _cancel: [repaint(before, ram)], on_event=show, owner=self)
