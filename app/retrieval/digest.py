"""The extractive summariser: what a whole document says, in a few of its own sentences.

Two steps keep it quick for long documents: passages are judged by the vectors that the index holds already, then only
the sentences of the best ones are embedded and chosen from.
"""

from dataclasses import replace

import numpy as np

from app.base.jobs import CancelToken
from app.retrieval.embedding import Embedder
from app.retrieval.passage_choice import parts_of, passages_to_read, spread
from app.retrieval.protocol import Digested, Extract
from app.retrieval.sentence_choice import best_of_each_section, best_sentences, suitable_count
from app.retrieval.sentence_quality import SentenceReader
from app.retrieval.stored_text import text_to_embed
from app.retrieval.whole_document import WholeDocument

_EMBEDDED_NOW = 160  # passages at most, about ten seconds on two cores
_MOST_SENTENCES = 600  # that are embedded; far fewer, unless very many sections or sentences are asked for


def digest(
    document: WholeDocument,
    embedder: Embedder,
    cancel: CancelToken,
    *,
    sentences: int | None = None,
    per_section: int = 0,
) -> Digested:
    """The sentences that tell most of `document`, in its order. Raises `Cancelled`."""
    if sentences == 0:
        return _digested(document, ())
    document = _with_vectors(document, embedder, cancel)
    parts = parts_of(document)
    count = sentences or suitable_count(document)
    listed = SentenceReader(document.passages).read(passages_to_read(document, parts, count, per_section))
    if len(listed) > _MOST_SENTENCES:
        listed = [replace(listed[row], follows=False) for row in spread(len(listed), _MOST_SENTENCES)]
    vectors = embedder.embed([each.text for each in listed], lambda done: cancel.raise_if_cancelled())
    if per_section:
        chosen = best_of_each_section(document, parts, listed, vectors, per_section)
    else:
        chosen = best_sentences(document, parts, listed, vectors, count)
    extracts = tuple(
        Extract(document.passages[listed[row].passage].number, listed[row].start, listed[row].end, score)
        for row, score in sorted(chosen)
    )
    return _digested(document, extracts)


def _digested(document: WholeDocument, extracts: tuple[Extract, ...]) -> Digested:
    return Digested(
        document.title, document.passages, extracts, document.places, document.unit, document.state, document.reason
    )  # fmt: skip


def _with_vectors(document: WholeDocument, embedder: Embedder, cancel: CancelToken) -> WholeDocument:
    """The document with the vectors it lacks: all, or for a long text those of passages spread evenly over it."""
    missing = np.flatnonzero(~document.embedded)
    if not len(missing):
        return document
    chosen = missing[spread(len(missing), _EMBEDDED_NOW)]
    passages = [document.passages[number] for number in chosen]
    vectors, embedded = document.vectors.copy(), document.embedded.copy()
    vectors[chosen] = embedder.embed(
        [text_to_embed(each.heading, each.text) for each in passages],
        lambda done: cancel.raise_if_cancelled(),
    )
    embedded[chosen] = True
    reason = document.reason
    if not embedded.all():
        remark = (
            f"The text is long: sentences were chosen from {embedded.sum():,} of its {len(embedded):,} passages,"
            " spread evenly over it."
        )
        reason = f"{reason} {remark}".strip()
    return replace(document, vectors=vectors, embedded=embedded, reason=reason)
