"""Use case: bring a model of the catalogue onto this machine, whole, recorded, and tried once."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from app.assistants.choose_model import explain, judge
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import LoadProgress, ModelSpec
from app.engine.sizing import Sizing
from app.hardware.fit import Fit, Plan, Speed
from app.models.catalog import CatalogModel
from app.models.catalog_refresh import FileList, GgufChoice, refresh, suggested
from app.models.download.access_token import read_token
from app.models.download.pace import BandwidthLimit
from app.models.download.split_model import download_all
from app.models.download.transfer import DownloadEvent, DownloadFinished
from app.models.partial import fetch_header
from app.models.records import Records

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FilesListed:
    """The repository was asked; this is what will be fetched."""

    choice: GgufChoice


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
    model: CatalogModel,
    *,
    quantisation: str | None,
    endpoint: str,
    lists: Path,
    scratch: Path,
    records: Records,
    models: Path,
    sizing: Sizing,
    engine: Engine,
    speed: Speed | None,
    cancel: CancelToken,
    bytes_per_s: int | None = None,
    even_if_too_big: bool = False,
) -> Iterator[FetchEvent]:
    """Look up the files, size the model from its header, download it into `models`, record it, and load it once.

    Stopped or cut off, it goes on where it was at the next call. Raises `AppError` and `Cancelled`.
    """
    if not model.available or model.gguf_repository is None:
        raise AppError(
            f"{model.name} cannot be downloaded{': ' + model.why_not if model.why_not else ' by Alcove'}.",
            f"Use “{model.instead}” instead." if model.instead else "Choose another model.",
        )
    token = _token(endpoint)
    files = refresh(model.gguf_repository, lists, endpoint=endpoint, token=token)
    choice = _chosen(model, files, quantisation)
    yield FilesListed(choice)
    sized = _sized(model, files, choice, scratch, sizing, speed, cancel, token)
    yield sized
    if sized.fit is not None and sized.fit.verdict == "too big" and not even_if_too_big:
        raise AppError(
            f"{model.name} does not fit. {explain(sized.fit)}",
            "Close other programs, or choose a smaller model.",
        )
    limit = BandwidthLimit(bytes_per_s) if bytes_per_s else None
    arrived: DownloadFinished | None = None
    for event in download_all(choice.files, models, cancel=cancel, token=token, limit=limit):
        yield event
        if isinstance(event, DownloadFinished):
            arrived = event
    assert arrived is not None
    first = choice.files[0]
    places = [models / each.name for each in choice.files]
    record = records.describe(
        places, name=arrived.file.stem, source=f"hub:{first.repo}@{first.commit}/{first.file}", owned=True,
        sha256=[each.sha256 for each in choice.files],
    )  # fmt: skip
    records.put(record)
    plan = sized.fit.plan if sized.fit else Plan(2048, "f16", 0)
    spec = ModelSpec(str(arrived.file), plan.context_length, 0, plan.gpu_layers, plan.kv_type)
    yield from _tried(engine, spec, record.name, cancel)
    yield ModelReady(record.name, arrived.file, arrived.bytes, arrived.sha256, arrived.bytes_received)


def _chosen(model: CatalogModel, files: FileList, quantisation: str | None) -> GgufChoice:
    wanted = (quantisation,) if quantisation else model.quantisations
    choice = suggested(files, wanted)
    if choice is None:
        there = ", ".join(sorted({each.quantisation for each in files.choices if each.quantisation}))
        raise AppError(
            f"{files.repository} has no file of type {' or '.join(wanted)}.",
            f"It has {there}." if there else "Choose another model.",
        )
    return choice


def _sized(
    model: CatalogModel,
    files: FileList,
    choice: GgufChoice,
    scratch: Path,
    sizing: Sizing,
    speed: Speed | None,
    cancel: CancelToken,
    token: str | None,
) -> Sized:
    machine = sizing.machine(cancel)
    if len(choice.files) > 1:  # the parts after the first have headers of their own, which are not fetched
        return Sized(judge(model, machine, speed, files, choice.quantisation).fit, exact=False)
    with TemporaryDirectory(prefix="header-", dir=scratch) as folder:
        header = Path(folder, "header.gguf")
        facts = fetch_header(choice.files[0], header, cancel=cancel, token=token)
        found = sizing.fit(header, facts.shape, machine, cancel, speed=speed)
        return Sized(found, exact=found.memory.exact)


def _token(endpoint: str) -> str | None:
    """A keyring that stays locked must not keep anybody from models that are free."""
    try:
        return read_token(endpoint)
    except AppError as error:
        _log.warning("no token: %s", error)
        return None


def _tried(engine: Engine, spec: ModelSpec, name: str, cancel: CancelToken) -> Iterator[LoadProgress]:
    """A file with the right checksum may still be of a kind this llama.cpp cannot load."""
    try:
        for event in engine.load(spec, cancel):
            if isinstance(event, LoadProgress):
                yield event
    except AppError as error:
        raise AppError(
            f"“{name}” has arrived, but it does not load: {error.what}",
            f"“alcove models remove {name}” deletes it.",
        ) from error
