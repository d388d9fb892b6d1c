"""How llama.cpp loads models and opens contexts: the same for answering and for measuring what that will take."""

import ctypes
from dataclasses import replace
from typing import Any

from llama_cpp import llama_cpp as llama

from app.engine.protocol import ModelSpec

_GPU_BATCH = 512
# Fine enough for progress and Stop, hardly slower than a full batch, and a quarter of its compute buffer.
_CPU_BATCH = 128
LONGEST_DRAFT = 7
"""Tokens guessed at a time. With the one before them two of the blocks of four that packed kernels compute together."""

_NO_DEVICES = (ctypes.c_void_p * 1)(None)  # a list that ends at once; read while a model is loaded
_KV_TYPES = {"f16": 1, "q8_0": 8}  # ggml's numbers


def batch_length(spec: ModelSpec) -> int:
    """Tokens of a prompt read at a time."""
    return _GPU_BATCH if spec.gpu_layers else _CPU_BATCH


def without_card(spec: ModelSpec) -> ModelSpec:
    """The same on the processor alone."""
    return replace(spec, gpu_layers=0)


def model_parameters(spec: ModelSpec, weight_bytes: int, free: int) -> Any:
    """`free`: bytes of memory. Mapped weights that llama.cpp repacks for this processor are in memory twice, so
    the file is mapped only where reading it all would take more than half of what is free.
    """
    params = llama.llama_model_default_params()
    params.n_gpu_layers = spec.gpu_layers
    if spec.gpu_layers == 0:
        # else a card would still compute large batches, and its driver could still end the process
        params.devices = ctypes.cast(_NO_DEVICES, ctypes.c_void_p)
    mapped = 2 * weight_bytes > free
    params.load_mode = llama.LLAMA_LOAD_MODE_MMAP if mapped else llama.LLAMA_LOAD_MODE_NONE
    return params


def context_parameters(spec: ModelSpec, length: int, sequences: int = 0) -> Any:
    """For a context of `length` tokens, in all of its sequences: the one at 0 and so many beside it."""
    params = llama.llama_context_default_params()
    params.n_ctx = length
    params.n_seq_max = 1 + sequences
    params.kv_unified = sequences > 0  # else each sequence would have its own part of the context
    params.n_batch = params.n_ubatch = batch_length(spec)
    # Only the last token of a slice is ever drawn from, and those of a draft. Room for the scores of all of them would
    # be the largest part of the compute buffer: 300 MB with a vocabulary of 150,000.
    params.n_outputs_max = LONGEST_DRAFT + 1
    params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
    params.type_k = params.type_v = _KV_TYPES[spec.kv_type]
    params.swa_full = False
    params.no_perf = True
    params.offload_kqv = params.op_offload = spec.gpu_layers != 0
    return params
