"""Use case: make a smaller model of a full-precision one, on this machine; sized before, recorded and tried after."""

import os
import re
import secrets
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.base.errors import AppError
from app.base.files import sync_folder, write_error
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.exact_fit import exact_fit
from app.engine.protocol import Loaded, LoadProgress
from app.engine.quantising import Quantiser
from app.engine.sizing import Sizing
from app.hardware.fit import USUAL_CONTEXT, Fit, Memory, Plan, Speed
from app.models.copying import FileProgress, hash_files
from app.models.disk import check_room
from app.models.importing import taken_names
from app.models.installed import InstalledModel
from app.models.naming import free_names, safe_stem
from app.models.quantised import QUANTISATIONS, quantised, read_source
from app.models.records import Record, Records

if TYPE_CHECKING:
    from app.hardware.probe import Ram

_PRECISION = re.compile(r"[-._ ](b?f16|fp16|f32|fp32)$", re.IGNORECASE)
_ASIDE = re.compile(r"\.\w+\.[0-9a-f]{8}\.part")
_FORGOTTEN_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Sized:
    """What the model will be: bytes of its file, and how it will run here."""

    quantisation: str
    bytes: int
    fit: Fit


@dataclass(frozen=True, slots=True)
class Quantising:
    """Bytes `done` of `total` of the new file."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class QuantisedReady:
    """It is there and it loads. Ask for it by `name`."""

    name: str
    file: Path
    bytes: int
    sha256: str


QuantiseEvent = Sized | Quantising | FileProgress | LoadProgress | QuantisedReady


def sizes(
    file: Path,
    quantisations: Sequence[str],
    *,
    paths: DataPaths,
    sizing: Sizing,
    speed: Speed | None,
    cancel: CancelToken,
    ram: "Ram | None" = None,
) -> Iterator[Sized]:
    """What the model in `file` would be as each of these types; writes nothing.

    `ram`: what the model could have of the memory; None: what is free now. Raises `AppError` for a model that cannot
    be quantised and an unknown type, and `Cancelled`.
    """
    with closing(Quantiser(paths)) as quantiser:
        yield from _sizes(file, quantisations, quantiser, sizing, speed, cancel, ram)


def quantise_model(
    model: InstalledModel,
    quantisation: str,
    *,
    name: str | None = None,
    paths: DataPaths,
    records: Records,
    sizing: Sizing,
    speed: Speed | None,
    cancel: CancelToken,
    ram: "Ram | None" = None,
) -> Iterator[QuantiseEvent]:
    """Write `model` as `quantisation` beside the records, check and load it, and record it as Alcove's own.

    `Sized`, `Quantising`…, `FileProgress`… while the checksum is made, `LoadProgress`…, `QuantisedReady`.
    `name`: what to call it instead of by the model's name and the type. Raises `AppError` and `Cancelled`; then
    nothing is left.
    """
    aside = records.folder / f".{quantisation}.{secrets.token_hex(4)}.part"
    _sweep(records.folder)
    try:
        with closing(Quantiser(paths)) as quantiser:
            (sized,) = _sizes(model.file, [quantisation], quantiser, sizing, speed, cancel, ram)
            yield sized
            check_room(records.folder, sized.bytes)
            records.folder.mkdir(parents=True, exist_ok=True)
            for written in quantiser.write(model.file, aside, quantisation, cancel):
                yield Quantising(min(written, sized.bytes), sized.bytes)
        (sha256,) = yield from hash_files([aside], cancel)
        yield from _tried(aside, quantisation, sizing, cancel)
        stem = safe_stem(name or f"{_PRECISION.sub('', model.name)}-{quantisation}")
        record = _placed(aside, stem, f"quantised:{model.name}", sha256, records)
    except OSError as error:
        raise write_error(records.folder, error) from error
    finally:
        aside.unlink(missing_ok=True)
    yield QuantisedReady(record.name, records.path(record.parts[0]), record.bytes, sha256)


def _sweep(folder: Path) -> None:
    """What a run left that was killed; not what another one may be writing now."""
    with suppress(OSError):
        for file in folder.glob(".*.part"):
            forgotten = time.time() - file.stat().st_mtime > _FORGOTTEN_S
            if forgotten and _ASIDE.fullmatch(file.name):
                file.unlink()


def _sizes(
    file: Path,
    quantisations: Sequence[str],
    quantiser: Quantiser,
    sizing: Sizing,
    speed: Speed | None,
    cancel: CancelToken,
    ram: "Ram | None",
) -> Iterator[Sized]:
    for each in quantisations:
        if each not in QUANTISATIONS:
            raise AppError(f"There is no type “{each}”.", f"Choose one of {', '.join(QUANTISATIONS)}.")
    source = read_source(file)
    machine = sizing.machine(cancel)
    machine = replace(machine, ram=ram or machine.ram)

    @cache
    def of_source(plan: Plan) -> Memory:
        return sizing.measure(file, plan, cancel)

    def measured(weights: int, plan: Plan) -> Memory:
        """Only its weights differ from the source."""
        return replace(of_source(plan), weights=weights)

    for each in quantisations:
        planned = quantised(source, each, quantiser.tensor_types(file, each, cancel))
        measure = partial(measured, planned.shape.weight_bytes)
        fit = exact_fit(machine, planned.shape, measure, context=USUAL_CONTEXT, speed=speed)
        yield Sized(each, planned.bytes, fit)


def _tried(
    file: Path, quantisation: str, sizing: Sizing, cancel: CancelToken
) -> Generator[LoadProgress, None, None]:
    try:
        for event in sizing.try_out(file, cancel):
            if not isinstance(event, Loaded):
                yield event
    except AppError as error:
        raise AppError(
            f"The model was written as {quantisation}, but then it did not load: {error.what}",
            "Choose another type.",
        ) from error


def _placed(aside: Path, stem: str, source: str, sha256: str, records: Records) -> Record:
    """Give the file a free name and record it. Raises `OSError` and `AppError`; then it has none."""
    with aside.open("r+b") as stream:
        os.fsync(stream.fileno())
    target = records.folder / free_names(records.folder, stem, 1, taken_names(records))[0]
    aside.rename(target)
    try:
        sync_folder(records.folder)
        record = records.describe([target], name=target.stem, source=source, owned=True, sha256=[sha256])
        records.put(record)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return record
