"""This machine in one card: what a model can have of it."""

from statistics import median
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.assistants.choose_model import in_gb
from app.gui.labels import ElidedLabel, plain_tip
from app.gui.models.judging import Picture
from app.gui.theme import GRID, HALF, set_role
from app.hardware.fit import Speed
from app.models.disk import in_words

if TYPE_CHECKING:
    from app.hardware.probe import Cpu, Gpu

_FOR_ALL, _FOR_MOST = (
    GRID * 118,
    GRID * 92,
)  # width from which all fields, or all but the processor, have room


class _Field(QWidget):
    """A caption, and below it what holds now."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self._name = caption
        title = QLabel(caption)
        set_role(title, "small")
        self.value = ElidedLabel()
        set_role(self.value, "title")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(HALF)
        self.column.addWidget(title)
        self.column.addWidget(self.value)
        self.column.addStretch(1)

    def show_value(self, text: str, detail: str = "") -> None:
        self.value.setText(text)
        self.setToolTip(plain_tip(detail or text))
        self.value.set_tip(detail or text)
        self.setAccessibleName(f"{self._name}: {text}")
        self.setAccessibleDescription(detail)


class MachineCard(QFrame):
    """Memory, processor, graphics card, disk, and how fast weights are read."""

    measure_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.setAccessibleName(self.tr("This computer"))
        self.memory = _Field(self.tr("Memory"))
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(self.tr("Memory in use"))
        self.memory.column.insertWidget(2, self._bar)
        self.processor = _Field(self.tr("Processor"))
        self.graphics = _Field(self.tr("Graphics card"))
        self.disk = _Field(self.tr("Disk for models"))
        self.speed = _Field(self.tr("Speed of reading models"))
        self.measure = QPushButton(self.tr("Measure (10 s)"))
        set_role(self.measure, "link")
        self.measure.setToolTip(self.tr("Find out how fast models will write on this computer"))
        self.measure.clicked.connect(self.measure_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID + HALF, GRID * 2, GRID + HALF)
        row.setSpacing(GRID * 2)
        for field, stretch in (
            (self.memory, 5), (self.processor, 5), (self.graphics, 4), (self.disk, 3), (self.speed, 5),
        ):  # fmt: skip
            row.addWidget(field, stretch)
        row.addWidget(self.measure)

    def show_picture(self, picture: Picture) -> None:
        machine = picture.machine
        self._show_memory(machine.ram.total, _free_for_a_model(picture))
        self._show_processor(machine.cpu)
        self._show_graphics(machine.gpus, complete=picture.complete)
        free = picture.disk_free
        self.disk.show_value(
            self.tr("not connected") if free is None else self.tr("{size} free").format(size=in_words(free))
        )
        self._show_speed(picture.speed)

    def _show_memory(self, total: int, free: int) -> None:
        """In bytes."""
        self.memory.show_value(
            self.tr("{free} free of {total}").format(free=in_gb(free), total=in_gb(total)),
            self.tr(
                "Memory that a model can have now. What the model in use takes counts as free: it makes room "
                "for the next."
            ),
        )
        self._bar.setValue(round(1000 * (1 - free / max(1, total))))

    def _show_processor(self, cpu: "Cpu") -> None:
        cores = (
            self.tr("1 core")
            if cpu.physical_cores == 1
            else self.tr("{n} cores").format(n=cpu.physical_cores)
        )
        detail = [cpu.model, cores]
        if cpu.features:
            detail.append(self.tr("Used by llama.cpp: {features}").format(features=", ".join(cpu.features)))
        self.processor.show_value(f"{_short(cpu.model)}, {cores}", "\n".join(detail))

    def _show_graphics(self, gpus: "tuple[Gpu, ...]", *, complete: bool) -> None:
        if not complete:
            self.graphics.show_value(self.tr("Looking…"))
            return
        if not gpus:
            self.graphics.show_value(
                self.tr("None found"),
                self.tr("No graphics card that can help was found; the processor computes."),
            )
            return
        best = max(gpus, key=lambda each: (each.usable, each.memory_free))
        if best.usable:
            text = self.tr("{name}, {free} free").format(name=best.name, free=in_gb(best.memory_free))
        else:
            text = self.tr("{name}, not used").format(name=best.name)
        self.graphics.show_value(text, "\n".join(self._about(each) for each in gpus))

    def _about(self, gpu: "Gpu") -> str:
        memory = self.tr("{name}: {free} free of {total}").format(
            name=gpu.name, free=in_gb(gpu.memory_free), total=in_gb(gpu.memory_total)
        )
        if not gpu.usable:
            return self.tr(
                "{card}; not used: it is switched off in the settings, failed, or has no support in this build of llama.cpp"
            ).format(card=memory)
        return self.tr("{card}, shared with the programs").format(card=memory) if gpu.shares_ram else memory

    def _show_speed(self, speed: Speed | None) -> None:
        if speed is None:
            self.speed.show_value(
                self.tr("Not measured"), self.tr("Measuring tells how fast models will write here.")
            )
            self.measure.setText(self.tr("Measure (10 s)"))
            return
        rates = [f"{kind}: {in_words(round(rate))}/s" for kind, rate in sorted(speed.bytes_per_s.items())]
        usual = in_words(round(median(speed.bytes_per_s.values())))
        self.speed.show_value(f"{usual}/s", "\n".join(rates))
        self.measure.setText(self.tr("Measure again"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window, memory and speed are what matters."""
        super().resizeEvent(event)
        for field, needed in ((self.processor, _FOR_ALL), (self.disk, _FOR_MOST)):
            field.setVisible(self.width() >= needed)


def _free_for_a_model(picture: Picture) -> int:
    """Bytes of main memory, as the models are judged by: the same number stands beside each of them."""
    fits = (each.fit for each in picture.entries)
    judged = (each.free for each in fits if each is not None and not each.plan.gpu_layers)
    return next(judged, picture.machine.ram.available)


def _short(model: str) -> str:
    """“Intel(R) Core(TM) i5-1235U CPU @ 1.30GHz” without what everybody knows."""
    for noise in ("(R)", "(TM)", "(tm)", " CPU", " Processor"):
        model = model.replace(noise, "")
    return " ".join(model.partition("@")[0].split())
