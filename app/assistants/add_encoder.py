"""Use case: bring a search model, a reranker or a reader onto this machine, from the hub or from a folder, and try it out."""

import shutil
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from app.assistants.fetch_model import saved_token
from app.base.edition import need_other_models
from app.base.errors import AppError
from app.base.files import writing
from app.base.jobs import CancelToken, stoppable
from app.base.paths import DataPaths, is_there, person_path
from app.base.settings import Settings
from app.models.catalog import Catalog, CatalogModel, Purpose
from app.models.catalog_refresh import list_files
from app.models.disk import check_room
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
from app.models.encoder_files import KINDS, SETTINGS, Kind, check_files, files_below, wanted_files
from app.models.encoders import NO_PREFIXES, EncoderModel, Encoders, Prefixes
from app.models.naming import safe_stem
from app.retrieval.client import Library
from app.retrieval.preferences import preferences_of
from app.storage.database import open_read_only


@dataclass(frozen=True, slots=True)
class EncoderFound:
    """The hub was asked; so much will be fetched, in bytes."""

    title: str
    bytes: int


@dataclass(frozen=True, slots=True)
class TryingOut:
    """All files are there; the model is loaded and works once."""

    title: str


@dataclass(frozen=True, slots=True)
class EncoderReady:
    """The end: it is installed. `max_tokens`: of a text that it looks at."""

    model: EncoderModel
    max_tokens: int
    bytes_received: int = 0


_STARTER = "all-minilm-l6-v2"  # is there already
PURPOSES: dict[Kind, Purpose] = {
    "embedding": "embedding",
    "reranking": "reranking",
    "reading": "extractive-reader",
}
"""What the catalogue calls each kind."""

AddEvent = EncoderFound | DownloadProgress | DownloadWaiting | DownloadRestarted | TryingOut | EncoderReady


def fetch_encoder(
    model: CatalogModel | str,
    kind: Kind,
    *,
    encoders: Encoders,
    library: Library,
    endpoint: str,
    cancel: CancelToken,
    bytes_per_s: int | None = None,
) -> Iterator[AddEvent]:
    """Download a model of the catalogue, or of a repository (owner/name), try it out and install it.

    Stopped or cut off, it goes on where it was at the next call. Raises `AppError` (not there, gated, unsafe or
    incomplete files, does not load, not in this edition) and `Cancelled`.
    """
    need_other_models()
    repository = model if isinstance(model, str) else model.repository
    title = safe_stem(repository.rpartition("/")[2] if isinstance(model, str) else model.id)
    token = saved_token(endpoint)
    listed = stoppable(lambda: list_files(repository, endpoint=endpoint, token=token), cancel)
    named = {each.file: each for each in listed}
    files = [named[name] for name in wanted_files(named)]
    total = sum(each.bytes for each in files)
    yield EncoderFound(title, total)
    staging = _arriving_in(encoders, title, files[0].commit)
    check_room(encoders.folder, sum(each.bytes for each in files if not _place(each, staging).exists()))
    received = 0
    limit = BandwidthLimit(bytes_per_s) if bytes_per_s else None
    before = 0
    for together in _by_folder(files):
        place = _place(together[0], staging).parent
        events = download_all(together, place, cancel=cancel, token=token, limit=limit)
        received += yield from _of_all(events, before, total)
        before += sum(each.bytes for each in together)
    try:
        source = f"hub:{repository}@{files[0].commit}"
        ready = yield from _install(staging, title, kind, source, _prefixes(model), encoders, library, cancel)
    except AppError:
        shutil.rmtree(staging, ignore_errors=True)  # the files would be no better the next time
        raise
    yield replace(ready, bytes_received=received)


def offered_encoders(catalog: Catalog, kind: Kind) -> list[CatalogModel]:
    """What the catalogue has of this kind that works as it is on the processor, the smallest first."""
    found = [
        each
        for each in catalog.search(purpose=PURPOSES[kind])
        if each.id != _STARTER
        and not each.needs_tuning
        and (kind != "reranking" or each.architecture == "bert")  # others are language models
    ]
    return sorted(found, key=lambda each: each.parameters)


def installed_as(model: CatalogModel, encoders: Encoders) -> EncoderModel | None:
    """The model of the catalogue as it was downloaded."""
    for each in encoders.installed():
        if each.card.source.startswith(f"hub:{model.repository}@"):
            return each
    return None


def remove_encoder(
    name: str, kind: Kind, encoders: Encoders, settings: Settings, index: Path
) -> EncoderModel:
    """Delete an installed model; returns what it was. Raises `AppError`, also for one that is in use.

    `index`: the database of the library, which may still be searched with a model that is no longer chosen.
    """
    model = encoders.find(name, kind)
    if model.name == getattr(settings, SETTINGS[kind]):
        raise AppError(f"“{model.name}” is in use.", "Choose another one first.")
    if kind == "embedding" and serving_folder(index) == str(model.folder):
        raise AppError(
            f"The library is still searched with “{model.name}”, until it has been read for the other model.",
            "Wait until that is done.",
        )
    encoders.remove(model)
    return model


def is_changing(settings: Settings, paths: DataPaths) -> bool:
    """Whether the library is not searched with the chosen model yet (see `Library.reembed`)."""
    return serving_folder(paths.index_db) != preferences_of(settings, paths).embedder


def serving_folder(index: Path) -> str:
    """The folder of the model whose vectors are searched; "" for the starter."""
    database = open_read_only(index)
    if database is None:
        return ""
    try:
        rows = database.rows("SELECT value FROM facts WHERE name = 'embedder_folder'")
    finally:
        database.close()
    return str(rows[0][0]) if rows else ""


def import_encoder(
    folder: Path,
    kind: Kind,
    *,
    encoders: Encoders,
    library: Library,
    cancel: CancelToken,
    known: Sequence[CatalogModel] = (),
) -> Iterator[TryingOut | EncoderReady]:
    """Copy the folder of a model, try it out and install it; the files there stay as they are.

    `known`: where the folder has the name of one of these, its prefixes are taken. Raises as `fetch_encoder` does.
    """
    need_other_models()
    folder = person_path(folder)
    if not is_there(folder) or not folder.is_dir():
        raise AppError(f"{folder} is not a folder.", "Choose the folder that the model's files are in.")
    check_files(folder)
    title = safe_stem(folder.name)
    same = next((each for each in known if _names(each, folder.name)), None)
    with encoders.staging() as aside:
        _copy(folder, aside, cancel)
        prefixes = NO_PREFIXES if same is None else _prefixes(same)
        yield from _yielding(_install(aside, title, kind, "import", prefixes, encoders, library, cancel))


def _install(
    staging: Path,
    title: str,
    kind: Kind,
    source: str,
    prefixes: Prefixes,
    encoders: Encoders,
    library: Library,
    cancel: CancelToken,
) -> Generator[TryingOut, None, EncoderReady]:
    found = check_files(staging)
    if found != kind:
        raise AppError(f"{title} is a {KINDS[found]}, no {KINDS[kind]}.", f"Add it as a {KINDS[found]}.")
    yield TryingOut(title)
    tried = library.try_out(str(staging), kind, cancel)
    cancel.raise_if_cancelled()
    return EncoderReady(encoders.put_in_place(staging, title, source, prefixes), tried.max_tokens)


def _yielding(work: Generator[TryingOut, None, EncoderReady]) -> Iterator[TryingOut | EncoderReady]:
    yield (yield from work)


def _prefixes(model: CatalogModel | str) -> Prefixes:
    if isinstance(model, str):
        return NO_PREFIXES
    return Prefixes(model.prompt.query_prefix or "", model.prompt.passage_prefix or "")


def _names(model: CatalogModel, folder: str) -> bool:
    return folder.casefold() in (model.id.casefold(), model.repository.rpartition("/")[2].casefold())


def _arriving_in(encoders: Encoders, title: str, commit: str) -> Path:
    """Where the files arrive; what had arrived of another commit is given up."""
    mine = encoders.folder / f".{title.lower()}-{commit[:12]}"
    for old in encoders.folder.glob(f".{title.lower()}-{'?' * 12}"):
        if old != mine:
            shutil.rmtree(old, ignore_errors=True)
    return mine


def _place(file: RemoteFile, staging: Path) -> Path:
    return staging.joinpath(*PurePosixPath(file.file).parts)


def _by_folder(files: Sequence[RemoteFile]) -> list[list[RemoteFile]]:
    """Each goes to one folder; the largest folder last, so that what is missing or refused shows soon."""
    groups: dict[PurePosixPath, list[RemoteFile]] = {}
    for each in files:
        groups.setdefault(PurePosixPath(each.file).parent, []).append(each)
    return sorted(groups.values(), key=lambda group: sum(each.bytes for each in group))


def _of_all(events: Iterator[DownloadEvent], before: int, total: int) -> Generator[AddEvent, None, int]:
    """The events of some files as a part of all; returns the bytes that were received."""
    received = 0
    for event in events:
        if isinstance(event, DownloadFinished):
            received += event.bytes_received
        elif isinstance(event, DownloadProgress):
            done = before + event.bytes_done
            left = (total - done) / event.bytes_per_s if event.bytes_per_s else None
            yield replace(event, bytes_done=done, bytes_total=total, seconds_left=left)
        else:
            yield event
    return received


def _copy(folder: Path, aside: Path, cancel: CancelToken) -> None:
    names = wanted_files(files_below(folder))
    check_room(aside, sum((folder / name).stat().st_size for name in names))
    with writing(aside):
        for name in names:
            cancel.raise_if_cancelled()
            target = aside / name
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(folder / name, target)
