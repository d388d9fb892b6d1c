"""Use case: bring a model of the catalogue or the hub onto this machine, whole, recorded, and tried once."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.assistants.choose_model import explain, judge
from app.assistants.keep_models import remove_model, try_model
from app.base.errors import AppError
from app.base.jobs import CancelToken, stoppable
from app.base.settings import SettingsStore
from app.engine.protocol import LoadProgress
from app.engine.sizing import Sizing
from app.hardware.fit import Fit, Speed
from app.models.catalog import CatalogModel
from app.models.catalog_refresh import FileList, GgufChoice, refresh, suggested
from app.models.download.access_token import read_token
from app.models.download.pace import BandwidthLimit
from app.models.download.queue import Wanted
from app.models.download.remote import RemoteFile
from app.models.download.split_model import download_all
from app.models.download.transfer import DownloadEvent, DownloadFinished
from app.models.installed import installed_models
from app.models.partial import fetch_header
from app.models.records import Records

if TYPE_CHECKING:
    from app.hardware.probe import Ram

# Where nothing is known of a repository: small and still good, then what most publishers have.
_USUAL = ("Q4_K_M", "Q4_K_S", "Q4_0", "Q5_K_M", "Q6_K", "Q8_0", "F16", "BF16")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FilesListed:
    """The repository was asked; this is what will be fetched."""

    choice: GgufChoice
    files: FileList


@dataclass(frozen=True, slots=True)
class Sized:
    """How it will run here, known before anything but its header was fetched. `exact`: by llama.cpp itself."""

    fit: Fit | None
    exact: bool


@dataclass(frozen=True, slots=True)
class ModelReady:
    """It is there, its checksum is right, and it loads. Ask for it by `name`."""

    name: str
    file: Path
    bytes: int
    sha256: str
    bytes_received: int


FetchEvent = FilesListed | Sized | DownloadEvent | LoadProgress | ModelReady


def fetch_model(
    model: CatalogModel | str,
    *,
    quantisation: str | None,
    endpoint: str,
    lists: Path,
    scratch: Path,
    records: Records,
    sizing: Sizing,
    speed: Speed | None,
    cancel: CancelToken,
    bytes_per_s: int | None = None,
    even_if_too_big: bool = False,
) -> Iterator[FetchEvent]:
    """Look up the files, size the model from its header, download it beside the records, record it, and load it once.

    `model`: of the catalogue, or a repository of the hub (owner/name). Stopped or cut off, it goes on where it was
    at the next call. Raises `AppError` and `Cancelled`.
    """
    choice: GgufChoice | None = None
    for found in look_up_model(
        model, quantisation=quantisation, endpoint=endpoint, lists=lists, scratch=scratch,
        sizing=sizing, speed=speed, cancel=cancel,
    ):  # fmt: skip
        yield found
        if isinstance(found, FilesListed):
            choice = found.choice
        elif found.fit is not None and found.fit.verdict == "too big" and not even_if_too_big:
            raise AppError(
                f"{_name(model)} does not fit. {explain(found.fit)}",
                "Close other programs, or choose a smaller model.",
            )
    assert choice is not None
    arrived: DownloadFinished | None = None
    token, limit = saved_token(endpoint), BandwidthLimit(bytes_per_s) if bytes_per_s else None
    for event in download_all(choice.files, records.folder, cancel=cancel, token=token, limit=limit):
        yield event
        if isinstance(event, DownloadFinished):
            arrived = event
    assert arrived is not None
    yield from take_in(choice.files, arrived, records=records, sizing=sizing, cancel=cancel)


def look_up_model(
    model: CatalogModel | str,
    *,
    quantisation: str | None,
    endpoint: str,
    lists: Path,
    scratch: Path,
    sizing: Sizing,
    speed: Speed | None,
    cancel: CancelToken,
    choice_name: str | None = None,
    ram: "Ram | None" = None,
) -> Iterator[FilesListed | Sized]:
    """What would be fetched, and how it will run here: `FilesListed`, then `Sized`. Fetches lists and a header only.

    `choice_name`: one of the repository's choices by its name, instead of by `quantisation`. `lists`: where lists of
    files are kept; `scratch`: for the header. `ram`: what the model could have of the memory; None: what is free now.
    Raises `AppError` and `Cancelled`.
    """
    token = saved_token(endpoint)
    repository = _repository(model)
    files = stoppable(lambda: refresh(repository, lists, endpoint=endpoint, token=token), cancel)
    choice = _named(choice_name, files) if choice_name else _chosen(model, files, quantisation)
    yield FilesListed(choice, files)
    machine = sizing.machine(cancel)
    machine = replace(machine, ram=ram or machine.ram)
    if len(choice.files) > 1:  # the parts after the first have headers of their own, which are not fetched
        known = None if isinstance(model, str) else judge(model, machine, speed, files, choice.quantisation)
        yield Sized(None if known is None else known.fit, exact=False)
        return
    with TemporaryDirectory(prefix="header-", dir=scratch) as folder:
        header = Path(folder, "header.gguf")
        facts = fetch_header(choice.files[0], header, cancel=cancel, token=token)
        found = sizing.fit(header, facts.shape, machine, cancel, speed=speed)
    yield Sized(found, exact=found.memory.exact)


def wanted_of(choice: GgufChoice, folder: Path) -> Wanted:
    """The same files for the queue of downloads, which brings them into `folder`."""
    first = choice.files[0]
    files = tuple(each.file for each in choice.files)
    return Wanted(first.repo, files, folder, first.endpoint, first.commit)


def take_in(
    remotes: Sequence[RemoteFile],
    arrived: DownloadFinished,
    *,
    records: Records,
    sizing: Sizing,
    cancel: CancelToken,
) -> Iterator[LoadProgress | ModelReady]:
    """Record a model whose files have arrived in the folder of the records, and load it once.

    Raises `AppError` when it does not load: a file with the right checksum may still be of a kind that this
    llama.cpp cannot use. Then it stays recorded, so that it can be removed.
    """
    first = remotes[0]
    known = records.find(arrived.file)
    record = records.describe(
        [arrived.file.with_name(each.name) for each in remotes], name=arrived.file.stem,
        source=f"hub:{first.repo}@{first.commit}/{first.file}", sha256=[each.sha256 for each in remotes],
        # a file that lay there already may be another app's, or the person's own
        owned=not arrived.was_there if known is None else known.owned, loads=False,
    )  # fmt: skip
    records.put(record)
    try:
        yield from try_model(arrived.file, records, sizing, cancel)
    except AppError as error:
        raise AppError(
            f"“{record.name}” has arrived, but it does not load: {error.what}",
            "Remove it, and choose another model.",
        ) from error
    yield ModelReady(record.name, arrived.file, arrived.bytes, arrived.sha256, arrived.bytes_received)


def take_back(file: Path, records: Records, settings: SettingsStore) -> None:
    """Delete a model that arrived and was not accepted. Raises `AppError` when it cannot be deleted."""
    for model in installed_models(records.folder):
        if model.file == file and model.owned:
            remove_model(model, records, settings)


def saved_token(endpoint: str) -> str | None:
    """A keyring that stays locked must not keep anybody from models that are free."""
    try:
        return read_token(endpoint)
    except AppError as error:
        _log.warning("no token: %s", error)
        return None


def _name(model: CatalogModel | str) -> str:
    return model if isinstance(model, str) else model.name


def _repository(model: CatalogModel | str) -> str:
    """Raises `AppError` for a model of the catalogue that cannot be fetched."""
    if isinstance(model, str):
        return model
    if model.available and model.gguf_repository is not None:
        return model.gguf_repository
    raise AppError(
        f"{model.name} cannot be downloaded{': ' + model.why_not if model.why_not else ' by Alcove'}.",
        f"Use “{model.instead}” instead." if model.instead else "Choose another model.",
    )


def _named(name: str, files: FileList) -> GgufChoice:
    for choice in files.choices:
        if choice.name == name:
            return choice
    raise AppError(f"{files.repository} has no “{name}” any more.", "Choose another version.")


def _chosen(model: CatalogModel | str, files: FileList, quantisation: str | None) -> GgufChoice:
    usual = _USUAL if isinstance(model, str) else model.quantisations
    wanted = (quantisation,) if quantisation else usual
    choice = suggested(files, wanted)
    unnamed = [each for each in files.choices if not each.quantisation]
    if choice is None and isinstance(model, str) and not quantisation and unnamed:
        return unnamed[0]  # its name does not say of what type it is
    if choice is None:
        there = ", ".join(sorted({each.quantisation for each in files.choices if each.quantisation}))
        raise AppError(
            f"{files.repository} has no GGUF file of type {' or '.join(wanted)}.",
            f"It has {there}." if there else "Choose another model.",
        )
    return choice
