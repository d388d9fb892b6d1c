"""Passages and questions as vectors: all-MiniLM-L6-v2, or the model the person chose instead."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from app.base.edition import has_openvino, need_other_models
from app.models.encoders import NO_PREFIXES, Prefixes, read_card
from app.retrieval.plain_bert import GGUF, WEIGHTS, is_plain_bert, weights_bytes

Vectors = npt.NDArray[np.float32]

_SLICE = 64


class Encoder(Protocol):
    """Turns texts into unit vectors, in batches of its own; texts beyond `max_tokens` are cut off."""

    dimensions: int
    max_tokens: int
    tokenizer: Tokenizer

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimensions)."""


class Embedder:
    """One embedding model, held in memory. Loading takes a second or more: make it when it is needed.

    `name`: vectors of the same name can be compared.
    """

    def __init__(self, folder: Path, prefixes: Prefixes = NO_PREFIXES) -> None:
        """Load the model in `folder`; nothing is ever fetched. Raises `AppError` for what cannot be loaded."""
        self._prefixes = prefixes
        self._encoder = open_encoder(folder)
        self.dimensions = self._encoder.dimensions
        self.max_tokens = self._encoder.max_tokens
        # one of its own: the encoder's is set to cut off whatever is too long
        self._counter = Tokenizer.from_str(self._encoder.tokenizer.to_str())
        self._counter.no_truncation()
        self._counter.no_padding()
        self.name = _name(folder, self.dimensions, prefixes)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the two special ones around it."""
        return [len(each) for each in self._counter.encode_batch_fast(list(texts), add_special_tokens=False)]

    def embed(self, texts: Sequence[str], between: Callable[[int], None] = lambda done: None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimensions), in the order of `texts`.

        `between(done)` is called after every 64 texts; it may wait, or raise to stop.
        """
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # texts of like length together: short ones are then not padded to long ones
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for first in range(0, len(order), _SLICE):
            chosen = order[first : first + _SLICE]
            vectors[chosen] = self._encode([texts[index] for index in chosen])
            between(first + len(chosen))
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """The unit vector of a question, float32, shape (dimensions,)."""
        query: Vectors = self._encoder.encode([self._prefixes.query + text])[0]
        return query

    def _encode(self, passages: Sequence[str]) -> Vectors:
        return self._encoder.encode([self._prefixes.passage + text for text in passages])


def _name(folder: Path, dimensions: int, prefixes: Prefixes) -> str:
    """Other weights, or another prefix before the passages, make other vectors."""
    card = read_card(folder)
    if card is not None:
        prefix = hashlib.sha256(prefixes.passage.encode()).hexdigest()[:8]
        return f"{card.weights[:24]}:{dimensions}:{prefix}"
    # hashing 90 MB at every start would cost more than this is worth
    size = weights_bytes(folder)
    described = next(
        (each for name in ("config.json", "modules.json") if (each := folder / name).is_file()), None
    )
    shape = hashlib.sha256(described.read_bytes() if described else b"").hexdigest()[:12]
    return f"{folder.parent.name}:{dimensions}:{shape}:{size}"


def open_encoder(folder: Path) -> Encoder:
    """Alcove's own where it knows network and processor, which is faster, else sentence-transformers.

    Raises `AppError` for a model that this edition cannot run.
    """
    if is_plain_bert(folder):
        if has_openvino() and (folder / WEIGHTS).is_file():
            from app.retrieval.bert import BertEncoder, NoKernels

            with suppress(NoKernels):
                return BertEncoder(folder)
        if (folder / GGUF).is_file():
            from app.retrieval.llama_encoder import LlamaEncoder

            return LlamaEncoder(folder)
    need_other_models()
    from app.retrieval.other_encoders import LibraryEncoder

    return LibraryEncoder(folder)
