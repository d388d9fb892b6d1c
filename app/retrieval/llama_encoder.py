"""BERT sentence encoders in llama.cpp, in editions without OpenVINO."""

from collections.abc import Sequence
from pathlib import Path

from app.retrieval.llama_bert import LlamaBert
from app.retrieval.plain_bert import GGUF, TOKENS_AT_ONCE, PlainBert, Vectors

_FEWEST = 2  # tokens of an empty text


class LlamaEncoder(PlainBert):
    def __init__(self, folder: Path) -> None:
        """Raises `AppError` when the weights are damaged."""
        super().__init__(folder)
        most = max(TOKENS_AT_ONCE, self.max_tokens)
        self._network = LlamaBert(folder / GGUF, tokens=most, texts=TOKENS_AT_ONCE // _FEWEST)

    def _encoded(self, texts: Sequence[Sequence[int]]) -> Vectors:
        return self._network.means(texts)
