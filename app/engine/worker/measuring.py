"""The memory a model will take, from llama.cpp itself, without reading or holding its weights.

With `no_alloc` llama.cpp plans every buffer and allocates none. It tells their sizes only in its log, whose
wording is not promised: `tests/unit/engine/test_measuring.py` pins it, and `hardware.fit.estimate` is the fallback.
"""

import os
import re

import psutil
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.engine.measuring_protocol import Measured, Unloadable
from app.engine.protocol import ModelSpec
from app.engine.worker.native_log import forget_errors, last_errors, listening
from app.engine.worker.parameters import context_parameters, model_parameters
from app.engine.worker.sequences import sequences_beside

_MIB = 1 << 20
_KEPT = re.compile(r"^llama_(?:kv_cache|memory_recurrent): +size = +([\d.]+) MiB", re.M)
_COMPUTE = re.compile(r"^\S+ +(\S+) compute buffer size = +([\d.]+) MiB", re.M)
_OUTPUT = re.compile(r"^\S+ +\S+ +output buffer size = +([\d.]+) MiB", re.M)


def measure(spec: ModelSpec) -> Measured | Unloadable:
    """What `spec` would take. Raises `AppError` when llama.cpp opens no context for it or tells no sizes."""
    before = psutil.Process().memory_info().rss
    parameters = model_parameters(spec, 0, 0)
    parameters.no_alloc = True
    parameters.load_mode = llama.LLAMA_LOAD_MODE_NONE
    forget_errors()
    with listening() as heard:
        model = llama.llama_model_load_from_file(os.fsencode(spec.file), parameters)
        if model is None:
            return Unloadable(last_errors())
        wanted = context_parameters(spec, spec.context_length, sequences_beside(model))
        context = llama.llama_init_from_model(model, wanted)
        overhead = psutil.Process().memory_info().rss - before
        weights = llama.llama_model_size(model)
        if context is not None:
            llama.llama_free(context)
        llama.llama_model_free(model)
    said = "".join(heard)
    kept, compute = _KEPT.findall(said), _COMPUTE.findall(said)
    if context is None or not compute:
        raise AppError("llama.cpp cannot open a context for this model.", "Choose a shorter context.")
    outputs = _OUTPUT.findall(said)
    # "CUDA_Host" and the like are the machine's own memory that a card can reach
    on_gpu = [
        size for device, size in compute if not device.startswith("CPU") and not device.endswith("_Host")
    ]
    return Measured(
        weights=int(weights),
        kv=_bytes(kept),
        compute=_bytes([size for _, size in compute]) + _bytes(outputs),
        gpu_compute=_bytes(on_gpu),
        overhead=max(0, overhead),
    )


def _bytes(sizes: list[str]) -> int:
    return round(sum(map(float, sizes)) * _MIB)
