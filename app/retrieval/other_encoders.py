"""Every other sentence encoder, through sentence-transformers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils import logging

from app.base.errors import AppError
from app.models.encoder_files import check_files, needs_code

LOADING: dict[str, Any] = {
    "device": "cpu",
    "local_files_only": True,
    "trust_remote_code": False,
    "model_kwargs": {"use_safetensors": True},  # never a pickle
}
"""How models of strangers are loaded."""

Model = TypeVar("Model")
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
        self.tokenizer: Tokenizer = _tokenizer(self._model)

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


def loaded(load: Callable[[], Model]) -> Model:
    """What `load` returns; what goes wrong in there as an `AppError`.

    The files are a stranger's, so anything can: an unknown network, missing weights, figures that do not fit.
    """
    logging.disable_progress_bar()
    try:
        return load()
    except MemoryError:
        raise
    except Exception as error:
        if "trust_remote_code" in str(error):
            raise needs_code() from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise AppError(f"The model cannot be loaded ({reason}).", "Choose another model.") from error


def _limit(model: SentenceTransformer) -> int:
    """Tokens of a text that are looked at, with the special ones; tables of words know no limit."""
    length = model.max_seq_length
    if length is None or not 0 < length < _MOST_TOKENS:
        if isinstance(length, int):
            model.max_seq_length = _MOST_TOKENS
        return _MOST_TOKENS
    return int(length)


def _tokenizer(model: SentenceTransformer) -> Tokenizer:
    tokenizer = model.tokenizer
    found = tokenizer if isinstance(tokenizer, Tokenizer) else getattr(tokenizer, "backend_tokenizer", None)
    if not isinstance(found, Tokenizer):
        raise AppError("This model cuts texts in a way that Alcove does not know.", "Choose another model.")
    return found
