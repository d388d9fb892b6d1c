"""From the hits of the library to numbered sources, and to the exact answer that stands in the first of them."""

from collections.abc import Sequence
from pathlib import Path

from app.assistants.events import Lead, Source
from app.documents.sentences import sentences
from app.retrieval.protocol import DocumentPassage, Hit, Marked, SearchResult, Span
from app.retrieval.verification.commands import is_command
from app.retrieval.verification.quotable import Evidence

# A passage much farther from the question than the best one is noise beside it.
_NEAR_ENOUGH = 0.5


def sources_of(found: SearchResult) -> tuple[tuple[Source, ...], Lead | None]:
    """The hits that are near enough as sources, and the exact answer if one was marked: its source comes first."""
    marked = found.marked if found.marked is not None and _is_answer(found.hits, found.marked) else None
    hits = list(found.hits)
    if marked is not None:
        hits.insert(0, hits.pop(marked.hit))
    best = max((hit.similarity for hit in hits), default=0.0)
    near = [hit for index, hit in enumerate(hits) if index == 0 or hit.similarity >= _NEAR_ENOUGH * best]
    sources = tuple(
        _source(number, hit, marked if number == 1 else None) for number, hit in enumerate(near, start=1)
    )
    return sources, None if marked is None else _lead(hits[0], marked)


def further_source(number: int, file: str, passage: DocumentPassage, quote: Span) -> Source:
    """A passage of a document that was read whole; `quote` in the text of its place."""
    start, end = quote.start - passage.start, quote.end - passage.start
    return Source(
        number, file, passage.place, passage.heading, passage.text[start:end], quote.start, quote.end, 0.0,
        passage.text, passage_start=passage.start,
    )  # fmt: skip


def evidence_of(source: Source) -> Evidence:
    """What sentences of an answer may rest on."""
    about = f"{Path(source.file).stem}\n{source.heading}"
    return Evidence(source.number, source.passage, source.passage_start, about)


def sentence_of(source: Source, lead: Lead) -> str:
    """The sentence of the source in which the exact answer stands (or the sentences, if it goes over several)."""
    first, last = lead.start - source.passage_start, lead.end - source.passage_start
    around = _sentences_around(source.passage, first, last)
    return source.passage[around.start : around.end]


def _is_answer(hits: Sequence[Hit], marked: Marked) -> bool:
    """Not what a document tells the language model to say."""
    text = hits[marked.hit].text
    around = _sentences_around(text, marked.start, marked.end)
    return marked.start < marked.end and not is_command(text[around.start : around.end])


def _source(number: int, hit: Hit, marked: Marked | None) -> Source:
    """The quote is cut out of the passage itself, so it stands there word for word by construction."""
    quote = hit.evidence[0] if hit.evidence else Span(0, len(hit.text))
    if marked is not None and not quote.start <= marked.start <= marked.end <= quote.end:
        quote = _sentences_around(hit.text, marked.start, marked.end)
    return Source(
        number=number,
        file=hit.file,
        place=hit.place,
        heading=hit.heading,
        quote=hit.text[quote.start : quote.end],
        start=hit.start + quote.start,
        end=hit.start + quote.end,
        score=hit.similarity,
        passage=hit.text,
        cells=hit.cells,
        quality=hit.quality,
        passage_start=hit.start,
    )


def _lead(hit: Hit, marked: Marked) -> Lead:
    words = hit.text[marked.start : marked.end]
    return Lead(words, 1, hit.start + marked.start, hit.start + marked.end, round(marked.confidence, 4))


def _sentences_around(text: str, start: int, end: int) -> Span:
    """The whole sentences that `text[start:end]` stands in."""
    touched = [each for each in sentences(text) if each[0] < end and each[1] > start]
    return Span(touched[0][0], max(end, touched[-1][1])) if touched else Span(start, end)
