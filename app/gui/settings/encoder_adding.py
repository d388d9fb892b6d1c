"""Adding search models and rerankers, from the hub when the person asks for it, or from a folder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs
from app.gui.text_format import time_left
from app.gui.work_line import WorkLine
from app.models.disk import in_words
from app.models.encoder_files import Kind

if TYPE_CHECKING:
    from app.assistants.add_encoder import AddEvent
    from app.models.catalog import CatalogModel

_MIB = 1 << 20


class EncoderAdding(QObject):
    """One at a time, shown in `line`."""

    added = Signal(str, str)
    """Kind and name of the new model."""

    failed = Signal(object)
    """An `AppError`."""

    busy = Signal(bool)
    """Whether a model is arriving."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backend, self._jobs = backend, jobs
        self._job: Job | None = None
        self.line = WorkLine(self.tr("Stop. What has arrived is kept."))
        self.line.stop_wanted.connect(self.stop)

    @property
    def running(self) -> bool:
        return self._job is not None

    def fetch(self, model: "CatalogModel", kind: Kind) -> None:
        """Connects to the hub."""
        self._run(
            self.tr("Looking for {name}…").format(name=model.name),
            lambda cancel: _fetch(self._backend, model, kind, cancel),
        )

    def import_folder(self, folder: Path, kind: Kind) -> None:
        self._run(self.tr("Copying the model…"), lambda cancel: _import(self._backend, folder, kind, cancel))

    @Slot()
    def stop(self) -> None:
        if self._job is not None:
            self.line.show_stopping()
            self._job.stop()

    def _run(self, text: str, work: "Callable[[CancelToken], Iterator[AddEvent]]") -> None:
        if self._job is not None:
            return
        self.line.begin(text)
        self._job = self._jobs.run(
            work,
            on_event=self._take,
            on_done=self._end,
            on_error=self._fail,
            on_stopped=self._end,
            owner=self,
        )
        self.busy.emit(self.running)

    def _take(self, event: "AddEvent") -> None:
        from app.assistants.add_encoder import EncoderReady, TryingOut
        from app.models.download.transfer import DownloadProgress, DownloadRestarted, DownloadWaiting

        match event:
            case DownloadProgress():
                size = self.tr("{done} of {total}").format(
                    done=in_words(event.bytes_done), total=in_words(event.bytes_total)
                )
                left = "" if event.seconds_left is None else f" · {time_left(event.seconds_left)}"
                share = event.bytes_done / event.bytes_total if event.bytes_total else None
                self.line.show_step(self.tr("Downloading the model"), share, f"{size}{left}")
            case DownloadWaiting() | DownloadRestarted():
                self.line.show_step(event.reason)
            case TryingOut(title):
                self.line.show_step(self.tr("Trying whether {name} works…").format(name=title))
            case EncoderReady():
                self.added.emit(event.model.card.kind, event.model.name)

    def _fail(self, error: AppError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        self.line.hide()
        self.busy.emit(self.running)


def _fetch(backend: Backend, model: "CatalogModel", kind: Kind, cancel: CancelToken) -> "Iterator[AddEvent]":
    from app.assistants.add_encoder import fetch_encoder
    from app.engine.choose import hub_endpoint, models_folder
    from app.models.encoders import Encoders

    settings = backend.settings.current
    return fetch_encoder(
        model,
        kind,
        encoders=Encoders(models_folder(settings, backend.paths)),
        library=backend.library,
        endpoint=hub_endpoint(settings),
        cancel=cancel,
        bytes_per_s=None if not settings.download_limit else int(settings.download_limit * _MIB),
    )


def _import(backend: Backend, folder: Path, kind: Kind, cancel: CancelToken) -> "Iterator[AddEvent]":
    from app.assistants.add_encoder import import_encoder, offered_encoders
    from app.engine.choose import models_folder
    from app.models.catalog import load_catalog
    from app.models.encoders import Encoders

    return import_encoder(
        folder,
        kind,
        encoders=Encoders(models_folder(backend.settings.current, backend.paths)),
        library=backend.library,
        cancel=cancel,
        known=offered_encoders(load_catalog(), kind),
    )
