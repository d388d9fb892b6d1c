"""Passages and questions as vectors: all-MiniLM-L6-v2 through sentence-transformers."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

# Measured on 2 cores with texts sorted by length: batches of 8 were fastest, larger ones slower.
_BATCH = 8
_SLICE = 8 * _BATCH


class Embedder:
    """One embedding model, held in memory. Import of torch takes seconds: make it when it is needed."""

    def __init__(self, folder: Path) -> None:
        """Load the model in `folder`; nothing is ever fetched."""
        from sentence_transformers import SentenceTransformer
        from tokenizers import Tokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        # one of its own: the model's is set to cut off whatever is too long
        self._counter = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        self._counter.no_truncation()
        self._counter.no_padding()
        dimensions = self._model.get_embedding_dimension()
        assert dimensions is not None
        self.dimensions: int = dimensions
        self.max_tokens: int = self._model.get_max_seq_length() or 256
        # other weights make other vectors; hashing 90 MB at every start would cost more than this is worth
        size = sum(each.stat().st_size for each in folder.glob("*.safetensors"))
        shape = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()[:12]
        self.name = f"{folder.parent.name}:{dimensions}:{shape}:{size}"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the two special ones around it."""
        return [len(each) for each in self._counter.encode_batch_fast(list(texts), add_special_tokens=False)]

    def embed(self, texts: Sequence[str], between: Callable[[int], None] = lambda done: None) -> Vectors:
        """Unit vectors, float32, shape (len(texts), dimensions), in the order of `texts`.

        `between(done)` is called after every 64 texts; it may wait, or raise to stop.
        """
        if len(texts) == 1:
            return self._embed_one(texts[0])
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        # texts of like length together: short ones are then not padded to long ones
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]), reverse=True)
        for first in range(0, len(order), _SLICE):
            chosen = order[first : first + _SLICE]
            vectors[chosen] = self._model.encode(
                [texts[index] for index in chosen],
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
            between(first + len(chosen))
        return vectors

    def _embed_one(self, text: str) -> Vectors:
        """A question, without the bookkeeping of `encode`, which costs a seventh of the time here."""
        import torch

        with torch.inference_mode():
            features = self._model.preprocess([text])
            vector: Vectors = self._model(features)["sentence_embedding"].numpy()
        vector /= np.linalg.norm(vector, axis=1, keepdims=True)
        return vector
