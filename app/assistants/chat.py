"""Plain conversation with the model, without documents."""

from collections.abc import Iterable, Iterator, Sequence

from app.assistants.answering import Clock, GrowingAnswer, Turn, context_of, prompt_budget
from app.assistants.events import AnswerFinished, Event
from app.assistants.prompts import chat_messages
from app.assistants.questions import check_question
from app.assistants.records import Record
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import Message, ModelSpec, Role, Sampling
from app.retrieval.client import Library
from app.storage.conversations import Conversations

_SAMPLING = Sampling(temperature=0.3)


def chat(
    question: str,
    *,
    conversation: int | None,
    history: Sequence[Message] = (),
    library: Library,
    engine: Engine,
    model: ModelSpec,
    conversations: Conversations | None,
    cancel: CancelToken,
    max_tokens: int,
    instead_of: int | None = None,
) -> Iterator[Event]:
    """Answer within a conversation; ends with `AnswerFinished`.

    With a `conversation` its saved turns are the history, and the question and the growing answer are
    saved there; without one `history` is. `instead_of` is the question (its id) whose answer the new one
    replaces. Oldest turns that no longer fit are left out. `library` waits meanwhile. Raises `AppError`.
    """
    clock = Clock()
    check_question(question)
    turn = Turn(question, conversation, instead_of)
    if conversations is not None and conversation is not None:
        history = whole_turns((each.role, each.text) for each in turn.before(conversations))
    if instead_of is None:
        turn.save_question(conversations)
    budget = prompt_budget(context_of(engine, model, cancel), max_tokens)
    messages, forgotten = chat_messages(
        history, question, budget, lambda texts: engine.count_tokens(model, texts, cancel)
    )
    name = engine.shown_name(model)
    answer = GrowingAnswer(conversations, turn, Record(model=name, forgotten=forgotten))
    with library.held():
        yield from answer.follow(engine.chat(model, messages, _SAMPLING, max_tokens, cancel), clock)
    timings = clock.timings()
    answer.text = answer.text.strip()
    ending = answer.finish(Record(model=name, timings=timings, forgotten=forgotten))
    yield AnswerFinished(answer.text, ending, (), (), name, timings, answer.message_id, forgotten=forgotten)


def whole_turns(said: Iterable[tuple[Role, str]]) -> list[Message]:
    """Questions with their answers, of the role and the text of each message.

    A question that got no answer is left out, since templates want turns to alternate.
    """
    turns: list[Message] = []
    for role, text in said:
        if turns and turns[-1].role == role:
            turns.pop()
        if text and (turns or role == "user"):
            turns.append(Message(role, text))
    if turns and turns[-1].role == "user":
        turns.pop()
    return turns
