"""Every other sentence encoder, through sentence-transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from app.base.errors import AppError
from app.models.encoder_files import check_files
from app.retrieval.loading import OWN_FILES, SAFE_WEIGHTS, fast_tokenizer, loaded

LOADING: dict[str, Any] = {"device": "cpu", **OWN_FILES, "model_kwargs": SAFE_WEIGHTS}
"""How sentence-transformers loads models of strangers."""

_BATCH = 8  # on 2 cores with texts sorted by length, larger ones were slower
_MOST_TOKENS = 512  # passages are shorter; a model for whole books need not be ready for one


class LibraryEncoder:
    """An `Encoder`; nothing is ever fetched. Raises `AppError` for a model that cannot be loaded, or should not be."""

    def __init__(self, folder: Path) -> None:
        check_files(folder)
        self._model = loaded(lambda: SentenceTransformer(str(folder), **LOADING))
        dimensions = self._model.get_embedding_dimension()
        if dimensions is None:
            raise AppError(f"{folder.name} makes no vectors of texts.", "Choose another model.")
        self.dimensions: int = dimensions
        self.max_tokens = _limit(self._model)
        self.tokenizer: Tokenizer = fast_tokenizer(self._model.tokenizer)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions)."""
        vectors: npt.NDArray[np.float32] = self._model.encode(
            list(texts),
            prompt="",  # the texts have theirs already
            batch_size=_BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return vectors.astype(np.float32, copy=False)


def _limit(model: SentenceTransformer) -> int:
    """Tokens of a text that are looked at, with the special ones; tables of words know no limit."""
    length = model.max_seq_length
    if length is None or not 0 < length < _MOST_TOKENS:
        if isinstance(length, int):
            model.max_seq_length = _MOST_TOKENS
        return _MOST_TOKENS
    return int(length)
