"""Plain conversation with the model, without documents."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.assistants.answering import Clock, GrowingAnswer
from app.assistants.ask import check_question
from app.assistants.events import AnswerFinished, Event
from app.assistants.prompts import chat_messages
from app.assistants.records import Record
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import Message, ModelSpec, Sampling
from app.storage.conversations import Conversations

_SAMPLING = Sampling(temperature=0.3)


def chat(
    question: str,
    *,
    conversation: int | None,
    history: Sequence[Message] = (),
    engine: Engine,
    model: ModelSpec,
    conversations: Conversations | None,
    cancel: CancelToken,
    max_tokens: int,
) -> Iterator[Event]:
    """Answer within a conversation; ends with `AnswerFinished`.

    With a `conversation` its saved turns are the history, and the question and the growing answer are
    saved there; without one `history` is. Oldest turns that no longer fit are left out. Raises `AppError`.
    """
    clock = Clock()
    check_question(question)
    if conversations is not None and conversation is not None:
        history = _saved_turns(conversations, conversation)
        conversations.add_question(conversation, question)
    messages, forgotten = chat_messages(
        history,
        question,
        model.context_length - max_tokens,
        lambda texts: engine.count_tokens(model, texts, cancel),
    )
    name = Path(model.file).stem
    answer = GrowingAnswer(conversations, conversation, Record(model=name, forgotten=forgotten))
    yield from answer.follow(engine.chat(model, messages, _SAMPLING, max_tokens, cancel), clock)
    timings = clock.timings()
    answer.text = answer.text.strip()
    ending = answer.finish(Record(model=name, timings=timings, forgotten=forgotten))
    yield AnswerFinished(answer.text, ending, (), (), name, timings, answer.message_id)


def _saved_turns(conversations: Conversations, conversation: int) -> list[Message]:
    """Questions with their answers; a question that got none is left out, since templates want turns to alternate."""
    turns: list[Message] = []
    for each in conversations.messages(conversation):
        if turns and turns[-1].role == each.role:
            turns.pop()
        if each.text and (turns or each.role == "user"):
            turns.append(Message(each.role, each.text))
    if turns and turns[-1].role == "user":
        turns.pop()
    return turns
