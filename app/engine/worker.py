"""The engine worker: llama.cpp, and the only module that imports it.

llama.cpp is used through its C interface rather than the high-level classes, which decode the whole answer
again for each token and cannot be stopped while they read a prompt.
"""

import ctypes
import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.worker_process import serve
from app.engine.language_model import Aborted
from app.engine.protocol import CODEC, ModelSpec, Sampling
from app.engine.session import Session
from app.hardware.probe import probe
from app.models.gguf import GgufFacts

_BATCH = 512
_CPU_SLICE = 128  # of a prompt: fine enough for progress, hardly slower than a full batch
_LEAST_CONTEXT = 2048
_PENALTY_WINDOW = 64  # tokens
_LOG_ERROR = 4  # ggml's level
_ABORTED = 2  # llama_decode's result
_CONTROL = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN
_PLAIN = False  # tokens are neither added when reading text nor shown by name when writing it
_KEEP_BUFFERS = False
_NO_CALLBACK = llama.ggml_abort_callback()  # a null pointer
_log = logging.getLogger(__name__)


def main(arguments: list[str]) -> None:
    """Entry point; `arguments`: the log folder."""
    start_logging(Path(arguments[0]), "engine-worker")
    _quiet_llama()
    llama.llama_backend_init()
    serve(Session(LlamaModel).handle, CODEC)


_last_errors: deque[str] = deque(maxlen=5)


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _keep_errors(level: int, text: bytes | None, _: object) -> None:
    if level == _LOG_ERROR and text:
        _last_errors.append(text.decode(errors="replace").strip())


def _quiet_llama() -> None:
    """llama.cpp tells a page about each model; only its errors are kept, for the log."""
    llama.llama_log_set(_keep_errors, None)


class LlamaModel:
    """A `LanguageModel` in llama.cpp: the weights, and one context with sequence 0 in it."""

    def __init__(
        self, facts: GgufFacts, spec: ModelSpec, tell: Callable[[float], None], cancel: CancelToken
    ) -> None:
        """Load as `OpenModel` says. Raises `AppError` and `Cancelled`."""
        self._context: Any = None
        self._watched: CancelToken | None = None
        self._on_abort = llama.ggml_abort_callback(self._is_cancelled)  # must live as long as the context
        self._model = _load(facts, spec, tell, cancel)
        try:
            self._context, self.context_length = _open_context(self._model, facts, spec)
        except AppError:
            self.close()
            raise
        self._memory = llama.llama_get_memory(self._context)
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._window = llama.llama_model_n_swa(self._model)
        self._input = (llama.llama_token * _BATCH)()
        self._bytes = ctypes.create_string_buffer(256)
        self.slice_length = _BATCH if spec.gpu_layers else _CPU_SLICE
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
            _log.warning("decoding failed with %s: %s", result, "; ".join(_last_errors))
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

    def sampler(self, sampling: Sampling) -> "_LlamaSampler":
        return _LlamaSampler(self._context, llama.llama_vocab_n_tokens(self._vocabulary), sampling)

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


class _LlamaSampler:
    """llama.cpp's chain of samplers; it reads the scores where they are, without a copy."""

    def __init__(self, context: Any, vocabulary: int, sampling: Sampling) -> None:
        self._context = context
        self._chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        for link in _links(vocabulary, sampling):
            llama.llama_sampler_chain_add(self._chain, link)

    def draw(self) -> int:
        return int(llama.llama_sampler_sample(self._chain, self._context, -1))

    def close(self) -> None:
        llama.llama_sampler_free(self._chain)


def _links(vocabulary: int, sampling: Sampling) -> Iterator[Any]:
    """The samplers in their order; temperature 0 takes the best token."""
    greedy = sampling.temperature <= 0
    best = 1 if greedy else sampling.top_k
    if sampling.repeat_penalty != 1.0:
        if best > 0 and sampling.repeat_penalty > 1.0:
            # A penalty only pushes down the last few tokens, so the best k afterwards are among the best
            # k + window before. Penalising those alone gives the same result in a fifth of the time.
            yield llama.llama_sampler_init_top_k(best + _PENALTY_WINDOW)
        yield llama.llama_sampler_init_penalties(
            vocabulary, _PENALTY_WINDOW, sampling.repeat_penalty, 0.0, 0.0
        )
    if greedy:
        yield llama.llama_sampler_init_greedy()
        return
    if sampling.top_k > 0:
        yield llama.llama_sampler_init_top_k(sampling.top_k)
    if sampling.top_p < 1.0:
        yield llama.llama_sampler_init_top_p(sampling.top_p, 1)
    if sampling.min_p > 0.0:
        yield llama.llama_sampler_init_min_p(sampling.min_p, 1)
    yield llama.llama_sampler_init_temp(sampling.temperature)
    yield llama.llama_sampler_init_dist(sampling.seed & 0xFFFFFFFF)


def _load(facts: GgufFacts, spec: ModelSpec, tell: Callable[[float], None], cancel: CancelToken) -> Any:
    @llama.llama_progress_callback  # type: ignore[untyped-decorator]
    def progress(fraction: float, _: object) -> bool:
        tell(fraction)
        return not cancel.cancelled

    _last_errors.clear()
    params = llama.llama_model_default_params()
    params.n_gpu_layers = spec.gpu_layers
    params.load_mode = llama.LLAMA_LOAD_MODE_MMAP
    params.progress_callback = progress
    model = llama.llama_model_load_from_file(os.fsencode(spec.file), params)
    if cancel.cancelled:
        if model is not None:
            llama.llama_model_free(model)
        raise Cancelled
    if model is None:
        _log.warning("loading failed: %s", "; ".join(_last_errors))
        raise AppError(
            f"The model “{facts.name}” could not be loaded.",
            "It may be damaged or of a kind too new for this version of Alcove; choose another model.",
        )
    return model


def _open_context(model: Any, facts: GgufFacts, spec: ModelSpec) -> tuple[Any, int]:
    """A context and its length in tokens; shorter than asked for where memory is short."""
    params = llama.llama_context_default_params()
    params.n_batch = params.n_ubatch = _BATCH
    params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
    params.swa_full = False
    params.no_perf = True
    params.offload_kqv = params.op_offload = spec.gpu_layers != 0
    free = probe().ram.available if spec.gpu_layers == 0 else None
    for length in context_lengths(spec.context_length):
        if free is not None and facts.context_bytes(length) > free:
            continue  # Linux would promise the memory and kill the process when it is used
        params.n_ctx = length
        context = llama.llama_init_from_model(model, params)
        if context is not None:
            return context, min(length, int(llama.llama_n_ctx(context)))
    _log.warning("no context: %s", "; ".join(_last_errors))
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
