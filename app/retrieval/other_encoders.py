"""Every other sentence encoder, through sentence-transformers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils import logging


class LibraryEncoder:
    """An `Encoder`; nothing is ever fetched."""

    def __init__(self, folder: Path) -> None:
        logging.disable_progress_bar()
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        dimensions = self._model.get_embedding_dimension()
        assert dimensions is not None
        self.dimensions: int = dimensions
        self.max_tokens: int = self._model.get_max_seq_length() or 256
        self.tokenizer: Tokenizer = self._model.tokenizer.backend_tokenizer

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions)."""
        vectors: npt.NDArray[np.float32] = self._model.encode(
            list(texts),
            batch_size=len(texts),
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return vectors
