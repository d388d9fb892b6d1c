"""Adding search models, rerankers and readers, from the hub when the person asks for it, or from a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.backend import Backend
from app.base.jobs import CancelToken
from app.gui.adding import Adding
from app.gui.jobs import Jobs
from app.models.encoder_files import Kind

if TYPE_CHECKING:
    from app.assistants.add_encoder import AddEvent
    from app.models.catalog import CatalogModel

_MIB = 1 << 20


class EncoderAdding(Adding):
    added = Signal(str, str)
    """Kind and name of the new model."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(jobs, self.tr("Stop. What has arrived is kept."), parent)
        self._backend = backend

    def fetch(self, model: "CatalogModel", kind: Kind) -> None:
        """Connects to the hub."""
        text = self.tr("Looking for {name}…").format(name=model.name)
        self.begin(text, lambda cancel: _fetch(self._backend, model, kind, cancel), self._take)

    def import_folder(self, folder: Path, kind: Kind) -> None:
        text = self.tr("Copying the model…")
        self.begin(text, lambda cancel: _import(self._backend, folder, kind, cancel), self._take)

    def _take(self, event: "AddEvent") -> None:
        from app.assistants.add_encoder import EncoderReady, TryingOut
        from app.models.download.transfer import DownloadProgress, DownloadRestarted, DownloadWaiting

        match event:
            case DownloadProgress():
                text = self.tr("Downloading the model")
                self.show_download(text, event.bytes_done, event.bytes_total, event.seconds_left)
            case DownloadWaiting() | DownloadRestarted():
                self.line.show_step(event.reason)
            case TryingOut(title):
                self.line.show_step(self.tr("Trying whether {name} works…").format(name=title))
            case EncoderReady():
                self.added.emit(event.model.card.kind, event.model.name)


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
