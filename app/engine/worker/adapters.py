"""LoRA adapters: small files that change how a model answers, laid over its weights while it computes."""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.engine.worker.native_log import forget_errors, last_errors


def attach(model: Any, context: Any, adapters: Sequence[tuple[str, float]]) -> None:
    """Use the files with these strengths in `context`; they are freed together with `model`.

    Raises `AppError` when one of them cannot be loaded or does not belong to the model.
    """
    if not adapters:
        return
    loaded = [_load(model, Path(file)) for file, _ in adapters]
    handles = (llama.llama_adapter_lora_p_ctypes * len(loaded))(*loaded)
    scales = (ctypes.c_float * len(loaded))(*(scale for _, scale in adapters))
    if llama.llama_set_adapters_lora(context, handles, len(loaded), scales) != 0:
        raise AppError("The adapters of this model could not be used.", "Detach them from the model.")


def _load(model: Any, file: Path) -> Any:
    forget_errors()
    adapter = llama.llama_adapter_lora_init(model, os.fsencode(file))
    if not adapter:  # a null pointer
        raise AppError(
            f"The adapter “{file.name}” does not load with this model.",
            f"Detach it, or use it with the model it was made for. ({last_errors() or 'no reason given'})",
        )
    return adapter
