"""The LoRA adapters of a model: which, how strongly, and more of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.assistants.attach_adapter import Attached, attach_adapter
from app.backend import Backend, ModelParts
from app.base.jobs import CancelToken
from app.base.paths import is_there
from app.engine.choose import models_folder
from app.gui.errors import MessageBar
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.adapter_row import AdapterRow
from app.gui.models.work_strip import Step, WorkStrip
from app.gui.theme import GRID, scrolled, set_look, set_role
from app.models.adapters import adapters_of, detach, set_scale
from app.models.records import Adapter, Records

if TYPE_CHECKING:
    from app.models.installed import InstalledModel

Listed = Sequence[tuple[Adapter, bool]]
"""Each adapter, and whether its file is there."""


class AdapterDialog(QDialog):
    """Every change counts at once, from the next answer on."""

    changed = Signal()

    def __init__(
        self,
        backend: Backend,
        parts: ModelParts,
        jobs: Jobs,
        model: "InstalledModel",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Adapters of {name}").format(name=model.name))
        self.setAcceptDrops(True)
        self._sizing, self._jobs, self._model = parts.sizing, jobs, model
        self._records = Records(models_folder(backend.settings.current, backend.paths))
        self._rows: list[AdapterRow] = []
        self._waiting: list[Path] = []
        self._empty = WrappedLabel(
            self.tr(
                "No adapter is attached.\nDrop a LoRA file (GGUF) that was made for this model here, or add one."
            )
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_role(self._empty, "muted")
        self.messages = MessageBar()
        self.strip = WorkStrip(jobs)
        self.strip.ended.connect(self._try_next)
        self.add_button = QPushButton(icon("plus"), self.tr("Add…"), autoDefault=False)
        self.add_button.clicked.connect(self._choose)
        self._lay_out()
        self._load()

    @property
    def rows(self) -> Sequence[AdapterRow]:
        return self._rows

    def add(self, file: Path) -> None:
        """Try the adapter in `file` with the model, after those that are being tried, and attach it."""
        self.messages.dismiss()
        self._waiting.append(file)
        self._try_next()

    def done(self, result: int) -> None:
        """A strength that was just set is kept; an adapter that is being tried is not attached."""
        for row in self._rows:
            row.flush()
        self._waiting.clear()
        self.strip.stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.done(QDialog.DialogCode.Rejected)
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            set_look(self._card, "active", "true")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        set_look(self._card, "active", "false")

    def dropEvent(self, event: QDropEvent) -> None:
        set_look(self._card, "active", "false")
        event.acceptProposedAction()
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.add(Path(url.toLocalFile()))

    def _lay_out(self) -> None:
        hint = WrappedLabel(
            self.tr("An adapter (LoRA) is a small file that changes how a model answers. It is used where it lies; the "
                    "slider sets how strongly it counts.")
        )  # fmt: skip
        set_role(hint, "muted")
        holder = QWidget()
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(GRID, GRID, GRID, GRID)
        self._list.setSpacing(GRID)
        self._list.addWidget(self._empty, 1)
        self._list.addStretch()
        self._card = QFrame()
        set_role(self._card, "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(scrolled(holder))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.add_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        column.addWidget(hint)
        column.addWidget(self.messages)
        column.addWidget(self._card, 1)
        column.addWidget(self.strip)
        column.addWidget(buttons)
        self.resize(GRID * 75, GRID * 48)

    def _load(self) -> None:
        self._jobs.run(self._look, on_event=self._show)

    def _look(self, _token: CancelToken) -> Iterator[Listed]:
        yield [(each, is_there(Path(each.file))) for each in adapters_of(self._model.file, self._records)]

    @Slot(object)
    def _show(self, listed: Listed) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.deleteLater()
        self._rows = [AdapterRow(adapter, there=there) for adapter, there in listed]
        for number, row in enumerate(self._rows):
            row.scaled.connect(self._scale)
            row.remove_wanted.connect(self._remove)
            self._list.insertWidget(number, row)
        self._empty.setVisible(not listed)

    @Slot()
    def _choose(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Add adapters"), "", self.tr("Adapters (*.gguf);;All files (*)")
        )
        for file in files:
            self.add(Path(file))

    @Slot()
    def _try_next(self) -> None:
        if self.strip.running or not self._waiting:
            return
        file = self._waiting.pop(0)
        text = self.tr("Trying {name} with the model").format(name=file.name)

        def work(token: CancelToken) -> Iterator[object]:
            for event in attach_adapter(
                self._model, file, 1.0, records=self._records, sizing=self._sizing, cancel=token
            ):
                yield event if isinstance(event, Attached) else Step(text, event.fraction)

        self.strip.run(text, work, on_event=self._attached, on_error=self.messages.show_error)

    @Slot(object)
    def _attached(self, _attached: Attached) -> None:
        self.changed.emit()
        self._load()

    @Slot(object)
    def _scale(self, adapter: Adapter) -> None:
        def work(_token: CancelToken) -> Iterator[None]:
            set_scale(self._model, adapter, self._records)
            yield None

        self._jobs.run(work, on_done=self.changed.emit, on_error=self.messages.show_error)

    @Slot(object)
    def _remove(self, adapter: Adapter) -> None:
        def work(token: CancelToken) -> Iterator[Listed]:
            detach(self._model, adapter.file, self._records)
            yield from self._look(token)

        self._jobs.run(
            work, on_event=self._show, on_done=self.changed.emit, on_error=self.messages.show_error
        )
