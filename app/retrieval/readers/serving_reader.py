"""The reader at work: the one Alcove comes with, or the one the person chose."""

import logging
import threading
from pathlib import Path

from app.base.edition import need_other_models
from app.base.errors import AppError
from app.base.paths import shipped_models
from app.models.calibration import calibrated_reader
from app.retrieval.readers.bert_reader import BertReader
from app.retrieval.readers.span_reader import SpanReader

_log = logging.getLogger(__name__)


class ServingReader:
    """Loads the model with the first question that needs it. Safe to use from several threads."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._folder = ""
        self._warming = False
        self._opened: str | None = None
        self._reader: SpanReader | None = None

    def choose(self, folder: str) -> None:
        """`folder`: of an installed model, "" for the one Alcove comes with. Does not wait for a model that is loading."""
        if folder != self._folder:
            self._folder = folder
            self._warming = False

    def warm_up(self) -> None:
        """Begin to load the model, if it is not there yet; returns at once."""
        if not self._warming:
            self._warming = True
            threading.Thread(target=self.current, name="reader", daemon=True).start()

    def current(self) -> SpanReader | None:
        """The shipped one where the chosen one cannot be loaded; None when no model can: then search alone must judge."""
        with self._loading:
            chosen = self._folder
            if chosen != self._opened:
                self._reader, self._opened = _first_of(chosen), chosen
            return self._reader


def _first_of(folder: str) -> SpanReader | None:
    readers = (_try(each) for each in dict.fromkeys((folder, "")))
    return next((reader for reader in readers if reader is not None), None)


def open_reader(folder: str = "") -> SpanReader:
    """The model in `folder`, "" for the one Alcove comes with. Raises `AppError` for what cannot be loaded."""
    if not folder:
        own = BertReader(shipped_reader())
        return SpanReader(own, calibrated=own.name == calibrated_reader())
    need_other_models()
    from app.retrieval.readers.other_readers import OtherReader  # brings torch

    return SpanReader(OtherReader(Path(folder)))


def shipped_reader() -> Path:
    return shipped_models() / "reader"


def _try(folder: str) -> SpanReader | None:
    try:
        return open_reader(folder)
    except AppError as error:
        _log.warning("answering without the reader %s: %s", folder, error)
    except Exception:  # a model must not keep anybody from searching
        _log.exception("answering without the reader %s", folder)
    return None
