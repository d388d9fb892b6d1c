"""The network of Alcove's own reader in llama.cpp, which knows BERT for one text only.

So what tells question and passage apart is added to the vectors of the words before llama.cpp gets them, and the
head that marks stands here.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from app.hardware.probe import physical_cores
from app.retrieval.llama_bert import LlamaBert
from app.retrieval.plain_bert import GGUF

Array = npt.NDArray[np.float32]


class LlamaScores:
    """A `Network` of bert_reader.py."""

    def __init__(self, folder: Path, weights: Mapping[str, Array], longest: int) -> None:
        """The layers are those in `folder`, all else is taken from `weights`; `longest`: tokens of a window.

        Raises `AppError` and `KeyError`.
        """
        self._words = weights["embeddings.word_embeddings.weight"]
        types = weights["embeddings.token_type_embeddings.weight"]
        self._types = types - types[0]  # llama.cpp adds the first
        self._head, self._bias = weights["qa_outputs.weight"], weights["qa_outputs.bias"]
        self._network = LlamaBert(folder / GGUF, tokens=longest, texts=0)
        self._cores = physical_cores()

    def scores(self, windows: Sequence[Encoding]) -> list[Array]:
        """Of each window, shape (tokens, 2). The longest first, so that all cores end together."""
        order = sorted(range(len(windows)), key=lambda each: -len(windows[each].ids))
        with ThreadPoolExecutor(self._cores, thread_name_prefix="reader") as pool:
            found = dict(zip(order, pool.map(self._of_one, (windows[each] for each in order)), strict=True))
        return [found[number] for number in range(len(windows))]

    def _of_one(self, window: Encoding) -> Array:
        hidden = self._network.hidden(self._words[window.ids] + self._types[window.type_ids])
        return np.asarray(hidden @ self._head.T + self._bias, dtype=np.float32)
