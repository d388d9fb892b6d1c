"""What is in the memory of a context (sequence 0) as a file, by llama.cpp's own functions for that."""

import ctypes
import mmap
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.worker.native_log import forget_errors, last_errors
from app.hardware.probe import probe

ENGINE = f"{llama_cpp.__version__}/{llama.LLAMA_STATE_SEQ_VERSION}/memory"
"""Changes when the format of states may have."""

_SEQUENCE = 0
_PIECE_BYTES = 1 << 20
_PART_OF_MEMORY = 4  # a state is copied only where that takes no more than a fourth of what is free
_KEEP_BUFFERS = False


def goes_back(model: Any) -> bool:
    """Whether its memory can be cut back to any token: not with recurrent layers or a sliding window."""
    recurrent = llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
    return not recurrent and llama.llama_model_n_swa(model) == 0


def state_bytes(context: Any) -> int:
    """Size of the file that `save_state` would write."""
    return int(llama.llama_state_seq_get_size(context, _SEQUENCE))


def save_state(context: Any, file: Path, cancel: CancelToken) -> None:
    """Copied within memory first, which is quick, and then written in pieces: llama.cpp's own writing cannot be interrupted.

    Raises `OSError` when it cannot be written or memory is short, and `Cancelled`.
    """
    forget_errors()
    size = state_bytes(context)
    if size > probe().ram.available // _PART_OF_MEMORY:
        raise OSError("memory is short")
    copy = (ctypes.c_uint8 * size)()
    written = llama.llama_state_seq_get_data(context, copy, size, _SEQUENCE)
    if not written:
        raise OSError(last_errors() or "no reason given")
    pieces = memoryview(copy)[:written]
    with file.open("wb") as stream:
        for start in range(0, written, _PIECE_BYTES):
            cancel.raise_if_cancelled()
            stream.write(pieces[start : start + _PIECE_BYTES])


def load_state(context: Any, file: Path) -> None:
    """Fill the memory with a state of the same model and KV type; what follows it in `file` is left.

    The file must be whole: llama.cpp may end the process over one that is not. Raises `OSError` when it cannot be read,
    `AppError` when it does not fit; the memory is empty then.
    """
    forget_errors()
    memory = llama.llama_get_memory(context)
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY) as content:
        llama.llama_memory_clear(memory, _KEEP_BUFFERS)
        start = (ctypes.c_uint8 * len(content)).from_buffer(content)
        try:
            read = llama.llama_state_seq_set_data(context, start, len(content), _SEQUENCE)
        finally:
            del start  # else the file could not be closed
    if not read:
        llama.llama_memory_clear(memory, _KEEP_BUFFERS)
        raise AppError("What the model has read before could not be loaded.", last_errors())
