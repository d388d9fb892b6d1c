"""Sequences beside number 0 in one context: they share the cells of what they begin with, and hold their own after that."""

from collections.abc import Sequence
from typing import Any

from llama_cpp import llama_cpp as llama

from app.engine.language_model import Place
from app.engine.worker.states import goes_back

_FIRST = 0
_WHOLE = (-1, -1)  # from the first position to the last
_MOST = 4


def sequences_beside(model: Any) -> int:
    """How many a context for this model is given. None where a sequence is more than its cells: recurrent layers keep a state
    for each, and a sliding window would take as much memory again.
    """
    return _MOST if goes_back(model) else 0


class Batch:
    """Tokens of several sequences, to be decoded together; `length` at most."""

    def __init__(self, length: int) -> None:
        self._batch: Any = llama.llama_batch_init(length, 0, 1)

    def of(self, places: Sequence[Place]) -> Any:
        """What llama.cpp takes; only good until the next call."""
        batch = self._batch
        batch.n_tokens = len(places)
        for row, each in enumerate(places):
            batch.token[row], batch.pos[row] = each.token, each.position
            batch.n_seq_id[row], batch.seq_id[row][0] = 1, each.sequence
            batch.logits[row] = each.drawn
        return batch

    def close(self) -> None:
        llama.llama_batch_free(self._batch)


def share(memory: Any, sequence: int) -> None:
    """Let it begin with all that sequence 0 holds."""
    llama.llama_memory_seq_cp(memory, _FIRST, sequence, *_WHOLE)


def drop(memory: Any, sequence: int) -> None:
    """Its own cells are free again."""
    llama.llama_memory_seq_rm(memory, sequence, *_WHOLE)
