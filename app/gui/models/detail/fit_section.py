"""Works out how the chosen model runs here, at once by formula and soon exactly, as the person tries contexts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.assistants.fetch_model import Sized
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.exact_fit import CannotLoad
from app.gui.jobs import Jobs
from app.gui.models.detail.exact_fit import ExactFit, Question
from app.gui.models.detail.fit_panel import FitPanel
from app.gui.models.detail.hub_check import HubCheck
from app.gui.models.detail.version_choice import Version, VersionChoice
from app.gui.models.entries import ModelEntry
from app.hardware.fit import Fit, Speed, fit
from app.hardware.measured import Truth

if TYPE_CHECKING:
    from app.hardware.probe import Machine
    from app.models.gguf import GgufFacts


class FitSection(QWidget):
    """The panel and, for what is not here yet, the versions there are."""

    changed = Signal()
    """Another version was chosen, or the header of the installed file was read."""

    def __init__(
        self, backend: Backend, parts: ModelParts, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._parts, self._jobs = parts, jobs
        self._entry: ModelEntry | None = None
        self._machine: Machine | None = None
        self.header: GgufFacts | None = None
        self._problem = ""
        self._speed: Speed | None = None
        self._truths: dict[str, Truth] = {}
        self._answered: tuple[Question, Fit] | None = None
        self._looked_up: Fit | None = None
        self._usual = 0  # tokens
        self._exact = ExactFit(parts.sizing, jobs, self)
        self._exact.found.connect(self._show_exact)
        self._exact.failed.connect(self._show_problem)
        self.panel = FitPanel()
        self.panel.context.changed.connect(self.work_out)
        self.versions = VersionChoice(backend, jobs)
        self.versions.changed.connect(self._other_version)
        self._version: Version | None = None
        self.check = HubCheck(backend, parts, jobs)
        self.check.found.connect(self._take_check)
        self.check.failed.connect(self._take_failure)
        self.panel.add(self.check)
        self.panel.add(self.versions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not looked at is not asked; `show_entry` asks again."""
        self._exact.forget()
        super().hideEvent(event)

    def show_entry(self, entry: ModelEntry, machine: "Machine | None") -> None:
        """Context and version stay as they are while it is the same model."""
        before, self._entry, self._machine = self._entry, entry, machine
        # one small file, read once for a model and not again while its slider is dragged
        self._speed, self._truths = self._parts.measurements.speed, self._parts.measurements.truths
        if before is None or (before.key, before.installed) != (entry.key, entry.installed):
            self._begin(entry)
        elif entry.facts is not None and entry.facts != self.header:
            self._take_header(entry.facts)
        self.work_out()

    def _begin(self, entry: ModelEntry) -> None:
        self._exact.forget()
        self.header, self._answered, self._looked_up, self._problem = None, None, None, ""
        self.setVisible(entry.ready or bool(entry.origin))
        self.versions.setVisible(not entry.ready)
        if entry.ready:
            self.panel.context.show_range(0)
            if entry.facts is not None:
                self._take_header(entry.facts)
            else:
                self._read_header(entry)
        elif entry.origin:
            self._show_usual_contexts(entry)
            self.versions.show_origin(entry.origin, ask=entry.key.startswith("hub:"))
        self._begin_check()

    def _show_usual_contexts(self, entry: ModelEntry) -> None:
        """What a check at the hub tells is told for the usual one."""
        self.panel.context.show_range(entry.catalog.context or 0 if entry.catalog is not None else 0)
        self._usual = self.panel.context.tokens

    def _begin_check(self) -> None:
        self._version = self.versions.version
        self.check.begin(self._entry.origin if self._entry is not None else "", self._version)

    def _take_header(self, header: "GgufFacts") -> None:
        self.header = header
        self.panel.context.show_range(header.context_length)

    def _read_header(self, entry: ModelEntry) -> None:
        installed = entry.installed
        assert installed is not None

        def work(_cancel: CancelToken) -> "Iterator[GgufFacts]":
            from app.models.gguf import read_facts

            yield read_facts(installed.file)

        def arrived(header: "GgufFacts") -> None:
            if self._entry is not None and self._entry.key == entry.key:
                self._take_header(header)
                self.work_out()
                self.changed.emit()

        def failed(error: AppError) -> None:
            if self._entry is not None and self._entry.key == entry.key:
                self._show_problem(None, error)

        self._jobs.run(work, on_event=arrived, on_error=failed, owner=self)

    @Slot()
    def work_out(self) -> None:
        """By formula at once; for a file that is here, exactly a moment later."""
        if self._entry is None or self._machine is None:
            self._say(self.tr("Looking at this computer…"))
            return
        question = self._question(self._entry, self._machine)
        if question is not None and self._answered is not None and self._answered[0] == question:
            self._show(self._answered[1])
            return
        found = self._estimate(self._entry, self._machine)
        if found is None or self._problem:
            self._say(self._problem or self._why_unknown(self._entry))
            return
        self._show(found)
        if question is not None:
            self._exact.ask(question)

    def _estimate(self, entry: ModelEntry, machine: "Machine") -> Fit | None:
        context, speed = self.panel.context.tokens, self._speed
        if (loaded := self._loaded(entry)) is not None:
            return fit(machine, loaded.shape, context=context, speed=speed)
        if self.versions.isHidden():
            return None
        if self._looked_up is not None and context == self._usual:
            return self._looked_up
        return self.versions.estimate(machine, speed, context)

    def _loaded(self, entry: ModelEntry) -> "GgufFacts | None":
        """Of what would answer: the tuned copy, where there is one."""
        return self.header if entry.copy is None else entry.copy[1]

    def _question(self, entry: ModelEntry, machine: "Machine") -> Question | None:
        """None for what is not on this computer."""
        loaded = self._loaded(entry)
        if loaded is None or entry.installed is None:
            return None
        file = entry.installed.file if entry.copy is None else entry.copy[0]
        return Question(file, loaded.shape, machine, self.panel.context.tokens, self._speed)

    def _show(self, found: Fit) -> None:
        assert self._entry is not None and self._machine is not None
        known = self._entry.catalog.shape.layers if self._entry.catalog is not None else 0
        layers = self.header.shape.layers if self.header is not None else known or 0
        cards = [gpu for gpu in self._machine.gpus if gpu.usable]
        card = max(cards, key=lambda gpu: gpu.memory_free).name if cards else ""
        adjustable = self.header is not None or not isinstance(self._entry.origin, str)
        loaded = self._loaded(self._entry)
        self.panel.show_fit(found, layers, card, adjustable=adjustable, tuned=self._entry.copy is not None)
        self.panel.show_truth(self._truths.get(loaded.shape.key) if loaded is not None else None)
        self._offer_check()

    def _say(self, sentence: str) -> None:
        self.panel.show_unknown(sentence)
        self._offer_check()

    def _offer_check(self) -> None:
        to_check = not self.versions.isHidden() and self.versions.version is not None
        self.check.setVisible(to_check and self._machine is not None and not self._problem)

    def _why_unknown(self, entry: ModelEntry) -> str:
        if entry.installed is not None and self.versions.isHidden():
            return self.tr("Reading the file…")
        return self.tr("How much memory it takes is not known yet; its file would tell.")

    @Slot(object, object)
    def _show_exact(self, question: Question, found: Fit) -> None:
        self._answered = (question, found)
        self.work_out()

    @Slot(object, object)
    def _show_problem(self, _question: Question | None, error: AppError) -> None:
        self._problem = f"{error.what} {error.remedy}"
        self.work_out()

    @Slot()
    def _other_version(self) -> None:
        """Or only another list of the same."""
        if self.versions.version != self._version:
            self._looked_up, self._problem = None, ""
            self._begin_check()
        self.work_out()
        self.changed.emit()

    @Slot(object)
    def _take_check(self, sized: Sized) -> None:
        assert self._entry is not None
        self._looked_up = sized.fit
        self._show_usual_contexts(self._entry)
        self.work_out()

    @Slot(object)
    def _take_failure(self, error: AppError) -> None:
        """An estimate is no longer worth anything where llama.cpp cannot load the model."""
        if isinstance(error, CannotLoad):
            self._show_problem(None, error)
