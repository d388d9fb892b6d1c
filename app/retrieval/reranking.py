"""Reading the best candidates once more, each together with the question: a cross-encoder.

It judges better than vectors do and takes longer by far, so it gets a fixed time: the best candidates are read first,
and those it does not come to keep their order behind them.
"""

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from app.base.edition import need_other_models
from app.base.errors import AppError
from app.models.encoder_files import check_files

MOST = 20
"""Candidates that are worth reading again."""

BUDGET_S = 0.3
_BATCH = 4
_MOST_TOKENS = 512
_log = logging.getLogger(__name__)


class Reranker:
    """The model in `folder`, loaded in the background by the first question. Safe to use from several threads."""

    def __init__(self, folder: str, budget_s: float = BUDGET_S) -> None:
        self.folder = folder
        self._budget_s = budget_s
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None
        self._loading: threading.Thread | None = None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well the first texts answer the question (only for ordering them); fewer than `texts` in too little time.

        Empty while the model is being loaded, and when it cannot be: then the order stays as it was.
        """
        model = self._loaded()
        if model is None:
            return []
        started = time.monotonic()
        found: list[float] = []
        each_s = 0.0
        while len(found) < len(texts):
            # one alone shows how long the others will take
            batch = texts[len(found) : len(found) + (_BATCH if found else 1)]
            begun = time.monotonic()
            if found and begun - started + each_s * len(batch) > self._budget_s:
                break
            found += model.scores(question, batch)
            each_s = (time.monotonic() - begun) / len(batch)
        return found

    def wait(self) -> None:
        """Until loading has ended, if it has begun."""
        if self._loading is not None:
            self._loading.join()

    def _loaded(self) -> "CrossEncoder | None":
        with self._lock:
            if self._loading is None:
                self._loading = threading.Thread(target=self._load, name="reranker", daemon=True)
                self._loading.start()
        return self._model

    def _load(self) -> None:
        try:
            self._model = CrossEncoder(Path(self.folder))
        except AppError as error:
            _log.warning("searching without reranker: %s", error)
        except Exception:  # a model must not keep anybody from searching
            _log.exception("searching without reranker")


class CrossEncoder:
    """A cross-encoder held in memory; nothing is ever fetched. Raises `AppError` for one that cannot be loaded."""

    def __init__(self, folder: Path) -> None:
        check_files(folder)
        need_other_models()
        import sentence_transformers

        from app.retrieval.loading import loaded
        from app.retrieval.other_encoders import LOADING

        self._model = loaded(lambda: sentence_transformers.CrossEncoder(str(folder), **LOADING))
        if self._model.num_labels != 1:
            raise AppError("This model sorts texts into classes and gives no score.", "Choose a reranker.")
        self.max_tokens = min(self._model.max_seq_length or _MOST_TOKENS, _MOST_TOKENS)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One for each text; higher is better."""
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, batch_size=len(pairs), show_progress_bar=False)
        return [float(each) for each in found]


def best_first(scores: Sequence[float], count: int) -> list[int]:
    """Positions of `count` candidates: those with a score, the best first, then the others in their order."""
    ranked = sorted(range(len(scores)), key=lambda position: scores[position], reverse=True)
    return [*ranked, *range(len(scores), count)]
