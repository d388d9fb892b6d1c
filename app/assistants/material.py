"""What the model reads to answer from, and what its sentences may rest on: the best passages, or a whole short document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from app.assistants.answering import Writer
from app.assistants.events import Claim, Source
from app.assistants.places import is_tiny, passages_to_read, place_words
from app.assistants.prompts import fit
from app.assistants.sources import evidence_of, further_source
from app.base.errors import AppError
from app.retrieval.client import Library
from app.retrieval.protocol import DocumentPassage, SearchResult, Span
from app.retrieval.verification.commands import without_commands
from app.retrieval.verification.quotable import Evidence

_LEAST_TOKENS = (
    24  # of a passage of a document, on average; more passages than fit at that need not be fetched
)


@dataclass(frozen=True, slots=True)
class Material:
    """`shown`: label and text of what the model reads. `others`: the passages of a document read whole that are no sources
    yet, by the number they have in `evidence`.
    """

    shown: Sequence[tuple[str, str]]
    evidence: Sequence[Evidence]
    others: Mapping[int, tuple[str, DocumentPassage]] = field(default_factory=dict)

    def cited(
        self, sources: tuple[Source, ...], claims: Sequence[Claim]
    ) -> tuple[tuple[Source, ...], tuple[Claim, ...]]:
        """The sources with those passages that the claims cite besides, and the claims with the numbers of these."""
        numbers: dict[int, int] = {}
        further: list[Source] = []
        for quote in (each for claim in claims for each in claim.quotes):
            if quote.source in self.others and quote.source not in numbers:
                file, passage = self.others[quote.source]
                numbers[quote.source] = len(sources) + len(further) + 1
                span = Span(quote.start, quote.end)
                further.append(further_source(numbers[quote.source], file, passage, span))
        renumbered = tuple(
            replace(
                claim,
                sources=tuple(numbers.get(each, each) for each in claim.sources),
                quotes=tuple(
                    replace(each, source=numbers.get(each.source, each.source)) for each in claim.quotes
                ),
            )
            for claim in claims
        )
        return (*sources, *further), renumbered


def material_for(
    question: str,
    found: SearchResult,
    sources: tuple[Source, ...],
    folders: Sequence[str],
    library: Library,
    writer: Writer,
) -> Material:
    """The passages of the best sources; where a single short file is asked about, all of it, unless the model is tiny."""
    tiny = is_tiny(writer.model)
    if (
        not tiny
        and len(folders) == 1
        and (whole := _whole(question, folders[0], found, sources, library, writer))
    ):
        return whole
    # the quotes for a tiny model may be nothing but commands, and the passages around them not
    shown = readable(passages_to_read(sources, tiny=tiny)) or readable(passages_to_read(sources, tiny=False))
    return Material(shown, [evidence_of(each) for each in sources])


def _whole(
    question: str,
    file: str,
    found: SearchResult,
    sources: tuple[Source, ...],
    library: Library,
    writer: Writer,
) -> Material | None:
    """All passages of `file` in their order; None when they do not fit beside question and answer."""
    if not Path(file).is_file():
        return None
    budget = writer.budget()
    if found.passages * _LEAST_TOKENS > budget:
        return None
    try:
        passages = library.digest(writer.cancel, file=file, sentences=0).passages
    except AppError:  # an archive: its files are documents of their own
        return None
    shown = readable(
        [(f"{Path(file).name}{place_words(each.place)}", text) for each, text in _by_place(passages)]
    )
    if not fit(shown, question, budget, writer.count):
        return None
    evidence = [evidence_of(each) for each in sources]
    others: dict[int, tuple[str, DocumentPassage]] = {}
    for passage in passages:
        if not any(_holds(source, passage) for source in sources):
            number = len(evidence) + 1
            others[number] = (file, passage)
            about = f"{Path(file).stem}\n{passage.heading}"
            evidence.append(Evidence(number, passage.text, passage.start, about))
    return Material(shown, evidence, others)


def readable(passages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without what speaks to the model, and without the passages in which there is nothing else."""
    read = [(label, without_commands(text)) for label, text in passages]
    return [each for each in read if each[1]]


def _holds(source: Source, passage: DocumentPassage) -> bool:
    """Whether the passage is a part of the source: neighbours found together are one source."""
    end = source.passage_start + len(source.passage)
    return source.place == passage.place and source.passage_start <= passage.start and passage.end <= end


def _by_place(passages: Sequence[DocumentPassage]) -> list[tuple[DocumentPassage, str]]:
    """The text of each page, slide or sheet, made of its passages; what stands in two of them once."""
    told = []
    for _, group in groupby(passages, key=lambda each: each.place):
        own = list(group)
        parts, at = [], own[0].start
        for each in own:
            parts.append(each.text[max(0, at - each.start) :])
            at = max(at, each.end)
        told.append((own[0], "\n".join(part.strip("\n") for part in parts if part)))
    return told
