"""The reader at work: the one Alcove comes with, or the one the person chose."""

import logging
import threading
from pathlib import Path

from app.base.errors import AppError
from app.base.paths import shipped_models
from app.retrieval.bert_reader import BertReader
from app.retrieval.span_reader import SpanReader

_log = logging.getLogger(__name__)


class ServingReader:
    """Loads the model with the first question that needs it. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder = ""
        self._warming = False
        self._loaded: dict[str, SpanReader | None] = {}

    def choose(self, folder: str) -> None:
        """`folder`: of an installed model, "" for the one Alcove comes with."""
        with self._lock:
            if folder != self._folder:
                self._folder = folder
                self._loaded.clear()

    def warm_up(self) -> None:
        """Begin to load the model, if it is not there yet; returns at once."""
        if not self._warming and not self._loaded:
            self._warming = True
            threading.Thread(target=self.current, name="reader", daemon=True).start()

    def current(self) -> SpanReader | None:
        """None when no model can be loaded: then search alone must judge."""
        with self._lock:
            for folder in dict.fromkeys((self._folder, "")):
                if folder not in self._loaded:
                    self._loaded[folder] = _opened(folder)
                if reader := self._loaded[folder]:
                    return reader
            return None


def open_reader(folder: str = "") -> SpanReader:
    """The model in `folder`, "" for the one Alcove comes with. Raises `AppError` for what cannot be loaded."""
    if not folder:
        return SpanReader(BertReader(shipped_reader()), calibrated=True)
    from app.retrieval.other_readers import OtherReader  # brings torch

    return SpanReader(OtherReader(Path(folder)))


def shipped_reader() -> Path:
    return shipped_models() / "reader"


def _opened(folder: str) -> SpanReader | None:
    try:
        return open_reader(folder)
    except AppError as error:
        _log.warning("answering without the reader %s: %s", folder, error)
    except Exception:  # a model must not keep anybody from searching
        _log.exception("answering without the reader %s", folder)
    return None
