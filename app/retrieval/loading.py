"""How models of strangers are loaded: from their own files, and what goes wrong there becomes a sentence."""

from collections.abc import Callable
from typing import Any, TypeVar

from tokenizers import Tokenizer
from transformers.utils import logging

from app.base.errors import AppError
from app.models.encoder_files import needs_code

OWN_FILES: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
"""For whatever loads: nothing is fetched, and no program code that comes with a model is run."""

SAFE_WEIGHTS: dict[str, Any] = {"use_safetensors": True}
"""For what loads weights: never a pickle."""

Model = TypeVar("Model")


def loaded(load: Callable[[], Model]) -> Model:
    """What `load` returns; what goes wrong in there as an `AppError`.

    The files are a stranger's, so anything can: an unknown network, missing weights, figures that do not fit.
    """
    logging.disable_progress_bar()
    try:
        return load()
    except (MemoryError, AppError):
        raise
    except Exception as error:
        if "trust_remote_code" in str(error):
            raise needs_code() from error
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise AppError(f"The model cannot be loaded ({reason}).", "Choose another model.") from error


def fast_tokenizer(tokenizer: Any) -> Tokenizer:
    """The one inside a tokenizer of transformers, which says where each token stands. Raises `AppError` for none."""
    found = tokenizer if isinstance(tokenizer, Tokenizer) else getattr(tokenizer, "backend_tokenizer", None)
    if not isinstance(found, Tokenizer):
        raise AppError("This model cuts texts in a way that Alcove does not know.", "Choose another model.")
    return found
