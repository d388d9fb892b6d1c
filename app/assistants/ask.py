"""Ask a question over documents: search first, show the sources, then let the model answer, and compare what it says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from app.assistants.answering import Clock, GrowingAnswer, Turn, Writer
from app.assistants.events import AnswerFinished, Claim, Event, NotInDocuments, SourcesFound
from app.assistants.follow_ups import Earlier, earlier_of, is_search, rewritten
from app.assistants.material import Material, material_for
from app.assistants.places import is_tiny
from app.assistants.prompts import answer_from
from app.assistants.questions import check_question
from app.assistants.records import Record
from app.assistants.refreshing import refresh_documents
from app.assistants.sources import sentence_of, sources_of
from app.assistants.verifying import Verified, Verifier
from app.assistants.wording import answered, phrased
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import CAUTION
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.retrieval.client import Library
from app.retrieval.protocol import NO_LIMITS, FileLimits, SearchResult
from app.storage.conversations import Conversations

_SOURCES = 5
_PATIENCE_S = 20.0  # for reading and embedding what is new; an answer says when it could not wait for all
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
    caution: int = CAUTION,
) -> Iterator[Event]:
    """Answer `question` from the documents below `folders` and within `limits`; ends with `AnswerFinished` or `NotInDocuments`.

    With a `conversation` the question and the growing answer are saved there; `instead_of` is the question
    (its id) whose answer the new one replaces. `max_tokens` bounds the answer. `caution`: how sure Alcove must be to
    answer, as in `Search`. Raises `AppError` and, before the first word, `Cancelled`; a later stop ends with what is there.
    """
    clock = Clock()
    check_question(question)
    turn = Turn(question, conversation, instead_of)
    earlier = earlier_of(turn.before(conversations))
    if instead_of is None:
        turn.save_question(conversations)
    engine.warm_up(model)
    writer, tiny = Writer(engine, model, cancel, max_tokens), is_tiny(model)
    search = partial(
        _search,
        library=library, cancel=cancel, clock=clock, folders=folders, limits=limits, caution=caution,
    )  # fmt: skip
    trouble = None
    if refresh:
        trouble = yield from refresh_documents(
            library, folders, cancel, patience_s=_PATIENCE_S, enough=lambda: bool(search(question).passages)
        )
    asked, found = _searched(question, earlier, None if tiny else writer, search)
    if not found.passages:
        raise trouble or _nothing_to_search(found)
    sources, lead = sources_of(found)
    if not found.relevant:
        yield _refuse(
            Record(sources, refused=True, unread=found.unread, asked=asked), clock, conversations, turn
        )
        return
    yield SourcesFound(sources, found.unread, lead)
    record = Record(sources, model=model.shown_name, unread=found.unread, lead=lead, asked=asked)
    telling = "" if lead is None else sentence_of(sources[0], lead)
    material = material_for(asked, found, sources, folders, library, writer)
    verifier = Verifier(asked, material.evidence, lead)
    if lead is not None and tiny:
        answer = GrowingAnswer(conversations, turn, record)
        with library.held():
            verified = yield from phrased(asked, lead, telling, writer, verifier, answer, clock)
    else:
        messages = answer_from(material.shown, asked, writer.budget(), writer.count, telling=telling)
        answer = GrowingAnswer(conversations, turn, record)
        with library.held():
            writing = answered(messages, writer, verifier, answer, clock, tiny=tiny)
            verified = yield from answer.keeping(
                writing, lambda text: _known(record, material, verifier.claims(text))
            )
    record = replace(record, model=engine.shown_name(model))  # loaded by now
    yield _finish(answer, verified, material, record, clock)


def _searched(
    question: str, earlier: Sequence[Earlier], writer: Writer | None, search: Callable[[str], SearchResult]
) -> tuple[str, SearchResult]:
    """The question as it was searched for, and what was found. A few words that the documents answer stand by themselves."""
    if earlier and is_search(question) and (found := search(question)).relevant:
        return question, found
    asked = rewritten(question, earlier, writer)
    return asked, search(asked)


def _search(
    question: str,
    *,
    library: Library,
    cancel: CancelToken,
    clock: Clock,
    folders: Sequence[str],
    limits: FileLimits,
    caution: int,
) -> SearchResult:
    asked = clock.elapsed()
    found = library.search(
        question, cancel, k=_SOURCES, folders=folders, evidence=True, limits=limits, caution=caution
    )
    clock.search_s += clock.elapsed() - asked
    return found


def _nothing_to_search(found: SearchResult) -> AppError:
    if found.unread:
        return AppError("These documents are scans, and their text is still being recognised.", _RECOGNISING)
    return AppError("There is no readable text in these documents yet.", _NOTHING_TO_SEARCH)


def _refuse(record: Record, clock: Clock, conversations: Conversations | None, turn: Turn) -> NotInDocuments:
    timings = clock.timings()
    GrowingAnswer(conversations, turn, record).refuse(NOT_FOUND, replace(record, timings=timings))
    return NotInDocuments(record.sources, NOT_FOUND, timings, record.unread)


def _known(record: Record, material: Material, claims: Sequence[Claim]) -> Record:
    """`record` with what was found to support an answer."""
    sources, numbered = material.cited(record.sources, claims)
    return replace(record, sources=sources, claims=numbered)


def _finish(
    answer: GrowingAnswer, verified: Verified, material: Material, record: Record, clock: Clock
) -> AnswerFinished:
    """`record`: what is known before the answer is."""
    answer.text = verified.text
    known, timings = _known(record, material, verified.claims), clock.timings()
    ending = answer.finish(replace(known, timings=timings))
    return AnswerFinished(
        text=answer.text,
        state=ending,
        sources=known.sources,
        claims=known.claims,
        model=record.model,
        timings=timings,
        message_id=answer.message_id,
        unread=record.unread,
        lead=record.lead,
    )
