"""A model held by llama.cpp, ready to write.

llama.cpp is used through its C interface rather than the high-level classes, which decode the whole answer
again for each token and cannot be stopped while they read a prompt.
"""

import ctypes
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.language_model import Aborted, Place
from app.engine.protocol import LoadProgress, ModelSpec, Sampling
from app.engine.steps import steps_between
from app.engine.worker.adapters import attach
from app.engine.worker.loading import open_plan
from app.engine.worker.native_log import last_errors
from app.engine.worker.parameters import LONGEST_DRAFT, batch_length
from app.engine.worker.planning import as_planned, plan_load
from app.engine.worker.racing import UNTRIED, Cards
from app.engine.worker.sampling import LlamaSampler
from app.engine.worker.sequences import Batch, drop, sequences_beside, share
from app.engine.worker.states import goes_back, load_state, save_state, state_bytes
from app.engine.worker.tokenising import tokenise
from app.hardware.fit import Memory
from app.hardware.graphics import has_card_backends
from app.models.gguf import GgufFacts

_ABORTED = 2  # llama_decode's result
_CONTROL = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN
_EVERY = (ctypes.c_int8 * (LONGEST_DRAFT + 1))(*[1] * (LONGEST_DRAFT + 1))  # tokens whose scores are kept
_UNDIVIDED = 256  # tokens; cells are looked at in steps of so many
_PLAIN = False  # tokens are neither added when reading text nor shown by name when writing it
_KEEP_BUFFERS = False
_NO_CALLBACK = llama.ggml_abort_callback()  # a null pointer
_log = logging.getLogger(__name__)


class LlamaModel:
    """A `LanguageModel` in llama.cpp: the weights, and one context with sequence 0 in it, and others for a while.

    `predicted`: the memory it should take, None where that was not asked for.
    """

    def __init__(
        self,
        facts: GgufFacts,
        spec: ModelSpec,
        tell: Callable[[LoadProgress], None],
        cancel: CancelToken,
        cards: Cards = UNTRIED,
    ) -> None:
        """Load as `OpenModel` says. Raises `AppError` and `Cancelled`."""
        self._context: Any = None
        self._watched: CancelToken | None = None
        self._threads = 0  # llama.cpp's own choice
        self._on_abort = llama.ggml_abort_callback(self._is_cancelled)  # must live as long as the context
        self.predicted: Memory | None = None
        if spec.adapt and cards.allowed(spec) and has_card_backends():
            # a driver may crash as soon as it is asked for its cards
            tell(LoadProgress(0.0, card=True, file=spec.file))
        planned = plan_load(facts, spec, cards, cancel)
        self._model, self._context, self.plan = open_plan(facts, planned, tell, cancel)
        if self.plan == planned.plan:
            self.predicted = planned.memory
        self.steps = (*planned.causes, *steps_between(planned.wanted, self.plan))
        spec = as_planned(spec, self.plan)
        self._batch = Batch(batch_length(spec))
        try:
            attach(self._model, self._context, spec.adapters)
        except AppError:
            self.close()
            raise
        self.context_length = self.plan.context_length
        self._memory = llama.llama_get_memory(self._context)
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._window = llama.llama_model_n_swa(self._model)
        self.goes_back = goes_back(self._model)
        self.longest_draft = LONGEST_DRAFT if self.goes_back and spec.gpu_layers == 0 else 0
        self.sequences = sequences_beside(self._model)
        self._input = (llama.llama_token * batch_length(spec))()
        self._bytes = ctypes.create_string_buffer(256)
        self.slice_length = batch_length(spec)
        bos, eos = llama.llama_vocab_bos(self._vocabulary), llama.llama_vocab_eos(self._vocabulary)
        self.first: int | None = bos if bos >= 0 and llama.llama_vocab_get_add_bos(self._vocabulary) else None
        self.bos, self.eos = self._text(bos), self._text(eos)
        self.control_tokens: Sequence[str] = self._control_tokens()

    def tokens(self, text: str, *, special: bool) -> list[int]:
        return tokenise(self._vocabulary, text, special=special)

    def piece(self, token: int) -> bytes:
        length = llama.llama_token_to_piece(self._vocabulary, token, self._bytes, len(self._bytes), 0, _PLAIN)
        if length < 0:
            self._bytes = ctypes.create_string_buffer(-length)
            return self.piece(token)
        return self._bytes.raw[:length]

    def ends(self, token: int) -> bool:
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))

    def decode(self, tokens: Sequence[int], *, every: bool = False) -> None:
        count = len(tokens)
        self._input[:count] = tokens
        batch = llama.llama_batch_get_one(self._input, count)
        if every:
            batch.logits = _EVERY
        self._compute(batch)

    def decode_at(self, places: Sequence[Place]) -> None:
        self._compute(self._batch.of(places))

    def share(self, sequence: int) -> None:
        share(self._memory, sequence)

    def drop(self, sequence: int) -> None:
        drop(self._memory, sequence)

    def _compute(self, batch: Any) -> None:
        result = llama.llama_decode(self._context, batch)
        if result == _ABORTED:
            raise Aborted
        if result != 0:
            _log.warning("decoding failed with %s: %s", result, last_errors())
            raise AppError(
                f"The model could not go on (error {result} of llama.cpp).",
                "Ask again, or lower the context length in Settings.",
            )

    def exact(self, held: int) -> bool:
        # llama.cpp divides a single token's attention over 16-bit numbers among the threads, each of which rounds its
        # part, when there are 512 cells; it does not for several tokens (ggml's flash_attn_ext, `use_split_kv_path`)
        return self.plan.kv_type != "f16" or self._threads == 1 or held <= _UNDIVIDED

    def scores(self, row: int) -> bytes:
        size = llama.llama_vocab_n_tokens(self._vocabulary) * ctypes.sizeof(ctypes.c_float)
        return ctypes.string_at(llama.llama_get_logits_ith(self._context, row), size)

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

    def state_bytes(self) -> int:
        return state_bytes(self._context)

    def save_state(self, file: Path, cancel: CancelToken) -> None:
        save_state(self._context, file, cancel)

    def load_state(self, file: Path) -> None:
        load_state(self._context, file)

    def watch(self, cancel: CancelToken | None) -> None:
        self._watched = cancel
        callback = _NO_CALLBACK if cancel is None else self._on_abort
        llama.llama_set_abort_callback(self._context, callback, None)

    def use_threads(self, count: int) -> None:
        self._threads = count
        llama.llama_set_n_threads(self._context, count, count)

    def sampler(self, sampling: Sampling) -> LlamaSampler:
        return LlamaSampler(self._context, llama.llama_vocab_n_tokens(self._vocabulary), sampling)

    def close(self) -> None:
        if self._context is not None:
            llama.llama_free(self._context)
            self._batch.close()
        llama.llama_model_free(self._model)
        self._context = self._model = None

    def _control_tokens(self) -> list[str]:
        return [
            self._text(token)
            for token in range(llama.llama_vocab_n_tokens(self._vocabulary))
            if llama.llama_vocab_get_attr(self._vocabulary, token) & _CONTROL
        ]

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        return (llama.llama_vocab_get_text(self._vocabulary, token) or b"").decode(errors="replace")

    def _is_cancelled(self, _: object) -> bool:
        watched = self._watched
        return watched is not None and watched.cancelled
