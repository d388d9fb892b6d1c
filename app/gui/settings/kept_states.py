"""Whether what models have read is kept on disk, what that takes, and a way to be rid of it."""

from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from app.backend import Backend
from app.engine.kept_states import kept_bytes
from app.gui.settings.section import Section


class KeptStatesChoice(QCheckBox):
    """A row of a section; tells of each change, and the page saves it."""

    changed = Signal(str, object)
    """Name of the setting, and its value."""

    def __init__(self, backend: Backend, section: Section, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._backend = backend
        self.setText(self.tr("Keep what the model has read"))
        self.clear_button = QPushButton(self.tr("Clear"))
        self.clear_button.setAccessibleName(self.tr("Clear what the model has read"))
        self.clear_button.clicked.connect(self._clear)
        self.clicked.connect(self._chosen)
        self._hint = section.add(self.tr("Re&opening chats"), self, " ", buttons=(self.clear_button,))
        self.setAccessibleName(self.text())
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        self.setChecked(self._backend.settings.current.keep_states)
        taken = kept_bytes(self._backend.paths.states)
        self.clear_button.setEnabled(taken > 0)
        self._hint.setText(self._about(taken))
        self.setAccessibleDescription(self._hint.text())

    def _about(self, taken: int) -> str:
        about = self.tr(
            "A chat that is opened again then answers at once. It stays on this computer, and goes when you delete a chat or "
            "remove documents."
        )
        if not taken:
            return about
        size = QLocale().formattedDataSize(taken, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)
        return f"{about} {self.tr('It takes {size} now.').format(size=size)}"

    @Slot(bool)
    def _chosen(self, on: bool) -> None:
        self.changed.emit("keep_states", on)
        if not on:
            self._clear()

    @Slot()
    def _clear(self) -> None:
        self._backend.engine.forget_states()
        self.refresh()
