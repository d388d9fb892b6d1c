"""Whether a graphics card may compute answers, and a way to try it again."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from app.backend import Backend
from app.base.errors import AppError
from app.gui.errors import MessageBar
from app.gui.settings.section import Section


class CardChoice(QCheckBox):
    """A row of a section; tells of each change, and the page saves it."""

    changed = Signal(str, object)
    """Name of the setting, and its value."""

    def __init__(
        self, backend: Backend, messages: MessageBar, section: Section, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._backend = backend
        self._messages = messages
        self.setText(self.tr("Use it where it is faster"))
        self.try_button = QPushButton(self.tr("Try again"))
        self.try_button.setAccessibleName(self.tr("Try the graphics card again"))
        self.try_button.clicked.connect(self._try_again)
        self.clicked.connect(lambda on: self.changed.emit("use_card", on))
        hint = self.tr(
            "Each model is timed once on the card and on the processor, and the faster one answers. A model with which the card "
            "crashed runs on the processor, until you have the card tried again."
        )
        section.add(self.tr("&Graphics card"), self, hint, buttons=(self.try_button,))
        self.setAccessibleName(self.tr("Use the graphics card where it is faster"))
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        on = self._backend.settings.current.use_card
        self.setChecked(on)
        self.try_button.setEnabled(on)

    @Slot()
    def _try_again(self) -> None:
        try:
            self._backend.engine.try_card_again()
        except AppError as error:
            self._messages.show_error(error)
            return
        self._messages.show_note(self.tr("The graphics card is tried again with the next answer."))
