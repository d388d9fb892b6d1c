"""Other versions of a model that is on this computer: which there are, how one would run, and its download."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.assistants.choose_model import explain
from app.backend import Backend, ModelParts
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.detail.version_choice import Version, VersionChoice
from app.gui.models.entries import ModelEntry
from app.gui.theme import GRID, set_role
from app.models.naming import stem_of

if TYPE_CHECKING:
    from app.hardware.probe import Machine


class OtherVersions(QFrame):
    """Hidden where it is not known where the model can be fetched from."""

    def __init__(
        self, backend: Backend, parts: ModelParts, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._measurements = parts.measurements
        self._machine: Machine | None = None
        self._shown: tuple[str, Version] | None = None
        title = QLabel(self.tr("Other versions"))
        set_role(title, "title")
        self.versions = VersionChoice(backend, jobs)
        self.versions.changed.connect(self._tell)
        self._estimate = WrappedLabel()
        self.download = QPushButton(icon("download"), "")
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID + GRID // 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID + GRID // 2)
        for each in (title, self.versions, self._estimate):
            column.addWidget(each)
        column.addWidget(self.download, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def text(self) -> str:
        """How the version that is chosen would run, as far as it is known."""
        return self._estimate.text()

    def show_entry(self, entry: ModelEntry, machine: "Machine | None") -> None:
        """What is chosen stays so while it is the same model."""
        self._machine = machine
        self.setVisible(entry.ready and bool(entry.origin))
        if self.isHidden() or entry.installed is None:
            self._shown = None
            return
        here = Version(entry.quantisation, stem_of(entry.installed.file.name))
        if self._shown != (entry.key, here):
            self._shown = (entry.key, here)
            self.versions.show_origin(entry.origin, here=here)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        chosen, size = self.versions.version, self.versions.size_text
        text = self.tr("Download another version")
        self.download.setText(f"{text} · {size}" if size else text)
        self.download.setVisible(chosen is not None)
        found = None
        if self._machine is not None and chosen is not None:
            found = self.versions.estimate(self._machine, self._measurements.speed)
        self._estimate.setText("" if found is None else explain(found))
        self._estimate.setVisible(found is not None)
