"""Ask a question over documents: search first, show the sources, then let the model answer from them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.assistants.answering import Clock, GrowingAnswer, Turn, context_of, prompt_budget
from app.assistants.events import (
    AnswerFinished,
    Claim,
    Event,
    NotInDocuments,
    Source,
    SourcesFound,
)
from app.assistants.prompts import answer_from, search_query
from app.assistants.records import Record
from app.assistants.refreshing import refresh_documents
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.document import Place
from app.engine.client import Engine
from app.engine.protocol import ModelSpec, Sampling
from app.retrieval import citations
from app.retrieval.client import Library
from app.retrieval.protocol import NO_LIMITS, FileLimits, Hit
from app.storage.conversations import Conversations

_SOURCES = 4
# A passage much farther from the question than the best one is noise beside it.
_NEAR_ENOUGH = 0.5
# Small models get lost in long prompts, and each passage costs a CPU seconds of reading.
_PASSAGES_READ = 3
# Below this size of the model file (bytes) the model is shown the quotes instead of the passages around them.
_TINY_MODEL = 700_000_000
_PATIENCE_S = 20.0  # for reading and embedding what is new; an answer says when it could not wait for all
_LONGEST_QUESTION = 8_000  # characters
# small models like to go on with a question of their own
_SAMPLING = Sampling(temperature=0.0, repeat_penalty=1.1, stop=("\nQuestion:", "\nPassages:"))
_NOTHING_TO_SEARCH = "Add documents, or look in the library why they could not be read."
_RECOGNISING = "Add them to the library and ask again when they are read."
NOT_FOUND = "This is not in your documents."


def ask(
    question: str,
    *,
    conversation: int | None,
    folders: Sequence[str],
    library: Library,
    engine: Engine,
    model: ModelSpec,
    conversations: Conversations | None,
    cancel: CancelToken,
    max_tokens: int,
    refresh: bool = True,
    instead_of: int | None = None,
    limits: FileLimits = NO_LIMITS,
) -> Iterator[Event]:
    """Answer `question` from the documents below `folders` and within `limits`; ends with `AnswerFinished` or `NotInDocuments`.

    With a `conversation` the question and the growing answer are saved there; `instead_of` is the question
    (its id) whose answer the new one replaces. `max_tokens` bounds the answer. Raises `AppError` and, before
    the first word, `Cancelled`; a later stop ends with what is there.
    """
    clock = Clock()
    check_question(question)
    turn = Turn(question, conversation, instead_of)
    earlier = [each.text for each in turn.before(conversations) if each.role == "user"]
    if instead_of is None:
        turn.save_question(conversations)
    engine.warm_up(model)
    trouble = (
        (yield from refresh_documents(library, folders, cancel, patience_s=_PATIENCE_S)) if refresh else None
    )
    asked = clock.elapsed()
    result = library.search(
        search_query(question, earlier), cancel, k=_SOURCES, folders=folders, evidence=True, limits=limits
    )
    clock.search_s = clock.elapsed() - asked
    if not result.passages:
        raise trouble or (
            AppError("These documents are scans, and their text is still being recognised.", _RECOGNISING)
            if result.unread
            else AppError("There is no readable text in these documents yet.", _NOTHING_TO_SEARCH)
        )
    sources = _sources(result.hits)
    if not result.relevant:
        yield _refuse(sources, clock, conversations, turn, result.unread)
        return
    yield SourcesFound(sources, result.unread)
    messages = answer_from(
        _to_read(sources, model),
        question,
        earlier,
        prompt_budget(context_of(engine, model, cancel), max_tokens),
        lambda texts: engine.count_tokens(model, texts, cancel),
    )
    answer = GrowingAnswer(conversations, turn, Record(sources, model=model.shown_name, unread=result.unread))
    with library.held():
        yield from answer.follow(engine.chat(model, messages, _SAMPLING, max_tokens, cancel), clock)
    yield _finish(answer, sources, model, clock, result.unread)


def check_question(question: str) -> None:
    """Raises `AppError` for an empty question and for one too long to be one."""
    if not question.strip():
        raise AppError("The question is empty.", "Type a question and try again.")
    if len(question) > _LONGEST_QUESTION:
        raise AppError(
            f"The question has {len(question):,} characters; at most {_LONGEST_QUESTION:,} can be asked at once.",
            "Shorten it, or save the long text as a file and ask about that.",
        )


def unread_words(files: int) -> str:
    """That some files are not wholly read yet, as a sentence; "" when all are."""
    if not files:
        return ""
    still = "1 file is" if files == 1 else f"{files:,} files are"
    return f"{still} still being read; the answer may be incomplete."


def label_of(source: Source) -> str:
    """Where a source stands, in words: "lease.pdf, page 3"."""
    return f"{Path(source.file).name}{place_words(source.place, source.cells)}"


def place_words(place: Place, cells: str = "") -> str:
    """ ", page 3", ", sheet “Costs”, A2:F9", or nothing for a document without places."""
    if place.kind in ("page", "slide"):
        return f", {place.kind} {place.number}"
    if place.kind == "sheet" or cells:
        sheet = f", sheet “{place.label}”" if place.label else ""
        return f"{sheet}, {cells}" if cells else sheet
    if place.kind == "document" or not place.label:
        return ""
    return f", {place.label}" if place.kind == "section" else f", {place.kind} {place.label}"


def _sources(hits: Sequence[Hit]) -> tuple[Source, ...]:
    best = max((hit.similarity for hit in hits), default=0.0)
    near = [hit for number, hit in enumerate(hits) if number == 0 or hit.similarity >= _NEAR_ENOUGH * best]
    return tuple(_source(number, hit) for number, hit in enumerate(near, start=1))


def _to_read(sources: Sequence[Source], model: ModelSpec) -> list[tuple[str, str]]:
    """Label and text of what the model answers from."""
    tiny = Path(model.file).stat().st_size < _TINY_MODEL
    labels = [
        f"{Path(each.file).name}{place_words(each.place)}" for each in sources
    ]  # cells tell a model nothing
    return [
        (label, each.quote if tiny else each.passage)
        for label, each in zip(labels, sources[:_PASSAGES_READ], strict=False)
    ]


def _source(number: int, hit: Hit) -> Source:
    """The quote is cut out of the passage itself, so it stands there word for word by construction."""
    if hit.evidence:
        start, end = hit.evidence[0].start, hit.evidence[0].end
    else:
        start, end = 0, len(hit.text)
    return Source(
        number=number,
        file=hit.file,
        place=hit.place,
        heading=hit.heading,
        quote=hit.text[start:end],
        start=hit.start + start,
        end=hit.start + end,
        score=hit.similarity,
        passage=hit.text,
        cells=hit.cells,
        quality=hit.quality,
    )


def _refuse(
    nearest: tuple[Source, ...], clock: Clock, conversations: Conversations | None, turn: Turn, unread: int
) -> NotInDocuments:
    timings = clock.timings()
    answer = GrowingAnswer(conversations, turn, Record(nearest, refused=True))
    answer.refuse(NOT_FOUND, Record(nearest, refused=True, timings=timings, unread=unread))
    return NotInDocuments(nearest, NOT_FOUND, timings, unread)


def _finish(
    answer: GrowingAnswer, sources: tuple[Source, ...], model: ModelSpec, clock: Clock, unread: int
) -> AnswerFinished:
    answer.text = citations.without_marks(answer.text).strip()
    claims = tuple(
        Claim(each.start, each.end, each.passages, supported=bool(each.passages))
        for each in citations.resolve(answer.text, [source.passage for source in sources])
    )
    name = model.shown_name
    timings = clock.timings()
    ending = answer.finish(Record(sources, claims, refused=False, model=name, timings=timings, unread=unread))
    return AnswerFinished(
        text=answer.text,
        state=ending,
        sources=sources,
        claims=claims,
        model=name,
        timings=timings,
        message_id=answer.message_id,
        unread=unread,
    )
