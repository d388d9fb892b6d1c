"""Writing a full-precision model again with fewer bits a weight, by llama.cpp's own quantiser.

Which type each tensor gets depends on its role and its shape, and llama.cpp tells that only in its log, whose wording
is not promised: `tests/unit/engine/test_quantising.py` pins it, and `models.quantised` has the fallback.
"""

import ctypes
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.engine.measuring_protocol import PlanQuantising, Quantise, TensorTypes, Written
from app.engine.worker.native_log import forget_errors, last_errors, listening

_TELL_EVERY_S = 0.1
_BUFFER_BYTES = 256 << 20  # rows of a tensor held at a time; llama.cpp's own choice is 8 GB
# "[ 3/ 21] token_embd.weight - [ 256, 260, 1, 1], type = f16, size = 0.13 MiB -> 0.04 MiB (q4_K)"; a tensor that
# stays as it is has neither the arrow nor the new type.
_TENSOR = re.compile(r"^\[ *\d+/ *\d+\] (\S+) +- \[.*\], type = +(\w+), size = .*?(?:\((\w+)\))?$", re.M)


def tensor_types(request: PlanQuantising) -> TensorTypes:
    """Raises `AppError` when llama.cpp refuses the file."""
    with listening() as heard:
        _quantise(request.file, "", request.quantisation, threads=1, dry_run=True)
    found = _TENSOR.findall("".join(heard))
    return TensorTypes({name: (after or before).upper() for name, before, after in found})


def quantise(request: Quantise) -> Iterator[Written]:
    """Raises `AppError` when llama.cpp refuses the file or cannot write."""
    target = Path(request.target)
    with ThreadPoolExecutor(1, "quantise") as pool:
        running = pool.submit(
            _quantise, request.file, request.target, request.quantisation, threads=request.threads,
            requantise=request.requantise,
        )  # fmt: skip
        while not wait([running], timeout=_TELL_EVERY_S).done:
            yield Written(target.stat().st_size if target.exists() else 0)
        running.result()
    yield Written(target.stat().st_size)


def _quantise(
    source: str,
    target: str,
    quantisation: str,
    *,
    threads: int,
    dry_run: bool = False,
    requantise: bool = False,
) -> None:
    parameters = llama.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama, f"LLAMA_FTYPE_MOSTLY_{quantisation}")
    parameters.nthread = threads
    parameters.max_buf_size = _BUFFER_BYTES
    parameters.dry_run = dry_run
    if requantise:
        parameters.allow_requantize = True
        # the largest tensor of a small model, and the one that every token is chosen by
        parameters.token_embedding_type = parameters.output_tensor_type = llama.GGML_TYPE_Q8_0
    forget_errors()
    if llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(parameters)) != 0:
        raise AppError(
            "llama.cpp could not quantise this model.",
            f"Choose another type, or look for a quantised version of it. ({last_errors() or 'no reason given'})",
        )
