"""Use case: bring a model of the catalogue onto this machine, and offer it only when it is whole and loads."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.assistants.choose_model import explain, judge
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import LoadProgress, ModelSpec
from app.engine.sizing import Sizing
from app.hardware.fit import Fit, Speed
from app.models.catalog import CatalogModel
from app.models.catalog_refresh import FileList, GgufChoice, refresh, suggested
from app.models.download.access_token import read_token
from app.models.download.pace import BandwidthLimit
from app.models.download.split_model import download_all
from app.models.download.transfer import DownloadEvent, DownloadFinished
from app.models.partial import fetch_header
from app.models.records import Records


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
    """Look up the files, size the model from its header, download it into `models`, load it once, and record it.

    Stopped or cut off, it goes on where it was at the next call. Raises `AppError` and `Cancelled`.
    """
    if not model.available or model.gguf_repository is None:
        raise AppError(
            f"{model.name} cannot be downloaded{': ' + model.why_not if model.why_not else ' by Alcove'}.",
            f"Use “{model.instead}” instead." if model.instead else "Choose another model.",
        )
    token = read_token(endpoint)
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
    context = sized.fit.plan.context_length if sized.fit else 2048
    yield from _tried(engine, ModelSpec(str(arrived.file), context), model, cancel)
    first = choice.files[0]
    places = [models / each.name for each in choice.files]
    record = records.describe(
        places, name=choice.name, source=f"hub:{first.repo}@{first.commit}/{first.file}", owned=True,
        sha256=arrived.sha256 if len(places) == 1 else "",
    )  # fmt: skip
    records.put(record)
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
    header = scratch / "header.gguf"
    try:
        facts = fetch_header(choice.files[0], header, cancel=cancel, token=token)
        return Sized(sizing.fit(header, facts.shape, machine, cancel, speed=speed), exact=True)
    finally:
        header.unlink(missing_ok=True)


def _tried(
    engine: Engine, spec: ModelSpec, model: CatalogModel, cancel: CancelToken
) -> Iterator[LoadProgress]:
    """A file with the right checksum may still be of a kind this llama.cpp cannot load."""
    try:
        for event in engine.load(spec, cancel):
            if isinstance(event, LoadProgress):
                yield event
    except AppError as error:
        raise AppError(
            f"{model.name} has arrived, but it does not load: {error.what}",
            f"{error.remedy} The file is {spec.file}.",
        ) from error
