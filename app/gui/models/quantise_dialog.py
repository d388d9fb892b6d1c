"""Making a smaller copy of a full-precision model: how small, what it needs here, and the work itself."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.assistants.choose_model import explain
from app.assistants.quantise_model import QuantisedReady, Quantising, Sized, quantise_model, sizes
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.choose import models_folder
from app.gui.errors import MessageBar
from app.gui.jobs import Job, Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.free_memory import free_for_models
from app.gui.models.work_strip import Step, WorkStrip
from app.gui.text_format import time_left
from app.gui.theme import GRID, set_role
from app.models.disk import MARGIN_BYTES, free_bytes, in_words
from app.models.quantised import QUANTISATIONS, USUAL
from app.models.records import Records

if TYPE_CHECKING:
    from app.models.installed import InstalledModel

_TOLD_FROM = 0.05  # of the work: before, the time left would be a guess


class QuantiseDialog(QDialog):
    """Sizes come while it is open; it closes when the copy is there."""

    finished_model = Signal(str)
    """The name of the copy."""

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
        self.setWindowTitle(self.tr("Quantise {name}").format(name=model.name))
        self._backend, self._parts, self._jobs, self._model = backend, parts, jobs, model
        self._records = Records(models_folder(backend.settings.current, backend.paths))
        self._sizes: dict[str, Sized] = {}
        self._free: int | None = None
        self._ready: QuantisedReady | None = None
        self.choice = self._make_choice()
        self._size, self._fit, self._disk = WrappedLabel(), WrappedLabel(), WrappedLabel()
        self.messages = MessageBar()
        self.strip = WorkStrip(jobs)
        self.strip.ended.connect(self._end)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = self._buttons.addButton(self.tr("Start"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.start_button.setDefault(True)
        set_role(self.start_button, "primary")
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self._buttons.accepted.connect(self.start)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self._looking = self._look_up()
        self.finished.connect(lambda: self._looking.stop())

    @property
    def text(self) -> str:
        """What is said of the chosen type."""
        return "\n".join(each.text() for each in (self._size, self._fit, self._disk))

    @Slot()
    def start(self) -> None:
        """Write the copy."""
        kind = self.choice.currentData()
        self._looking.stop()
        self.messages.dismiss()
        text = self.tr("Writing {size} as {type}").format(size=in_words(self._sizes[kind].bytes), type=kind)
        self.choice.setEnabled(False)
        self.start_button.setEnabled(False)

        def work(token: CancelToken) -> Iterator[object]:
            began = time.monotonic()
            for event in quantise_model(
                self._model, kind, paths=self._backend.paths, records=self._records, sizing=self._parts.sizing,
                speed=self._parts.measurements.speed, cancel=token, ram=free_for_models(self._backend),
            ):  # fmt: skip
                match event:
                    case Quantising():
                        done = event.done / max(1, event.total)
                        left = (time.monotonic() - began) * (1 - done) / done if done > _TOLD_FROM else None
                        yield Step(f"{text} · {time_left(left)}" if left is not None else text, done)
                    case Sized():
                        began = time.monotonic()
                        yield Step(text)
                    case _:
                        yield event

        self.strip.run(text, work, on_event=self._take_ready, on_error=self.messages.show_error)

    def reject(self) -> None:
        """Esc and Cancel first stop what is under way, of which nothing is left."""
        if not self.strip.running:
            super().reject()
        else:
            self.strip.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.strip.stop()
        self.done(QDialog.DialogCode.Rejected)
        event.accept()

    def _make_choice(self) -> QComboBox:
        hints = {
            "Q8_0": self.tr("largest, no difference to notice"),
            "Q6_K": self.tr("very close to the original"),
            "Q5_K_M": self.tr("close to the original"),
            "Q4_K_M": self.tr("recommended"),
            "Q4_K_S": self.tr("a little smaller"),
            "Q4_0": self.tr("quick on many laptops"),
            "Q3_K_M": self.tr("smallest, noticeably worse"),
        }
        box = QComboBox()
        for each in QUANTISATIONS:
            box.addItem(f"{each} · {hints[each]}", each)
        box.setCurrentIndex(box.findData(USUAL))
        box.currentIndexChanged.connect(self._show_choice)
        box.setMinimumHeight(box.sizeHint().height())
        return box

    def _lay_out(self) -> None:
        hint = WrappedLabel(
            self.tr("A copy of the model with its numbers rounded takes less memory and answers faster. The model itself "
                    "stays.")
        )  # fmt: skip
        set_role(hint, "muted")
        card = QFrame()
        set_role(card, "card")
        form = QFormLayout(card)
        form.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        form.setHorizontalSpacing(GRID * 2)
        form.setVerticalSpacing(GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows = (
            (self.tr("Type"), self.choice), (self.tr("Size"), self._size),
            (self.tr("Memory"), self._fit), (self.tr("Disk"), self._disk),
        )  # fmt: skip
        for name, value in rows:
            label = QLabel(name)
            set_role(label, "muted")
            label.setMinimumHeight(value.minimumHeight())
            label.setBuddy(value)
            form.addRow(label, value)
        self.choice.setAccessibleName(self.tr("Type"))
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        for each in (hint, card, self.messages, self.strip):
            column.addWidget(each)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self.resize(GRID * 65, GRID * 43)

    def _look_up(self) -> Job:
        """Free bytes of the disk, and then what each type not known yet would give, the usual one first."""
        missing = [each for each in QUANTISATIONS if each not in self._sizes]
        missing.sort(key=lambda each: each != USUAL)

        def work(token: CancelToken) -> Iterator[int | Sized]:
            yield free_bytes(self._records.folder)
            yield from sizes(
                self._model.file, missing, paths=self._backend.paths, sizing=self._parts.sizing,
                speed=self._parts.measurements.speed, cancel=token, ram=free_for_models(self._backend),
            )  # fmt: skip

        self._show_choice()
        return self._jobs.run(work, on_event=self._take, on_error=self._cannot)

    @Slot(object)
    def _take(self, found: int | Sized) -> None:
        if isinstance(found, Sized):
            self._sizes[found.quantisation] = found
        else:
            self._free = found
        self._show_choice()

    @Slot(object)
    def _cannot(self, error: AppError) -> None:
        self.messages.show_error(error)
        self.choice.setEnabled(bool(self._sizes))

    @Slot()
    def _show_choice(self) -> None:
        sized = self._sizes.get(self.choice.currentData())
        free = "" if self._free is None else self.tr("{size} free").format(size=in_words(self._free))
        room = sized is None or self._free is None or self._free >= sized.bytes + MARGIN_BYTES
        set_role(self._fit, "caution" if sized is not None and sized.fit.verdict != "fits" else "")
        set_role(self._disk, "" if room else "failure")
        self._disk.setText(free if room else self.tr("{free}: not enough room").format(free=free))
        self.start_button.setEnabled(sized is not None and room and not self.strip.running)
        if sized is None:
            self._size.setText("…")
            self._fit.setText("…")
            return
        before, after = in_words(self._model.bytes), in_words(sized.bytes)
        self._size.setText(self.tr("{after} instead of {before}").format(after=after, before=before))
        self._fit.setText(explain(sized.fit))

    @Slot(object)
    def _take_ready(self, ready: QuantisedReady) -> None:
        self._ready = ready

    @Slot()
    def _end(self) -> None:
        if self._ready is not None:
            self.finished_model.emit(self._ready.name)
            self.accept()
            return
        self.choice.setEnabled(True)
        self._looking = self._look_up()
