"""What stands above a conversation: its title, and the model that answers."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.gui.chat.model_picker import ModelPicker
from app.gui.labels import ElidedLabel
from app.gui.theme import GRID, set_role

_LEAST_TITLE = 20 * GRID
_LEAST_NAME = 20 * GRID  # of a model; a longer one loses its middle


class ChatHead(QWidget):
    """Where title and model have no room side by side, the model's icon stands for its name."""

    def __init__(
        self, list_button: QToolButton, model: ModelPicker, sources_button: QToolButton,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._model = model
        self._buttons = (list_button, sources_button)
        self.title = ElidedLabel()
        self.title.setMinimumWidth(12 * GRID)
        set_role(self.title, "title")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(GRID * 3, GRID, GRID, 0)
        self._row.addWidget(list_button)
        self._row.addWidget(self.title, 1)
        self._row.addWidget(model)
        self._row.addWidget(sources_button)

    def event(self, event: QEvent) -> bool:
        """The room changes with the width, with the buttons that are shown, and with the model's name."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - _LEAST_TITLE - self._row.spacing()
        room -= sum(
            each.sizeHint().width() + self._row.spacing() for each in self._buttons if not each.isHidden()
        )
        self._model.show_name(room >= min(self._model.named_width, _LEAST_NAME))
