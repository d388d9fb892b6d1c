"""The answers being written, at most one in each conversation, whichever conversation is shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from app.assistants.ask_each.events import EachEvent, RowFound
from app.assistants.events import AnswerRevised, Event, Lead, Source, SourcesFound, TokenAdded
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.jobs import Job, Jobs


@dataclass(frozen=True, slots=True)
class Request:
    """A question and where it is asked.

    `scope` names a collection; "" is plain chat. `after` is the last message before the question.
    `instead_of` is the question (its id) that is asked again; its answer stays until the new one has words.
    `each`: every document is asked by itself, and the answer is a table. `anyway`: it is answered however unsure that is.
    """

    conversation: int
    question: str
    scope: str
    after: int = 0
    instead_of: int | None = None
    each: bool = False
    anyway: bool = False


Answerer = Callable[[Request, CancelToken], Iterator[Event | EachEvent]]


@dataclass(eq=False, slots=True)
class LiveAnswer:
    """What has arrived of an answer so far, for a transcript that is opened in the middle of it."""

    request: Request
    text: str = ""
    sources: tuple[Source, ...] = ()
    lead: Lead | None = None
    unread: int = 0
    latest: Event | EachEvent | None = None
    rows: list[RowFound] = field(default_factory=list)
    job: Job | None = None

    def take(self, event: Event | EachEvent) -> None:
        self.latest = event
        if isinstance(event, RowFound):
            self.rows.append(event)
        if isinstance(event, TokenAdded):
            self.text += event.text
        elif isinstance(event, AnswerRevised):
            self.text = event.text
        elif isinstance(event, SourcesFound):
            self.sources, self.unread, self.lead = event.sources, event.unread, event.lead


class Answers(QObject):
    """Starts, follows and stops answers."""

    arrived = Signal(int, object)
    """An event of the answer in this conversation."""

    ended = Signal(object, object)
    """A `LiveAnswer` that ended, and the `AppError` that ended it or None."""

    def __init__(self, answerer: Answerer, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answerer = answerer
        self._jobs = jobs
        self._live: dict[int, LiveAnswer] = {}

    def live(self, conversation: int | None) -> LiveAnswer | None:
        return None if conversation is None else self._live.get(conversation)

    def running(self) -> set[int]:
        """Conversations with an answer under way."""
        return set(self._live)

    def start(self, request: Request) -> None:
        """Ask. A conversation that is answering already must be stopped first."""
        live = LiveAnswer(request)
        self._live[request.conversation] = live
        live.job = self._jobs.run(
            lambda token: self._answerer(request, token),
            on_event=lambda event: self._take(live, event),
            on_done=lambda: self._end(live, None),
            on_error=lambda error: self._end(live, error),
            on_stopped=lambda: self._end(live, None),
            owner=self,
        )

    def stop(self, conversation: int | None) -> None:
        """What was written so far is kept."""
        live = self.live(conversation)
        if live is not None and live.job is not None:
            live.job.stop()

    def forget(self, conversation: int) -> None:
        """Stop, and tell nobody: the conversation is being deleted."""
        self.stop(conversation)
        self._live.pop(conversation, None)

    def _take(self, live: LiveAnswer, event: Event | EachEvent) -> None:
        if self._live.get(live.request.conversation) is not live:
            return
        live.take(event)
        self.arrived.emit(live.request.conversation, event)

    def _end(self, live: LiveAnswer, error: AppError | None) -> None:
        if self._live.get(live.request.conversation) is live:
            del self._live[live.request.conversation]
            self.ended.emit(live, error)


def answerer_of(backend: Backend) -> Answerer:
    """The use cases as one function: over documents, each document by itself, or plain chat without a scope."""

    def answer(request: Request, cancel: CancelToken) -> Iterator[Event | EachEvent]:
        from app.assistants.ask import ask
        from app.assistants.chat import chat
        from app.engine.choose import model_to_use

        settings = backend.settings.current
        if request.each:
            yield from _ask_each(backend, request, cancel)
            return
        model = model_to_use(settings, backend.paths)
        if not request.scope:
            yield from chat(
                request.question,
                conversation=request.conversation,
                library=backend.library,
                engine=backend.engine,
                model=model,
                conversations=backend.conversations,
                cancel=cancel,
                max_tokens=settings.max_answer_tokens,
                instead_of=request.instead_of,
            )
            return
        yield from ask(
            request.question,
            conversation=request.conversation,
            folders=_folders_of(backend, request.scope),
            library=backend.library,
            engine=backend.engine,
            model=model,
            conversations=backend.conversations,
            cancel=cancel,
            max_tokens=settings.max_answer_tokens,
            instead_of=request.instead_of,
            caution=0 if request.anyway else settings.caution,
        )

    return answer


def _ask_each(backend: Backend, request: Request, cancel: CancelToken) -> Iterator[EachEvent]:
    from app.assistants.ask_each.ask_each import ask_each

    return ask_each(
        request.question,
        folders=_folders_of(backend, request.scope),
        library=backend.library,
        cancel=cancel,
        caution=backend.settings.current.caution,
        conversation=request.conversation,
        conversations=backend.conversations,
        instead_of=request.instead_of,
    )


def _folders_of(backend: Backend, scope: str) -> tuple[str, ...]:
    """Never empty: an empty list would mean every document there is."""
    collection = backend.collections.get(scope)
    if collection is None:
        raise AppError(f"The collection “{scope}” is gone.", "Choose another one below the question.")
    if not collection.folders:
        raise AppError(f"“{scope}” holds no folders yet.", "Add one in the library, then ask again.")
    return collection.folders
