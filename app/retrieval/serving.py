"""The embedding model that the stored vectors are from, which searches them, beside the one the person wants.

Both are the same, except while the library is embedded anew (see reembedding.py).
"""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.base.edition import need_other_models
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.encoders import NO_PREFIXES, prefixes_of
from app.models.installed import starter_embedder
from app.retrieval.cosine_scale import STARTER, CosineScale, read_scale
from app.retrieval.embedding import Embedder
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.next_vectors import fact, note_folder, take_over
from app.retrieval.protocol import TriedOut, TryOut
from app.retrieval.reranking import CrossEncoder
from app.storage.database import Database

STARTER_FOLDER = ""
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Serving:
    """`folder`: of the model, "" for the starter."""

    folder: str
    embedder: Embedder
    vectors: LiveVectors
    scale: CosineScale


class ServingModel:
    """Follows `index.db`, whoever lets another model serve there. Safe to use from several threads."""

    def __init__(self, database: Database, cache: Path) -> None:
        self._database = database
        self._cache = cache
        self._lock = threading.Lock()
        self._wanted: str | None = None
        self._serving: Serving | None = None

    @property
    def wanted(self) -> str | None:
        """The folder of the model the person chose, "" for the starter; None while nobody said."""
        return self._wanted

    def choose(self, folder: str) -> None:
        self._wanted = folder

    def current(self, cancel: CancelToken | None = None) -> Serving:
        """Loads the model the first time. Raises `AppError` when it is gone and no other one was chosen, and `Cancelled`."""
        serving = self._serving
        if serving is not None and serving.embedder.name == fact(self._database, "embedder"):
            return serving
        thread = ThreadPoolExecutor(
            max_workers=1, thread_name_prefix="loading"
        )  # who waits for it can be stopped
        loading = thread.submit(self._followed)
        thread.shutdown(wait=False)
        while not wait([loading], _POLL_S).done:
            if cancel is not None:
                cancel.raise_if_cancelled()
        return loading.result()

    def _followed(self) -> Serving:
        with self._lock:
            name = fact(self._database, "embedder")
            while self._serving is None or self._serving.embedder.name != name:
                self._serving = self._open(name)
                name = fact(
                    self._database, "embedder"
                )  # another process may have let its own serve meanwhile
            return self._serving

    def _open(self, name: str | None) -> Serving:
        noted = fact(self._database, "embedder_folder")
        stored = STARTER_FOLDER if noted is None else noted
        chosen = stored if self._wanted is None else self._wanted
        held = self._database.rows("SELECT 1 FROM vectors LIMIT 1")
        # with no vectors yet there is nothing to keep up for the old model
        places = [stored, chosen] if held else [chosen]
        for folder in dict.fromkeys(places):
            embedder = self._tried(folder, last=folder == chosen)
            if embedder is not None and embedder.name == name:
                if folder != stored:  # the models folder was moved
                    note_folder(self._database, folder)
                return self._made(folder, embedder)
        # what is stored cannot be searched any more
        embedder = open_embedder(chosen)
        take_over(self._database, embedder.name, chosen, instead_of=name)
        return self._made(chosen, embedder)

    def _tried(self, folder: str, *, last: bool) -> Embedder | None:
        try:
            return open_embedder(folder)
        except AppError:
            if last:
                raise
            return None

    def _made(self, folder: str, embedder: Embedder) -> Serving:
        text = fact(self._database, "cosine_scale")
        scale = STARTER if folder == STARTER_FOLDER or text is None else read_scale(text)
        vectors = LiveVectors(self._database, self._cache, embedder.dimensions, embedder=embedder.name)
        return Serving(folder, embedder, vectors, scale)


def open_embedder(folder: str) -> Embedder:
    """The model in `folder`, "" for the starter. Raises `AppError` when it is missing or cannot be loaded."""
    if folder == STARTER_FOLDER:
        return Embedder(starter_embedder(), NO_PREFIXES)
    path = Path(folder)
    if not path.is_dir():
        raise AppError(
            f"The search model {path.name} is missing.",
            "Connect the disk it is on, or choose another one in the settings.",
        )
    return Embedder(path, prefixes_of(path))


def try_out(request: TryOut) -> TriedOut:
    """Raises `AppError` for a model that does not load or makes no sound figures."""
    if request.kind == "reranking":
        reranker = CrossEncoder(Path(request.folder))
        figures = np.array(reranker.scores("Which colour has the sky?", ["The sky is blue.", "It rains."]))
        found = TriedOut(reranker.max_tokens)
    elif request.kind == "reading":
        need_other_models()
        from app.retrieval.loading import loaded
        from app.retrieval.readers.other_readers import OtherReader

        reader = OtherReader(Path(request.folder))
        (marks,) = loaded(lambda: reader.marks("Which colour has the sky?", ["The sky is blue."]))
        figures = np.array([*marks.starts, *marks.ends, marks.null])
        found = TriedOut(reader.max_tokens)
    else:
        embedder = open_embedder(request.folder)
        figures = embedder.embed(["The sky is blue."])
        found = TriedOut(embedder.max_tokens, embedder.dimensions)
    if not np.isfinite(figures).all():
        raise AppError("The model works out no sound figures here.", "Choose another model.")
    return found
