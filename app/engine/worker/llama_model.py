"""A model held by llama.cpp, ready to write.

llama.cpp is used through its C interface rather than the high-level classes, which decode the whole answer
again for each token and cannot be stopped while they read a prompt.
"""

import ctypes
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.language_model import Aborted
from app.engine.protocol import ModelSpec, Sampling
from app.engine.worker.adapters import attach
from app.engine.worker.native_log import forget_errors, last_errors
from app.engine.worker.parameters import batch_length, context_parameters, model_parameters
from app.engine.worker.planning import plan_load
from app.engine.worker.sampling import LlamaSampler
from app.hardware.fit import Memory, Plan, kv_bytes
from app.hardware.probe import probe
from app.models.gguf import GgufFacts

_LEAST_CONTEXT = 2048
_ABORTED = 2  # llama_decode's result
_CONTROL = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN
_PLAIN = False  # tokens are neither added when reading text nor shown by name when writing it
_KEEP_BUFFERS = False
_NO_CALLBACK = llama.ggml_abort_callback()  # a null pointer
_log = logging.getLogger(__name__)


class LlamaModel:
    """A `LanguageModel` in llama.cpp: the weights, and one context with sequence 0 in it.

    `predicted`: the memory it should take, None where that was not asked for.
    """

    def __init__(
        self, facts: GgufFacts, spec: ModelSpec, tell: Callable[[float], None], cancel: CancelToken
    ) -> None:
        """Load as `OpenModel` says. Raises `AppError` and `Cancelled`."""
        self._context: Any = None
        self._watched: CancelToken | None = None
        self._on_abort = llama.ggml_abort_callback(self._is_cancelled)  # must live as long as the context
        self.predicted: Memory | None = None
        if spec.adapt:
            spec, self.predicted = plan_load(facts, spec)
        self._model, self._context, self.plan = _opened(facts, spec, tell, cancel)
        if self.plan != Plan(spec.context_length, spec.kv_type, spec.gpu_layers):
            self.predicted = None  # that was another plan
        try:
            attach(self._model, self._context, spec.adapters)
        except AppError:
            self.close()
            raise
        self.context_length = self.plan.context_length
        self._memory = llama.llama_get_memory(self._context)
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._window = llama.llama_model_n_swa(self._model)
        self._input = (llama.llama_token * batch_length(spec))()
        self._bytes = ctypes.create_string_buffer(256)
        self.slice_length = batch_length(spec)
        bos, eos = llama.llama_vocab_bos(self._vocabulary), llama.llama_vocab_eos(self._vocabulary)
        self.first: int | None = bos if bos >= 0 and llama.llama_vocab_get_add_bos(self._vocabulary) else None
        self.bos, self.eos = self._text(bos), self._text(eos)
        self.control_tokens: Sequence[str] = [
            self._text(token)
            for token in range(llama.llama_vocab_n_tokens(self._vocabulary))
            if llama.llama_vocab_get_attr(self._vocabulary, token) & _CONTROL
        ]

    def tokens(self, text: str, *, special: bool) -> list[int]:
        data = text.encode(errors="replace")
        room = len(data) + 8
        while True:
            found = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocabulary, data, len(data), found, room, _PLAIN, special)
            if count >= 0:
                return list(found[:count])
            if -count <= room:
                raise AppError("This text is too long for the model.", "Use a shorter one.")
            room = -count

    def piece(self, token: int) -> bytes:
        length = llama.llama_token_to_piece(self._vocabulary, token, self._bytes, len(self._bytes), 0, _PLAIN)
        if length < 0:
            self._bytes = ctypes.create_string_buffer(-length)
            return self.piece(token)
        return self._bytes.raw[:length]

    def ends(self, token: int) -> bool:
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))

    def decode(self, tokens: Sequence[int]) -> None:
        count = len(tokens)
        self._input[:count] = tokens
        result = llama.llama_decode(self._context, llama.llama_batch_get_one(self._input, count))
        if result == _ABORTED:
            raise Aborted
        if result != 0:
            _log.warning("decoding failed with %s: %s", result, last_errors())
            raise AppError(
                f"The model could not go on (error {result} of llama.cpp).",
                "Ask again, or lower the context length in Settings.",
            )

    def keep(self, count: int) -> int:
        held = llama.llama_memory_seq_pos_max(self._memory, 0) + 1
        if count == held:
            return count
        # A sliding window forgets, and recurrent layers keep only their last state: then the cells that
        # the next token needs are gone, and removing the later ones would not bring them back.
        oldest = llama.llama_memory_seq_pos_min(self._memory, 0)
        whole = 0 <= oldest <= max(0, count - self._window)
        if count and count < held and whole and llama.llama_memory_seq_rm(self._memory, 0, count, -1):
            return count
        llama.llama_memory_clear(self._memory, _KEEP_BUFFERS)
        return 0

    def watch(self, cancel: CancelToken | None) -> None:
        self._watched = cancel
        callback = _NO_CALLBACK if cancel is None else self._on_abort
        llama.llama_set_abort_callback(self._context, callback, None)

    def use_threads(self, count: int) -> None:
        llama.llama_set_n_threads(self._context, count, count)

    def sampler(self, sampling: Sampling) -> LlamaSampler:
        return LlamaSampler(self._context, llama.llama_vocab_n_tokens(self._vocabulary), sampling)

    def close(self) -> None:
        if self._context is not None:
            llama.llama_free(self._context)
        llama.llama_model_free(self._model)
        self._context = self._model = None

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        return (llama.llama_vocab_get_text(self._vocabulary, token) or b"").decode(errors="replace")

    def _is_cancelled(self, _: object) -> bool:
        watched = self._watched
        return watched is not None and watched.cancelled


def _opened(
    facts: GgufFacts, spec: ModelSpec, tell: Callable[[float], None], cancel: CancelToken
) -> tuple[Any, Any, Plan]:
    """The weights, a context and what it came to; without the graphics card where that turns out too small."""
    while True:
        model = None
        try:
            model = _load(facts, spec, tell, cancel)
            context, length = _open_context(model, facts, spec)
            return model, context, Plan(length, spec.kv_type, spec.gpu_layers)
        except AppError:
            if model is not None:
                llama.llama_model_free(model)
            if spec.gpu_layers == 0:
                raise
        _log.warning("the graphics card could not take the model; the processor does")
        spec = replace(spec, gpu_layers=0)


def _load(facts: GgufFacts, spec: ModelSpec, tell: Callable[[float], None], cancel: CancelToken) -> Any:
    @llama.llama_progress_callback  # type: ignore[untyped-decorator]
    def progress(fraction: float, _: object) -> bool:
        tell(fraction)
        return not cancel.cancelled

    forget_errors()
    params = model_parameters(spec, facts.tensor_bytes, probe().ram.available)
    params.progress_callback = progress
    model = llama.llama_model_load_from_file(os.fsencode(spec.file), params)
    if cancel.cancelled:
        if model is not None:
            llama.llama_model_free(model)
        raise Cancelled
    if model is None:
        _log.warning("loading failed: %s", last_errors())
        raise AppError(
            f"The model “{facts.name}” could not be loaded.",
            "It may be damaged or of a kind too new for this version of Alcove; choose another model.",
        )
    return model


def _open_context(model: Any, facts: GgufFacts, spec: ModelSpec) -> tuple[Any, int]:
    """A context and its length in tokens; shorter than asked for where memory is short."""
    free = probe().ram.available if spec.gpu_layers == 0 else None
    for length in context_lengths(spec.context_length):
        if free is not None and kv_bytes(facts.shape, length, spec.kv_type, batch_length(spec)) > free:
            continue  # Linux would promise the memory and kill the process when it is used
        context = llama.llama_init_from_model(model, context_parameters(spec, length))
        if context is not None:
            return context, min(length, int(llama.llama_n_ctx(context)))
    _log.warning("no context: %s", last_errors())
    raise AppError(
        f"There is not enough memory to run “{facts.name}”.",
        "Close other programs or choose a smaller model.",
    )


def context_lengths(wanted: int) -> Iterator[int]:
    """What to try when memory is short: `wanted`, then half of it and so on, down to 2048 tokens."""
    yield wanted
    while wanted > _LEAST_CONTEXT:
        wanted = max(_LEAST_CONTEXT, wanted // 2)
        yield wanted
