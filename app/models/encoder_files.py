"""Which files make a sentence encoder, a reranker or a reader, and whether they are ones to load.

The first two are folders as sentence-transformers writes them, a reader is one as transformers does. Weights are taken as safetensors only: the older formats are
pickles, which can run any program when they are opened. Code that comes with a model is not taken either.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from app.base.errors import AppError

Kind = Literal["embedding", "reranking", "reading"]

KINDS: dict[Kind, str] = {"embedding": "search model", "reranking": "reranker", "reading": "reader"}
"""What a person calls a model of each kind."""

SETTINGS: dict[Kind, str] = {"embedding": "embedder", "reranking": "reranker", "reading": "reader"}
"""The setting that says which model of each kind is used, by its folder name."""

WEIGHTS = ".safetensors"
# at the top, and in the folder of each part: “1_Pooling/config.json”
_WANTED = re.compile(r"(?:\d+_\w+/)?[\w][\w.-]*\.(?:json|txt|model|safetensors)|README\.md", re.ASCII)
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")
_OWN_PARTS = "sentence_transformers."


def wanted_files(names: Iterable[str]) -> tuple[str, ...]:
    """Those of a repository's files (paths with `/`) that are fetched or copied, in order.

    Raises `AppError` when there are no weights that can be loaded safely.
    """
    names = sorted(names)
    wanted = tuple(name for name in names if _WANTED.fullmatch(name))
    if any(name.endswith(WEIGHTS) for name in wanted):
        return wanted
    if any(name.endswith(_PICKLES) for name in names):
        raise _pickles_only()
    raise AppError(
        "There are no weights of a search model among these files (model.safetensors).",
        "Choose a sentence-transformers model, a cross-encoder or a question-answering model.",
    )


def files_below(folder: Path) -> tuple[str, ...]:
    """The files at the top of `folder` and in the folders there, with `/`. Raises `OSError`."""
    found = []
    for each in folder.iterdir():
        if each.is_file():
            found.append(each.name)
        elif each.is_dir():
            found += [f"{each.name}/{inner.name}" for inner in each.iterdir() if inner.is_file()]
    return tuple(found)


def check_files(folder: Path) -> Kind:
    """What the files in `folder` are. Raises `AppError` for what is nothing to load, or should not be loaded."""
    try:
        names = files_below(folder)
        wanted_files(names)
        _check_weights(names)
        parts = _read(folder / "modules.json", [])
        types = [str(each["type"]) for each in parts]
        model_type = _read(folder / "config_sentence_transformers.json", {}).get("model_type")
        architectures = _read(folder / "config.json", {}).get("architectures") or []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AppError(
            f"The files of the model in {folder} cannot be read.", "Get the model again."
        ) from error
    if any(not each.startswith(_OWN_PARTS) for each in types):
        raise needs_code()
    if model_type == "CrossEncoder" or (not parts and _has_head(architectures, "SequenceClassification")):
        return "reranking"
    if parts:
        return "embedding"
    if _has_head(architectures, "QuestionAnswering"):
        return "reading"
    raise AppError(
        f"{folder.name} is no sentence-transformers model (modules.json is missing), no cross-encoder and no "
        "question-answering model.",
        "Choose another model.",
    )


def _has_head(architectures: Iterable[object], head: str) -> bool:
    return any(str(each).endswith(f"For{head}") for each in architectures)


def needs_code() -> AppError:
    return AppError(
        "This model runs only with program code of its own, which Alcove does not load.",
        "Choose another model.",
    )


def prompts_in(folder: Path) -> tuple[str, str] | None:
    """What the model's own files put before a question and before a passage; None when they say nothing of it."""
    try:
        prompts = dict(_read(folder / "config_sentence_transformers.json", {}).get("prompts") or {})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    query, passage = (
        next((str(prompts[name]) for name in names if prompts.get(name)), "")
        for names in (
            ("query", "search_query", "retrieval.query", "Retrieval-query"),
            ("document", "passage", "search_document", "retrieval.passage", "Retrieval-document"),
        )
    )
    return (query, passage) if query or passage else None


def _check_weights(names: Iterable[str]) -> None:
    """Beside a pickle there must be weights that are taken in its place."""
    safe = {PurePosixPath(name).parent for name in names if name.endswith(WEIGHTS)}
    if any(name.endswith(_PICKLES) and PurePosixPath(name).parent not in safe for name in names):
        raise _pickles_only()


def _pickles_only() -> AppError:
    return AppError(
        "The weights of this model are there only in a format that can run programs (such as pytorch_model.bin).",
        "Choose a model that has its weights as safetensors.",
    )


def _read(file: Path, absent: Any) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else absent
