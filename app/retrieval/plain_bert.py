"""BERT sentence encoders whose network Alcove computes itself: their files, and what all that compute it have in common."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from app.hardware.probe import physical_cores
from app.models.gguf_header import MAGIC, read_header

Vectors = npt.NDArray[np.float32]

WEIGHTS = "model.safetensors"
GGUF = "model.gguf"
"""The same weights for llama.cpp, in editions without OpenVINO."""

WEIGHTS_BYTES = "alcove.weights_bytes"
"""The field of a `GGUF` that says how large the `WEIGHTS` were that it was made from."""

TOKENS_AT_ONCE = 256
"""About two passages: little padding, and no group takes long."""

_VERSION_BYTES = 4


def is_plain_bert(folder: Path) -> bool:
    """Whether a `PlainBert` computes what the model's files ask for: BERT, the mean of all tokens, length 1."""
    try:
        config = read_json(folder / "config.json")
        parts = [each["type"].rpartition(".")[2] for each in read_json(folder / "modules.json")]
        pooling = read_json(folder / "1_Pooling" / "config.json")
        read_json(folder / "sentence_bert_config.json")["max_seq_length"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    modes = {name for name, chosen in pooling.items() if name.startswith("pooling_mode_") and chosen is True}
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and parts == ["Transformer", "Pooling", "Normalize"]
        and modes == {"pooling_mode_mean_tokens"}
        and any((folder / each).is_file() for each in (WEIGHTS, GGUF))
        and (folder / "tokenizer.json").is_file()
    )


class PlainBert(ABC):
    """An `Encoder` held in memory. `dimensions` of a vector; `max_tokens` of a text with the two special ones.

    Safe to use from several threads. A question waits for one group of passages at most, where the processor runs more
    threads than it has cores for none.
    """

    def __init__(self, folder: Path) -> None:
        self._config: dict[str, Any] = read_json(folder / "config.json")
        self.dimensions: int = self._config["hidden_size"]
        self.max_tokens: int = read_json(folder / "sentence_bert_config.json")["max_seq_length"]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(self.max_tokens)
        self.tokenizer.no_padding()
        self._cores = physical_cores()
        self._cores_free = threading.BoundedSemaphore(self._cores)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions). Texts may differ in length; no order is better than another."""
        tokens = [each.ids for each in self.tokenizer.encode_batch_fast(list(texts))]
        groups = list(_groups([len(each) for each in tokens]))
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        with ThreadPoolExecutor(self._cores, thread_name_prefix="encoder") as pool:
            chosen = ([tokens[index] for index in group] for group in groups)
            # a question starts no thread, and goes past passages that wait
            found = map(self._encoded, chosen) if len(groups) == 1 else pool.map(self._in_turn, chosen)
            for group, of_group in zip(groups, found, strict=True):
                vectors[group] = of_group
        return vectors

    def _in_turn(self, texts: Sequence[Sequence[int]]) -> Vectors:
        with self._cores_free:
            return self._encoded(texts)

    @abstractmethod
    def _encoded(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Of the token numbers of a few texts, `TOKENS_AT_ONCE` together or one text alone."""


def weights_bytes(folder: Path) -> int:
    """Of the `WEIGHTS`, whether they are there or a `GGUF` was made from them: vectors of both can be compared."""
    there = sum(each.stat().st_size for each in folder.glob("*.safetensors"))
    file = folder / GGUF
    if there or not file.is_file():
        return there
    with file.open("rb") as stream:
        stream.seek(len(MAGIC) + _VERSION_BYTES)
        told = read_header(stream, file.stat().st_size).fields.get(WEIGHTS_BYTES, 0)
    return told if isinstance(told, int) else 0


def read_json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts of like length: short ones are then not padded to long ones."""
    order = sorted(range(len(lengths)), key=lambda index: lengths[index], reverse=True)
    while order:
        size = max(1, TOKENS_AT_ONCE // lengths[order[0]])
        yield order[:size]
        order = order[size:]
