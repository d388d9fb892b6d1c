"""How fast this machine reads weights of each type while it writes, measured with llama.cpp itself."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.protocol import Calibrated, CalibrationProgress, ModelSpec
from app.engine.worker.made_up_model import Dimensions, bytes_of, write_model
from app.engine.worker.native_log import last_errors
from app.engine.worker.parameters import context_parameters, model_parameters

_TYPES = ("Q4_K", "Q8_0", "F16", "Q4_0", "Q6_K", "Q4_1", "Q5_K")  # the most used first
_READ_BYTES = 120_000_000  # of weights, larger than any laptop's cache
_MEASURE_S = 0.6
_LEAST_TOKENS = 4


_NARROW = Dimensions(256, 512, 4, 4, 32)


def calibrate(folder: Path, threads: int, cancel: CancelToken) -> Iterator[CalibrationProgress | Calibrated]:
    """Time tokens of made-up models; ends with `Calibrated`. Raises `AppError` and `Cancelled`."""
    with _own_folder(folder) as own:
        yield from _calibrate(own, threads, cancel)


@contextmanager
def _own_folder(folder: Path) -> Iterator[Path]:
    """Two windows may measure at once. What a killed run leaves are sparse files of a few kilobytes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own = tempfile.TemporaryDirectory(prefix="run-", dir=folder, ignore_cleanup_errors=True)
    except OSError as error:
        raise AppError(
            f"The speed could not be measured ({error.strerror or error}).", "Free some space and try again."
        ) from error
    with own as name:
        yield Path(name)


def _calibrate(folder: Path, threads: int, cancel: CancelToken) -> Iterator[CalibrationProgress | Calibrated]:
    total = len(_TYPES) + 1
    yield CalibrationProgress(0, total)
    narrow_s, narrow_bytes = _time_token(folder, _NARROW, "Q8_0", threads, cancel)
    speeds: dict[str, float] = {}
    layer_s = 0.0
    for done, kind in enumerate(_TYPES, start=1):
        yield CalibrationProgress(done, total)
        seconds, read = _time_token(folder, _wide(kind), kind, threads, cancel)
        if not speeds:  # a first guess is enough to take the reading out of the narrow model's time
            layer_s = max(0.0, narrow_s - narrow_bytes * seconds / read) / _NARROW.layers
        speeds[kind] = read / max(1e-6, seconds - _wide(kind).layers * layer_s)
    yield CalibrationProgress(total, total)
    yield Calibrated(speeds, layer_s)


def _wide(kind: str) -> Dimensions:
    layer = 2048 * (2 * 2048 + 2 * 512 + 3 * 5632)
    return Dimensions(2048, 5632, 32, 8, max(1, round(_READ_BYTES / (layer * bytes_of(1, kind)))))


def _time_token(
    folder: Path, dimensions: Dimensions, kind: str, threads: int, cancel: CancelToken
) -> tuple[float, int]:
    """The median time of a token in seconds, and the bytes of weights read for it."""
    file = folder / f"calibration-{kind}.gguf"
    try:
        read = write_model(file, dimensions, kind)
        return _run(ModelSpec(str(file), 256), threads, cancel), read
    except OSError as error:
        raise AppError(
            f"The speed could not be measured ({error.strerror or error}).", "Free some space and try again."
        ) from error
    finally:
        file.unlink(missing_ok=True)


def _run(spec: ModelSpec, threads: int, cancel: CancelToken) -> float:
    parameters = model_parameters(spec, 0, 1)
    model = llama.llama_model_load_from_file(os.fsencode(spec.file), parameters)
    context = llama.llama_init_from_model(model, context_parameters(spec, 256)) if model else None
    try:
        if context is None:
            raise AppError("The speed could not be measured.", f"Try again. ({last_errors()})")
        llama.llama_set_n_threads(context, threads, threads)
        token = (llama.llama_token * 1)(10)
        times: list[float] = []
        began = time.perf_counter()
        while len(times) < _LEAST_TOKENS or (time.perf_counter() - began < _MEASURE_S and len(times) < 200):
            cancel.raise_if_cancelled()
            started = time.perf_counter()
            if llama.llama_decode(context, llama.llama_batch_get_one(token, 1)) != 0:
                raise AppError("The speed could not be measured.", "Try again.")
            llama.llama_synchronize(context)
            times.append(time.perf_counter() - started)
        times = sorted(times[1:])  # the first also fetches the pages
        return times[len(times) // 2]
    finally:
        if context is not None:
            llama.llama_free(context)
        if model:
            llama.llama_model_free(model)
