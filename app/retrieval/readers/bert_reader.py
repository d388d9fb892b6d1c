"""Alcove's own reader: BERT that marks answers, in OpenVINO, or in llama.cpp where that is left out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from app.base.edition import has_openvino
from app.base.errors import AppError
from app.retrieval.readers.span_reader import Marks, best_span
from app.retrieval.small_weights import fingerprint, load_small

Weights = Mapping[str, npt.NDArray[np.float32]]
Scores = npt.NDArray[np.float32]
"""Of one window: how likely each token is the first and the last one of the answer, shape (tokens or more, 2)."""

_LONGEST = 256  # tokens of question and passage, as in training
_OVERLAP = 48  # tokens that two windows of a longer passage share
_LONGEST_QUESTION = 64  # tokens; what follows is not looked at
_PREFIX = "bert."


class Network(Protocol):
    """What computes the scores. Safe to use from several threads."""

    def scores(self, windows: Sequence[Encoding]) -> list[Scores]:
        """Of each window, in their order."""


class BertReader:
    """A reader held in memory. Safe to use from several threads."""

    knows_no_answer = True

    def __init__(self, folder: Path) -> None:
        """Raises `AppError` when files are missing or nothing can be computed here."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._counter = Tokenizer.from_str(self._tokenizer.to_str())
            weights = reader_weights(folder)
            self._network = _network(folder, weights, config)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise AppError(
                f"The model that marks answers cannot be used ({error}).", "Install Alcove again."
            ) from error
        self.name = f"reader-{fingerprint(weights)}"
        self._tokenizer.enable_truncation(_LONGEST, stride=_OVERLAP, strategy="only_second")
        self._tokenizer.no_padding()
        self._counter.no_truncation()
        self._counter.no_padding()

    def marks(self, question: str, passages: Sequence[str]) -> list[Marks]:
        """Of a passage longer than the model reads at once: those of the window in which the answer stands highest."""
        asked = self._cut(question)
        pairs = self._tokenizer.encode_batch([(asked, each) for each in passages])
        windows = [[pair, *pair.overflowing] for pair in pairs]
        scores = iter(self._network.scores([each for of_passage in windows for each in of_passage]))
        return [
            max(
                [_marks(each, next(scores)) for each in of_passage],
                key=lambda each: best_span(passage, each).score,
            )
            for passage, of_passage in zip(passages, windows, strict=True)
        ]

    def _cut(self, question: str) -> str:
        ends = [end for _, end in self._counter.encode(question, add_special_tokens=False).offsets]
        return question if len(ends) <= _LONGEST_QUESTION else question[: ends[_LONGEST_QUESTION - 1]]


def _network(folder: Path, weights: Weights, config: Mapping[str, Any]) -> Network:
    if has_openvino():
        from app.retrieval.readers.openvino_scores import OpenvinoScores

        return OpenvinoScores(weights, config)
    from app.retrieval.readers.llama_scores import LlamaScores

    return LlamaScores(folder, weights, _LONGEST)


def reader_weights(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    """By the names of the network, without the part that says it is BERT."""
    return {
        name.removeprefix(_PREFIX): each for name, each in load_small(folder / "model.safetensors").items()
    }


def _marks(pair: Encoding, scores: Scores) -> Marks:
    inside = np.array([index for index, part in enumerate(pair.sequence_ids) if part == 1], dtype=np.int64)
    offsets = np.array(pair.offsets, dtype=np.int64)[inside].reshape(-1, 2)
    return Marks(scores[inside, 0], scores[inside, 1], offsets, float(scores[0].sum()))
