"""BERT computed by llama.cpp, in editions without OpenVINO. Only here does retrieval import it.

llama.cpp cuts no text: its files hold no words (see `packaging/freeze/write_gguf.py`), and what goes in are the tokens
of the same tokenizer as elsewhere. Each stream computes with one thread: nothing waits at barriers, so other programs
hurt little.
"""

import ctypes
import logging
import os
import queue
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.hardware.graphics import hide_cards

Vectors = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)
_ERROR = 4  # ggml's level
_NO_DEVICES = (ctypes.c_void_p * 1)(None)  # a list that ends at once; read while a model is loaded


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _hear(level: int, text: bytes | None, _: object) -> None:
    """What it says while it loads is a page for each model; only errors are kept."""
    if level == _ERROR and text and text.strip():
        _log.warning("llama.cpp: %s", text.decode(errors="replace").strip())


@dataclass(frozen=True, slots=True)
class _Stream:
    context: Any
    batch: Any


class LlamaBert:
    """A network held in memory. Safe to use from several threads, each of which gets a stream of its own."""

    def __init__(self, file: Path, *, tokens: int, texts: int) -> None:
        """`tokens` and `texts`: the most at once; 0 texts for a network whose tokens are not averaged.

        For the whole process, llama.cpp knows of no card from then on. Raises `AppError` when the file is missing or
        damaged.
        """
        hide_cards()  # a question is a matter of milliseconds, and a driver could end the process
        llama.llama_log_set(_hear, None)
        wanted = llama.llama_model_default_params()
        wanted.n_gpu_layers = 0
        wanted.devices = ctypes.cast(_NO_DEVICES, ctypes.c_void_p)  # else a card would be woken up
        self._model = llama.llama_model_load_from_file(os.fsencode(file), wanted) if file.is_file() else None
        if not self._model:
            raise AppError(f"The model in {file.parent} cannot be loaded.", "Install Alcove again.")
        self.dimensions: int = llama.llama_model_n_embd(self._model)
        self._tokens, self._texts = tokens, texts
        self._idle: queue.LifoQueue[_Stream] = queue.LifoQueue()
        made: list[_Stream] = []
        self._made = made
        # at the end of the process the system is quicker
        weakref.finalize(self, _free, self._model, made).atexit = False

    def means(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Of each text, its token numbers: the mean of all its tokens as a unit vector; shape (texts, dimensions)."""
        numbers = [number for text in texts for number in text]
        with self._stream() as stream:
            np.ctypeslib.as_array(stream.batch.token, (len(numbers),))[:] = numbers
            self._encode(stream, [len(text) for text in texts])
            rows = [llama.llama_get_embeddings_seq(stream.context, number) for number in range(len(texts))]
            found = np.stack([np.ctypeslib.as_array(row, (self.dimensions,)) for row in rows])
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), np.float32)

    def hidden(self, words: Vectors) -> Vectors:
        """What the last layer makes of one text, given the vectors of its words and types; both (tokens, dimensions)."""
        with self._stream() as stream:
            np.ctypeslib.as_array(stream.batch.embd, words.shape)[:] = words
            self._encode(stream, [len(words)])
            return np.ctypeslib.as_array(llama.llama_get_embeddings(stream.context), words.shape).copy()

    def _encode(self, stream: _Stream, lengths: Sequence[int]) -> None:
        batch, at = stream.batch, 0
        batch.n_tokens = sum(lengths)
        for number, length in enumerate(lengths):
            for place in range(length):
                batch.pos[at], batch.n_seq_id[at], batch.seq_id[at][0] = place, 1, number
                batch.logits[at] = True
                at += 1
        failed = llama.llama_encode(stream.context, batch)
        if failed:
            raise RuntimeError(f"llama.cpp computed nothing ({failed})")

    @contextmanager
    def _stream(self) -> Iterator[_Stream]:
        try:
            stream = self._idle.get_nowait()
        except queue.Empty:
            stream = self._new_stream()
        try:
            yield stream
        finally:
            self._idle.put(stream)

    def _new_stream(self) -> _Stream:
        wanted = llama.llama_context_default_params()
        wanted.n_ctx = wanted.n_batch = wanted.n_ubatch = wanted.n_outputs_max = self._tokens
        wanted.n_seq_max = max(1, self._texts)
        wanted.n_threads = wanted.n_threads_batch = 1
        wanted.embeddings = wanted.no_perf = True
        wanted.pooling_type = llama.LLAMA_POOLING_TYPE_MEAN if self._texts else llama.LLAMA_POOLING_TYPE_NONE
        wanted.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        wanted.offload_kqv = wanted.op_offload = False
        context = llama.llama_init_from_model(self._model, wanted)
        if not context:
            raise MemoryError
        batch = llama.llama_batch_init(self._tokens, 0 if self._texts else self.dimensions, 1)
        stream = _Stream(context, batch)
        self._made.append(stream)
        return stream


def _free(model: Any, streams: list[_Stream]) -> None:
    for each in streams:
        llama.llama_batch_free(each.batch)
        llama.llama_free(each.context)
    llama.llama_model_free(model)
