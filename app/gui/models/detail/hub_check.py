"""“Check exactly”: how a version runs here, asked of the beginning of its file at the hub."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.assistants.fetch_model import FilesListed, Sized, look_up_model
from app.backend import Backend, ModelParts
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.choose import hub_endpoint
from app.gui.jobs import Job, Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.detail.version_choice import Version
from app.gui.models.free_memory import free_for_models
from app.gui.theme import HALF, set_role

if TYPE_CHECKING:
    from app.models.catalog import CatalogModel


class HubCheck(QWidget):
    """The button, and below it what stood in the way."""

    found = Signal(object)
    """The `Sized` of the version."""

    failed = Signal(object)
    """The `AppError`, which is shown here already."""

    def __init__(
        self, backend: Backend, parts: ModelParts, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._backend, self._parts, self._jobs = backend, parts, jobs
        self._origin: CatalogModel | str = ""
        self._version: Version | None = None
        self._job: Job | None = None
        self.button = QPushButton()
        self.button.setToolTip(self.tr("Reads the beginning of the file on the internet, a few megabytes"))
        self.button.clicked.connect(self.start)
        self._remark = WrappedLabel()
        set_role(self._remark, "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self.button)
        column.addWidget(self._remark)
        self.begin("", None)

    @property
    def text(self) -> str:
        """What stood in the way, "" for nothing."""
        return self._remark.text()

    def begin(self, origin: "CatalogModel | str", version: Version | None) -> None:
        """Offer to ask about another version; nobody waits any more for what is asked."""
        if self._job is not None:
            self._job.stop()
        self._origin, self._version = origin, version
        self._end("")

    @Slot()
    def start(self) -> None:
        origin, version, settings = self._origin, self._version, self._backend.settings.current
        paths, parts = self._backend.paths, self._parts

        def work(cancel: CancelToken) -> Iterator[FilesListed | Sized]:
            yield from look_up_model(
                origin, quantisation=version.quantisation or None if version else None,
                choice_name=version.name or None if version else None, endpoint=hub_endpoint(settings),
                lists=paths.file_lists, scratch=paths.cache, sizing=parts.sizing, speed=parts.measurements.speed,
                cancel=cancel, ram=free_for_models(self._backend),
            )  # fmt: skip

        parts_of_it: list[int] = []

        def arrived(event: FilesListed | Sized) -> None:
            if self._job is not job:
                return
            if isinstance(event, FilesListed):
                parts_of_it.append(len(event.choice.files))
                return
            several = self.tr("It lies in several files: exact figures can be told once they are all here.")
            self._end(several if parts_of_it[0] > 1 else "")
            self.button.hide()  # asking once more would tell the same
            self.found.emit(event)

        def failed(error: AppError) -> None:
            if self._job is job:
                self._end(f"{error.what} {error.remedy}")
                self.failed.emit(error)

        def stopped() -> None:
            if self._job is job:
                self._end("")

        self._end("")
        self.button.setEnabled(False)
        self.button.setText(self.tr("Checking…"))
        job = self._job = self._jobs.run(
            work, on_event=arrived, on_error=failed, on_stopped=stopped, owner=self
        )

    def _end(self, remark: str) -> None:
        self._job = None
        self.button.setEnabled(True)
        self.button.setText(self.tr("Check exactly"))
        self.button.show()
        self._remark.setText(remark)
        self._remark.setVisible(bool(remark))
