"""How fast this machine reads weights of each type while it writes, measured with llama.cpp itself.

The models for it are made here: a header over a file full of zeros, which costs neither disk nor download and
takes the same time as real weights, because no kernel looks at the values.
"""

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.protocol import Calibrated, CalibrationProgress, ModelSpec
from app.engine.worker.native_log import last_errors
from app.engine.worker.parameters import context_parameters, model_parameters
from app.models.gguf_header import TENSOR_TYPES

_TYPES = ("Q4_K", "Q8_0", "F16", "Q4_0", "Q6_K", "Q4_1", "Q5_K")  # the most used first
_READ_BYTES = 120_000_000  # of weights, larger than any laptop's cache
_MEASURE_S = 0.6
_LEAST_TOKENS = 4
_ALIGNMENT = 32
_SPECIAL = ("<unk>", "<s>", "</s>")
_UNKNOWN, _CONTROL, _BYTE = 2, 3, 6  # token types of llama.cpp
_U32, _I32, _F32, _STRING, _ARRAY = 4, 5, 6, 8, 9  # GGUF's types of fields


@dataclass(frozen=True, slots=True)
class _Dimensions:
    """A llama with grouped heads: as wide as a model of a billion parameters, or narrow with many layers."""

    width: int
    feed_forward: int
    heads: int
    kv_heads: int
    layers: int

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        vocabulary = len(_SPECIAL) + 256
        kept = self.width * self.kv_heads // self.heads
        yield "token_embd.weight", (self.width, vocabulary)
        yield "output_norm.weight", (self.width,)
        for layer in range(self.layers):
            block = f"blk.{layer}"
            yield f"{block}.attn_norm.weight", (self.width,)
            yield f"{block}.attn_q.weight", (self.width, self.width)
            yield f"{block}.attn_k.weight", (self.width, kept)
            yield f"{block}.attn_v.weight", (self.width, kept)
            yield f"{block}.attn_output.weight", (self.width, self.width)
            yield f"{block}.ffn_norm.weight", (self.width,)
            yield f"{block}.ffn_gate.weight", (self.width, self.feed_forward)
            yield f"{block}.ffn_up.weight", (self.width, self.feed_forward)
            yield f"{block}.ffn_down.weight", (self.feed_forward, self.width)


_NARROW = _Dimensions(256, 512, 4, 4, 32)


def calibrate(folder: Path, threads: int, cancel: CancelToken) -> Iterator[CalibrationProgress | Calibrated]:
    """Time tokens of made-up models; ends with `Calibrated`. Raises `AppError` and `Cancelled`."""
    folder.mkdir(parents=True, exist_ok=True)
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
    yield Calibrated(speeds, layer_s, 0.0)


def _wide(kind: str) -> _Dimensions:
    layer = 2048 * (2 * 2048 + 2 * 512 + 3 * 5632)
    return _Dimensions(2048, 5632, 32, 8, max(1, round(_READ_BYTES / (layer * _bytes_of(1, kind)))))


def _time_token(
    folder: Path, dimensions: _Dimensions, kind: str, threads: int, cancel: CancelToken
) -> tuple[float, int]:
    """The median time of a token in seconds, and the bytes of weights read for it."""
    file = folder / f"calibration-{kind}.gguf"
    try:
        read = _write_model(file, dimensions, kind)
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


def _write_model(file: Path, dimensions: _Dimensions, kind: str) -> int:
    """A header and zeros; returns the bytes of the weights that a token reads."""
    infos, position, read = b"", 0, 0
    shapes = list(dimensions.shapes())
    numbers = {name: number for number, (name, *_) in TENSOR_TYPES.items()}
    for name, shape in shapes:
        tensor_kind = "F32" if len(shape) == 1 else kind
        size = _bytes_of(_product(shape), tensor_kind)
        read += int(size)
        infos += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        infos += struct.pack("<IQ", numbers[tensor_kind], position)
        position = _aligned(position + int(size))
    fields = list(_fields(dimensions))
    header = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(fields)) + b"".join(fields) + infos
    with file.open("wb") as stream:
        stream.write(header)
        stream.truncate(_aligned(len(header)) + position)
    return read


def _fields(dimensions: _Dimensions) -> Iterator[bytes]:
    tokens = [*_SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL] + [_BYTE] * 256
    yield _field("general.architecture", "llama")
    for key, value in (
        ("context_length", 4096), ("embedding_length", dimensions.width), ("block_count", dimensions.layers),
        ("feed_forward_length", dimensions.feed_forward), ("attention.head_count", dimensions.heads),
        ("attention.head_count_kv", dimensions.kv_heads),
    ):  # fmt: skip
        yield _field(f"llama.{key}", value)
    yield _field("llama.attention.layer_norm_rms_epsilon", 1e-5)
    yield _field("tokenizer.ggml.model", "llama")
    yield _field("tokenizer.ggml.tokens", tokens)
    yield _field("tokenizer.ggml.scores", [0.0] * len(tokens))
    yield _field("tokenizer.ggml.token_type", kinds)


def _field(key: str, value: Any) -> bytes:
    """One field as GGUF writes it: key, type, value."""
    if isinstance(value, list):
        kind = _I32 if isinstance(value[0], int) else _encoded(value[0])[0]  # token types are signed
        items = b"".join(_encoded(each)[1] for each in value)
        return _text(key) + struct.pack("<IIQ", _ARRAY, kind, len(value)) + items
    kind, data = _encoded(value)
    return _text(key) + struct.pack("<I", kind) + data


def _encoded(value: str | int | float) -> tuple[int, bytes]:
    """The type's number and the bytes."""
    if isinstance(value, str):
        return _STRING, _text(value)
    return (_U32, struct.pack("<I", value)) if isinstance(value, int) else (_F32, struct.pack("<f", value))


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _bytes_of(elements: int, kind: str) -> float:
    block, size = next((block, size) for name, block, size in TENSOR_TYPES.values() if name == kind)
    return elements * size / block


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for length in shape:
        product *= length
    return product


def _aligned(position: int) -> int:
    return -(-position // _ALIGNMENT) * _ALIGNMENT
