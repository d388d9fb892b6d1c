"""Adding small translation models: from a folder, or from the hub when the person asks for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.base.jobs import CancelToken
from app.base.settings import Settings, SettingsStore
from app.gui.adding import Adding
from app.gui.jobs import Jobs
from app.gui.translate.wording import pair_name
from app.gui.translate.work import Work

if TYPE_CHECKING:
    from app.engine.small_translation.models import SmallModel


@dataclass(frozen=True, slots=True)
class _Fetching:
    """In bytes; all 0: arrived, and being tried out."""

    done: int = 0
    total: int = 0
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class _Added:
    """`names`: the pairs of languages, in words."""

    names: str


_Event = _Fetching | _Added


class ModelAdding(Adding):
    added = Signal(str)
    """Their languages in words."""

    def __init__(
        self, work: Work, settings: SettingsStore, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(jobs, self.tr("Stop (Esc). What has arrived is kept."), parent)
        self._work, self._settings = work, settings

    @Slot(str)
    def import_folder(self, folder: str) -> None:
        text = self.tr("Adding translation models…")
        self.begin(text, lambda cancel: _import(self._work, Path(folder), cancel), self._take)

    @Slot(str, str)
    def fetch(self, source: str, target: str) -> None:
        """Connects to the hub."""
        text = self.tr("Looking for translation models…")
        settings = self._settings.current
        self.begin(text, lambda cancel: _fetch(self._work, settings, source, target, cancel), self._take)

    def _take(self, event: _Event) -> None:
        if isinstance(event, _Added):
            self.added.emit(event.names)
        elif event.total:
            text = self.tr("Downloading translation models")
            self.show_download(text, event.done, event.total, event.seconds_left)
        else:
            self.line.show_step(self.tr("Trying the models out…"))


def _import(work: Work, folder: Path, cancel: CancelToken) -> Iterator[_Event]:
    parts = work.parts
    yield _Added(_names(parts.small_models.import_folder(folder, parts.small_translation, cancel)))


def _fetch(work: Work, settings: Settings, source: str, target: str, cancel: CancelToken) -> Iterator[_Event]:
    from app.assistants.fetch_translation_models import TranslationReady, fetch_translation_model
    from app.engine.choose import hub_endpoint
    from app.models.download.transfer import DownloadProgress

    parts = work.parts
    for event in fetch_translation_model(
        source,
        target,
        models=parts.small_models,
        translation=parts.small_translation,
        endpoint=hub_endpoint(settings),
        cancel=cancel,
    ):
        if isinstance(event, DownloadProgress):
            yield _Fetching(event.bytes_done, event.bytes_total, event.seconds_left)
        elif isinstance(event, TranslationReady):
            yield _Added(_names(event.models))
        else:
            yield _Fetching()


def _names(models: "tuple[SmallModel, ...]") -> str:
    return ", ".join(pair_name(each.source, each.target) for each in models)
