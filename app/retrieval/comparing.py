"""How alike texts are, with the vectors of the texts seen last kept: a summary compares the same sentences at each level."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from app.base.jobs import CancelToken
from app.retrieval.embedding import Embedder, Vectors
from app.retrieval.protocol import Compare, Compared

_KEPT = 8_192  # vectors; 12 MiB at 384 dimensions


class Comparer:
    """Answers `Compare` requests. Safe to use from several threads."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def compare(self, request: Compare, cancel: CancelToken) -> Compared:
        """Each text beside each of its candidates; what occurs several times is embedded once. Raises `Cancelled`."""
        texts = list(dict.fromkeys([*request.texts, *(each for own in request.candidates for each in own)]))
        vectors = self._vectors_of(texts, cancel)
        row = {text: number for number, text in enumerate(texts)}
        found = []
        for text, own in zip(request.texts, request.candidates, strict=True):
            cosines = vectors[[row[each] for each in own]] @ vectors[row[text]]
            found.append(tuple(cosines.tolist()))
        return Compared(tuple(found))

    def _vectors_of(self, texts: Sequence[str], cancel: CancelToken) -> Vectors:
        """Shape (len(texts), dimensions)."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = [text for text in texts if text not in known]
        embedded = self._embedder().embed(new, lambda done: cancel.raise_if_cancelled())
        known.update(zip(new, embedded, strict=True))
        with self._lock:
            for text in texts:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > _KEPT:
                self._vectors.popitem(last=False)
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, 0), dtype=np.float32)
