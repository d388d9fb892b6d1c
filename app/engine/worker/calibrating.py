"""How fast this machine reads weights of each type while it writes, measured with llama.cpp itself."""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.measuring_protocol import Calibrated, CalibrationProgress
from app.engine.protocol import ModelSpec
from app.engine.worker.made_up_model import Dimensions, bytes_of, write_model
from app.engine.worker.native_log import last_errors
from app.engine.worker.parameters import context_parameters, model_parameters

_TYPES = ("Q8_0", "Q4_K", "F16", "Q4_0", "Q6_K", "Q4_1", "Q5_K")  # the most used first
_READ_BYTES = 120_000_000  # of weights, larger than any laptop's cache
_MEASURE_S = 0.8
_LEAST_TOKENS = 4


_NARROW = Dimensions(256, 512, 4, 4, 32)
_MIDDLE = Dimensions(768, 2048, 12, 4, 16)


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
    total = len(_TYPES) + 2
    yield CalibrationProgress(0, total)
    first = _TYPES[0]
    seconds: dict[str, float] = {}
    small: list[tuple[Dimensions, float]] = []
    for dimensions in (_NARROW, _MIDDLE):
        small.append((dimensions, _time_token(folder, dimensions, first, threads, cancel)))
        yield CalibrationProgress(len(small), total)
    for done, kind in enumerate(_TYPES, start=len(small) + 1):
        seconds[kind] = _time_token(folder, _wide(kind), kind, threads, cancel)
        yield CalibrationProgress(done, total)
    layer_s, row_s = _fixed_times([*small, (_wide(first), seconds[first])], first)
    speeds = {}
    for kind, took in seconds.items():
        speeds[kind] = _speed(_wide(kind), kind, took, layer_s, row_s)
    yield Calibrated(speeds, layer_s, row_s)


def _speed(wide: Dimensions, kind: str, took: float, layer_s: float, row_s: float) -> float:
    """Bytes of weights a second. Of a wide model's token, reading them is at least half: what layers and rows take was measured
    at another moment, and may be more than all of it on a busy machine."""
    fixed = wide.layers * layer_s + wide.rows * row_s
    return wide.read_bytes(kind) / max(took / 2, took - fixed)


def _fixed_times(measured: Sequence[tuple[Dimensions, float]], kind: str) -> tuple[float, float]:
    """Seconds for a layer and for a row of weights whatever their size, never negative.

    From the times of a narrow, a middling and a wide model: bytes · s + layers · s + rows · s for each.
    """
    parts = np.array([(each.read_bytes(kind), each.layers, each.rows) for each, _ in measured], float)
    times = np.array([took for _, took in measured])
    best, fixed = np.inf, (0.0, 0.0)
    for columns in ((0, 1, 2), (0, 1), (0, 2), (0,)):  # noise may make one of them negative: do without it
        found, *_ = np.linalg.lstsq(parts[:, columns], times, rcond=None)
        error = float(np.abs(parts[:, columns] @ found - times).sum())
        if (found >= 0).all() and error < best:
            seconds = dict(zip(columns, map(float, found), strict=True))
            best, fixed = error, (seconds.get(1, 0.0), seconds.get(2, 0.0))
    return fixed


def _wide(kind: str) -> Dimensions:
    layer = 2048 * (2 * 2048 + 2 * 512 + 3 * 5632)
    return Dimensions(2048, 5632, 32, 8, max(1, round(_READ_BYTES / (layer * bytes_of(1, kind)))))


def _time_token(folder: Path, dimensions: Dimensions, kind: str, threads: int, cancel: CancelToken) -> float:
    """The mean time of a token in seconds."""
    file = folder / f"calibration-{kind}.gguf"
    try:
        write_model(file, dimensions, kind)
        return _run(ModelSpec(str(file), 256), threads, cancel)
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
        del times[0]  # it also fetches the pages
        # the mean: an answer waits for the tokens during which another program had the processor, too
        return sum(times) / len(times)
    finally:
        if context is not None:
            llama.llama_free(context)
        if model:
            llama.llama_model_free(model)
