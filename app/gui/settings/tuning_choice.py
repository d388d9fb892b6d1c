"""Whether the starter is tuned for this processor by itself; switched off, its copy goes."""

from contextlib import suppress

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from app.backend import Backend
from app.base.errors import AppError
from app.engine.choose import models_folder
from app.gui.settings.section import Section
from app.models.installed import starter_chat_model
from app.models.tuned import Tunings


class TuningChoice(QCheckBox):
    """A row of a section; tells of each change, and the page saves it."""

    changed = Signal(str, object)
    """Name of the setting, and its value."""

    def __init__(self, backend: Backend, section: Section, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self.setText(self.tr("Tune it for this computer"))
        self.clicked.connect(self._chosen)
        hint = self.tr(
            "A copy in the format that this processor computes fastest answers, if it answers as well. Switched off, the copy "
            "is deleted; the starter itself always stays."
        )
        section.add(self.tr("&Starter model"), self, hint)
        self.setAccessibleName(self.tr("Tune the starter model for this computer"))
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        self.setChecked(self._backend.settings.current.tune_starter)

    @Slot(bool)
    def _chosen(self, on: bool) -> None:
        self.changed.emit("tune_starter", on)
        if not on:
            folder = models_folder(self._backend.settings.current, self._backend.paths)
            # Windows keeps a file that is in use; without its record nobody uses it
            with suppress(AppError, OSError):
                Tunings(folder).drop(starter_chat_model())
