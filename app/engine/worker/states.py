"""What is in the memory of a context (sequence 0) as a file, by llama.cpp's own functions for that."""

import ctypes
import os
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.engine.worker.native_log import forget_errors, last_errors

ENGINE = f"{llama_cpp.__version__}/{llama.LLAMA_STATE_SEQ_VERSION}"
"""Changes when the format of states may have."""

_SEQUENCE = 0
_KEEP_BUFFERS = False


def goes_back(model: Any) -> bool:
    """Whether its memory can be cut back to any token: not with recurrent layers or a sliding window."""
    recurrent = llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
    return not recurrent and llama.llama_model_n_swa(model) == 0


def state_bytes(context: Any) -> int:
    """Size of the file that `save_state` would write."""
    return int(llama.llama_state_seq_get_size(context, _SEQUENCE))


def save_state(context: Any, file: Path) -> None:
    """Raises `OSError` when it cannot be written."""
    forget_errors()
    if not llama.llama_state_seq_save_file(context, os.fsencode(file), _SEQUENCE, None, 0):
        raise OSError(last_errors() or "no reason given")


def load_state(context: Any, file: Path) -> None:
    """Fill the memory with a state of the same model and KV type; what follows it in `file` is left.

    The file must be whole: llama.cpp ends the process over one that is not. Raises `AppError` when it does not fit; the
    memory is empty then.
    """
    forget_errors()
    count, none = ctypes.c_size_t(), (llama.llama_token * 1)()
    memory = llama.llama_get_memory(context)
    llama.llama_memory_clear(memory, _KEEP_BUFFERS)
    loaded = llama.llama_state_seq_load_file(
        context, os.fsencode(file), _SEQUENCE, none, 0, ctypes.byref(count)
    )
    if not loaded:
        llama.llama_memory_clear(memory, _KEEP_BUFFERS)
        raise AppError("What the model has read before could not be loaded.", last_errors())
