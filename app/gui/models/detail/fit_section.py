"""Works out how the chosen model runs here, at once by formula and soon exactly, as the person tries contexts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.assistants.choose_model import judge
from app.assistants.fetch_model import FilesListed, Sized, look_up_model
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.choose import hub_endpoint
from app.gui.jobs import Jobs
from app.gui.models.detail.exact_fit import ExactFit, Question
from app.gui.models.detail.fit_panel import FitPanel
from app.gui.models.detail.version_choice import VersionChoice
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
        self._backend, self._parts, self._jobs = backend, parts, jobs
        self._entry: ModelEntry | None = None
        self._machine: Machine | None = None
        self.header: GgufFacts | None = None
        self._problem = ""
        self._speed: Speed | None = None
        self._truths: dict[str, Truth] = {}
        self._answered: tuple[Question, Fit] | None = None
        self._looked_up: Fit | None = None
        self._exact = ExactFit(parts.sizing, jobs, self)
        self._exact.found.connect(self._show_exact)
        self._exact.failed.connect(self._show_problem)
        self.panel = FitPanel()
        self.panel.context.changed.connect(self.work_out)
        self.versions = VersionChoice(backend, jobs)
        self.versions.changed.connect(self._other_version)
        self.check = QPushButton(self.tr("Check exactly"))
        self.check.setToolTip(self.tr("Reads the beginning of the file at the hub, a few megabytes"))
        self.check.clicked.connect(self._look_up)
        self.panel.add(self.check)
        self.panel.add(self.versions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)

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
        here = entry.installed is not None and not entry.installed.missing
        fetchable = entry.catalog is not None and entry.catalog.available
        self.setVisible(here or fetchable or entry.key.startswith("hub:"))
        self.versions.setVisible(not here)
        self.check.setText(self.tr("Check exactly"))
        if here:
            self.panel.context.show_range(0)
            if entry.facts is not None:
                self._take_header(entry.facts)
            else:
                self._read_header(entry)
        elif fetchable and entry.catalog is not None:
            self.panel.context.show_range(entry.catalog.context or 0)
            self.versions.show_model(entry.catalog, entry.catalog.gguf_repository or "")
        elif entry.key.startswith("hub:"):
            self.versions.show_repository(entry.repository)

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
        if self.header is not None:
            return fit(machine, self.header.shape, context=context, speed=speed)
        if self._looked_up is not None or entry.catalog is None or self.versions.isHidden():
            return self._looked_up
        chosen = self.versions.quantisation or None
        return judge(entry.catalog, machine, speed, self.versions.files, chosen, context).fit

    def _question(self, entry: ModelEntry, machine: "Machine") -> Question | None:
        """None for what is not on this computer."""
        if self.header is None or entry.installed is None:
            return None
        context, speed = self.panel.context.tokens, self._speed
        return Question(entry.installed.file, self.header.shape, machine, context, speed)

    def _show(self, found: Fit) -> None:
        assert self._entry is not None and self._machine is not None
        known = self._entry.catalog.shape.layers if self._entry.catalog is not None else 0
        layers = self.header.shape.layers if self.header is not None else known or 0
        cards = [gpu for gpu in self._machine.gpus if gpu.usable]
        card = max(cards, key=lambda gpu: gpu.memory_free).name if cards else ""
        self.panel.show_fit(found, layers, card, adjustable=self._looked_up is None)
        self.panel.show_truth(self._truths.get(self.header.shape.key) if self.header is not None else None)
        self.check.hide()

    def _say(self, sentence: str) -> None:
        self.panel.show_unknown(sentence)
        self.check.setVisible(
            self._machine is not None and not self.versions.isHidden() and self.versions.box.count() > 0
        )

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
        self._looked_up = None
        self.work_out()
        self.changed.emit()

    @Slot()
    def _look_up(self) -> None:
        """Ask the hub for the header of the version that is chosen."""
        entry, quantisation, speed = self._entry, self.versions.quantisation, self._speed
        assert entry is not None
        paths, settings, parts = self._backend.paths, self._backend.settings.current, self._parts

        def work(cancel: CancelToken) -> Iterator[FilesListed | Sized]:
            yield from look_up_model(
                entry.catalog or entry.repository, quantisation=quantisation or None,
                endpoint=hub_endpoint(settings), lists=paths.file_lists, scratch=paths.cache,
                sizing=parts.sizing, speed=speed, cancel=cancel,
            )  # fmt: skip

        def is_shown() -> bool:
            same = self._entry is not None and self._entry.key == entry.key
            return same and self.versions.quantisation == quantisation

        def arrived(event: FilesListed | Sized) -> None:
            if not isinstance(event, Sized) or not is_shown():
                return
            self._looked_up = event.fit
            if event.fit is None:
                self._say(
                    self.tr("It lies in several files: what it needs can be told once they are all here.")
                )
            else:
                self.work_out()

        def ended() -> None:
            self.check.setEnabled(True)
            self.check.setText(self.tr("Check exactly"))

        def failed(error: AppError) -> None:
            ended()
            if is_shown():
                self._say(f"{error.what} {error.remedy}")

        self.check.setEnabled(False)
        self.check.setText(self.tr("Checking…"))
        self._jobs.run(work, on_event=arrived, on_done=ended, on_error=failed, on_stopped=ended, owner=self)
