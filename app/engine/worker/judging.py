"""How well a model foresees a text: what it costs to write its weights in another type shows here, and nowhere sooner."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.measuring_protocol import Judge, Judged
from app.engine.protocol import ModelSpec
from app.engine.worker.native_log import last_errors
from app.engine.worker.parameters import batch_length, context_parameters, model_parameters
from app.engine.worker.tokenising import tokenise
from app.hardware.probe import physical_cores, probe
from app.models.gguf import read_facts

_STRETCH = 256  # tokens; each stretch is read by itself
_UNJUDGED = 32  # tokens at its beginning, which follow on too little to be foreseen
_KEEP_BUFFERS = False


def judge(request: Judge, cancel: CancelToken) -> Iterator[Judged]:
    """Raises `AppError` when the model cannot be loaded or the text is too short, and `Cancelled`."""
    judging = _Judging(request.model)
    try:
        tokens = judging.tokens(request.text)
        total = len(tokens) // _STRETCH
        if total == 0:
            raise AppError("The text is too short to judge a model by.", "Use a longer one.")
        for number in range(total):
            surprise = judging.surprise(tokens[number * _STRETCH : (number + 1) * _STRETCH], cancel)
            yield Judged(surprise, number + 1, total)
    finally:
        judging.close()


class _Judging:
    """A model with a context that tells the scores of all tokens, not only of the last one."""

    def __init__(self, spec: ModelSpec) -> None:
        self._slice = batch_length(spec)
        parameters = model_parameters(spec, read_facts(Path(spec.file)).tensor_bytes, probe().ram.available)
        self._model = llama.llama_model_load_from_file(os.fsencode(spec.file), parameters)
        wanted = context_parameters(spec, _STRETCH)
        wanted.n_outputs_max = self._slice
        self._context = llama.llama_init_from_model(self._model, wanted) if self._model else None
        if self._context is None:
            self.close()
            raise AppError("The model could not be judged.", f"Choose another one. ({last_errors()})")
        llama.llama_set_n_threads(self._context, physical_cores(), physical_cores())
        self._vocabulary = llama.llama_model_get_vocab(self._model)
        self._batch = llama.llama_batch_init(self._slice, 0, 1)

    def tokens(self, text: str) -> list[int]:
        return tokenise(self._vocabulary, text, special=False)

    def surprise(self, stretch: Sequence[int], cancel: CancelToken) -> float:
        """The mean over the tokens of the stretch that are judged."""
        llama.llama_memory_clear(llama.llama_get_memory(self._context), _KEEP_BUFFERS)
        found: list[float] = []
        for start in range(0, len(stretch), self._slice):
            cancel.raise_if_cancelled()
            part = stretch[start : start + self._slice]
            following = stretch[start + 1 : start + 1 + len(part)]
            for number, each in enumerate(self._surprises(part, start, following)):
                if start + number + 1 >= _UNJUDGED:
                    found.append(each)
        return sum(found) / len(found)

    def close(self) -> None:
        if self._context is not None:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self._context)
        if self._model:
            llama.llama_model_free(self._model)

    def _surprises(self, part: Sequence[int], start: int, following: Sequence[int]) -> list[float]:
        """For each of the tokens `following` those of `part`, -ln of its probability."""
        batch: Any = self._batch
        batch.n_tokens = len(part)
        for number, token in enumerate(part):
            batch.token[number], batch.pos[number] = token, start + number
            batch.n_seq_id[number], batch.seq_id[number][0] = 1, 0
            batch.logits[number] = True
        if llama.llama_decode(self._context, batch) != 0:
            raise AppError("The model could not be judged.", "Choose another one.")
        shape = (len(part), llama.llama_vocab_n_tokens(self._vocabulary))
        scores = np.ctypeslib.as_array(llama.llama_get_logits(self._context), shape)[: len(following)]
        highest = scores.max(axis=1)
        normalisers = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
        chosen = scores[np.arange(len(following)), list(following)]
        return [float(each) for each in normalisers - chosen]
