"""Adding small translation models: from a folder, or from the hub when the person asks for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import Settings, SettingsStore
from app.gui.jobs import Job, Jobs
from app.gui.text_format import time_left
from app.gui.translate.wording import pair_name
from app.gui.translate.work import Work
from app.gui.work_line import WorkLine
from app.models.disk import in_words

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


class ModelAdding(QObject):
    """One at a time, shown in `line`."""

    added = Signal(str)
    """Their languages in words."""

    failed = Signal(object)
    """An `AppError`."""

    def __init__(
        self, work: Work, settings: SettingsStore, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._work, self._settings, self._jobs = work, settings, jobs
        self._job: Job | None = None
        self.line = WorkLine(self.tr("Stop (Esc). What has arrived is kept."))
        self.line.stop_wanted.connect(self.stop)

    @Slot(str)
    def import_folder(self, folder: str) -> None:
        self._run(
            self.tr("Adding translation models…"),
            lambda cancel: _import(self._work, Path(folder), cancel),
        )

    @Slot(str, str)
    def fetch(self, source: str, target: str) -> None:
        """Connects to the hub."""
        self._run(
            self.tr("Looking for translation models…"),
            lambda cancel: _fetch(self._work, self._settings.current, source, target, cancel),
        )

    @Slot()
    def stop(self) -> bool:
        """False when nothing is being added."""
        if self._job is None or self._job.stopping:
            return False
        self.line.show_stopping()
        self._job.stop()
        return True

    def _run(self, text: str, work: Callable[[CancelToken], Iterator[_Event]]) -> None:
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

    def _take(self, event: _Event) -> None:
        if isinstance(event, _Added):
            self.added.emit(event.names)
            return
        if event.total:
            size = self.tr("{done} of {total}").format(done=in_words(event.done), total=in_words(event.total))
            left = "" if event.seconds_left is None else f" · {time_left(event.seconds_left)}"
            text = self.tr("Downloading translation models")
            self.line.show_step(text, event.done / event.total, f"{size}{left}")
        else:
            self.line.show_step(self.tr("Trying the models out…"))

    def _fail(self, error: AppError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        self.line.hide()


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
