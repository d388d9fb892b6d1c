"""Use case: bring the small translation models for two languages onto this machine, whole and tried out."""

import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.assistants.fetch_model import saved_token
from app.base.errors import AppError
from app.base.jobs import CancelToken, stoppable
from app.base.languages import language_name
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModel, SmallModels
from app.engine.small_translation.recognising import canonical, files_in, recognise, route_of
from app.models.catalog_refresh import list_files
from app.models.download.pace import BandwidthLimit
from app.models.download.remote import RemoteFile
from app.models.download.split_model import download_all
from app.models.download.transfer import (
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)

REPOSITORY = "midudev/firefox-translations"
"""A copy of Mozilla's models at the hub; another one with files of the same names can be named instead."""


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that a repository has; `files` as they are packed there."""

    source: str
    target: str
    files: tuple[RemoteFile, ...]

    @property
    def pair(self) -> str:
        return f"{self.source}-{self.target}"

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class ModelsFound:
    """What will be fetched: one model or two, or none when all that is needed is installed."""

    models: tuple[OfferedModel, ...]

    @property
    def bytes(self) -> int:
        return sum(model.bytes for model in self.models)


@dataclass(frozen=True, slots=True)
class Installing:
    """The files of this pair have arrived; they are unpacked and tried out."""

    pair: str


@dataclass(frozen=True, slots=True)
class TranslationReady:
    """The end: what translates now between the two languages, in order."""

    models: tuple[SmallModel, ...]
    bytes_received: int


FetchTranslationEvent = (
    ModelsFound | DownloadProgress | DownloadWaiting | DownloadRestarted | Installing | TranslationReady
)


def offered_models(
    repository: str = REPOSITORY, *, endpoint: str, cancel: CancelToken
) -> tuple[OfferedModel, ...]:
    """The models of a repository at the hub, one a pair, by source and target. Raises `AppError` and `Cancelled`."""
    token = saved_token(endpoint)
    listed = stoppable(lambda: list_files(repository, endpoint=endpoint, token=token), cancel)
    files = {file.file: file for file in listed}
    return tuple(
        OfferedModel(each.source, each.target, tuple(files[path] for path in each.paths))
        for each in recognise(files)
    )


def fetch_translation_model(
    source: str,
    target: str,
    *,
    models: SmallModels,
    translation: SmallTranslation,
    endpoint: str,
    cancel: CancelToken,
    repository: str = REPOSITORY,
    bytes_per_s: int | None = None,
) -> Iterator[FetchTranslationEvent]:
    """Fetch what translates `source` into `target`: one model, or two by way of English. Ends with `TranslationReady`.

    Models that are installed are not fetched again. Stopped or cut off, it goes on where it was at the next call.
    Raises `AppError` (no such model, offline, damaged, no space) and `Cancelled`.
    """
    there = {model.pair for model in models.installed()}
    if f"{canonical(source)}-{canonical(target)}" in there:
        yield from (ModelsFound(()), TranslationReady(models.route(source, target), 0))
        return
    route = route_of(offered_models(repository, endpoint=endpoint, cancel=cancel), source, target)
    if not route:
        raise AppError(
            f"{repository} has no model that translates {language_name(source)} into {language_name(target)}.",
            "Let a chat model translate, or name another repository.",
        )
    wanted = ModelsFound(tuple(model for model in route if model.pair not in there))
    yield wanted
    received = done = 0
    limit = BandwidthLimit(bytes_per_s) if bytes_per_s else None
    for model in wanted.models:
        staging = _staging(model, models.folder)
        events = download_all(model.files, staging, cancel=cancel, token=saved_token(endpoint), limit=limit)
        received += yield from _arriving(events, done, wanted.bytes)
        done += model.bytes
        yield Installing(model.pair)
        _install(model, staging, models, translation, cancel)
    yield TranslationReady(models.route(source, target), received)


def _arriving(
    events: Iterable[DownloadEvent], before: int, total: int
) -> Generator[FetchTranslationEvent, None, int]:
    """The events of one model as a part of all; returns the bytes that were received."""
    received = 0
    for event in events:
        if isinstance(event, DownloadFinished):
            received += event.bytes_received
        elif isinstance(event, DownloadProgress):
            yield _of_all(event, before, total)
        else:
            yield event
    return received


def _of_all(event: DownloadProgress, before: int, total: int) -> DownloadProgress:
    done = before + event.bytes_done
    left = (total - done) / event.bytes_per_s if event.bytes_per_s else None
    return replace(event, bytes_done=done, bytes_total=total, seconds_left=left)


def _staging(model: OfferedModel, folder: Path) -> Path:
    """Where the files arrive; what had arrived of another commit is given up."""
    commit = model.files[0].commit[:12]
    mine = folder / f".{model.pair}-{commit}"
    for old in folder.glob(f".{model.pair}-{'?' * len(commit)}"):
        if old != mine:
            shutil.rmtree(old, ignore_errors=True)
    return mine / model.pair


def _install(
    model: OfferedModel,
    staging: Path,
    models: SmallModels,
    translation: SmallTranslation,
    cancel: CancelToken,
) -> None:
    files = files_in(model.pair, [file.name for file in model.files])
    assert files is not None  # they were recognised by these very names
    try:
        models.install(files, staging.parent, translation, cancel)
    except AppError:
        _remove(staging.parent)  # they would be no better the next time
        raise
    _remove(staging.parent)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(folder)
