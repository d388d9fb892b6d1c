"""What every use case that generates an answer shares: time keeping, and saving while it grows."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from app.assistants.events import Event, Reading, Revising, Timings, TokenAdded
from app.assistants.records import Record, write_record
from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import Generated, Loaded, Message, ModelSpec, PromptProgress, Sampling, TokenText
from app.storage.conversations import Conversations, MessageState, StoredMessage

_SAVE_EVERY_S = 1.0
T = TypeVar("T")


@dataclass(slots=True)
class Clock:
    """Seconds since the question was asked."""

    started: float = field(default_factory=time.monotonic)
    search_s: float = 0.0
    first_token_s: float = 0.0
    generated: Generated | None = None
    pieces: int = 0

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def timings(self) -> Timings:
        """A stopped answer has no report from the engine; its pieces are counted instead."""
        done = self.generated
        total = self.elapsed()
        tokens = done.tokens if done else self.pieces
        writing_s = done.generate_s if done else total - self.first_token_s
        # the first token belongs to reading the prompt
        speed = (tokens - 1) / writing_s if tokens > 1 and writing_s > 0 else 0.0
        return Timings(
            search_s=round(self.search_s, 3),
            first_token_s=round(self.first_token_s, 3),
            total_s=round(total, 3),
            tokens=tokens,
            tokens_per_s=round(speed, 1),
            prompt_tokens=done.prompt_tokens if done else 0,
            reused_tokens=done.reused_tokens if done else 0,
        )


@dataclass(slots=True)
class Turn:
    """Where a question belongs. `instead_of`: the earlier question (its id) whose answer is to be replaced."""

    question: str
    conversation: int | None
    instead_of: int | None = None
    question_id: int | None = None

    def before(self, conversations: Conversations | None) -> list[StoredMessage]:
        """What was said before this question, oldest first."""
        if conversations is None or self.conversation is None:
            return []
        messages = conversations.messages(self.conversation)
        return [each for each in messages if self.instead_of is None or each.id < self.instead_of]

    def save_question(self, conversations: Conversations | None) -> None:
        """Nothing happens when it is saved already, or is asked outside a conversation."""
        if conversations is not None and self.conversation is not None and self.question_id is None:
            self.question_id = conversations.add_question(self.conversation, self.question).id


def context_of(engine: Engine, model: ModelSpec, cancel: CancelToken) -> int:
    """Tokens the model really looks at: its training or the memory may allow less than was asked for."""
    for reply in engine.load(model, cancel):
        if isinstance(reply, Loaded):
            return reply.context_length
    return model.context_length


def prompt_budget(context_length: int, max_tokens: int) -> int:
    """Tokens left for the prompt; the answer never takes more than half of the context."""
    return context_length - min(max_tokens, context_length // 2)


@dataclass(frozen=True, slots=True)
class Writer:
    """A model at work for one answer of at most `max_tokens`."""

    engine: Engine
    model: ModelSpec
    cancel: CancelToken
    max_tokens: int

    def write(
        self, messages: Sequence[Message], sampling: Sampling, most: int | None = None
    ) -> Iterator[Any]:
        """The engine's replies; `most`: tokens, where fewer suffice."""
        tokens = self.max_tokens if most is None else min(most, self.max_tokens)
        return self.engine.chat(self.model, tuple(messages), sampling, tokens, self.cancel)

    def count(self, texts: Sequence[str]) -> Sequence[int]:
        """Tokens of each text. Loads the model."""
        return self.engine.count_tokens(self.model, texts, self.cancel)

    def budget(self) -> int:
        """Tokens left for the prompt. Loads the model."""
        return prompt_budget(context_of(self.engine, self.model, self.cancel), self.max_tokens)


class GrowingAnswer:
    """Follows the engine's stream and keeps what was written safe, whatever ends it.

    After `follow` ended, `text` is the answer and `state` how it ended; `finish` saves it for good.
    """

    def __init__(self, conversations: Conversations | None, turn: Turn, record: Record) -> None:
        self.text = ""
        self.state: MessageState = "writing"
        self.message_id: int | None = None
        self._conversations = conversations
        self._turn = turn
        conversation = turn.conversation
        if conversations is not None and conversation is not None:
            turn.save_question(conversations)
            self.message_id = conversations.begin_answer(conversation)
            conversations.save_answer(self.message_id, "", "writing", write_record(record))

    def follow(self, stream: Iterator[Any], clock: Clock) -> Iterator[Event]:
        """Turn the engine's replies into events. A stop ends the stream; an error is raised after saving."""
        yield from self._follow(stream, clock, shown=True)
        if self.state == "stopped":
            self._settle()

    def draft(self, stream: Iterator[Any], clock: Clock) -> Generator[Event, None, str]:
        """Follow the stream without showing its words, which are to be checked first; returns them.

        A stop ends the stream as in `follow`; what was shown before stays the answer.
        """
        return (yield from self._follow(stream, clock, shown=False))

    def keeping(
        self, writing: Generator[Event, None, T], known_of: Callable[[str], Record]
    ) -> Generator[Event, None, T]:
        """Pass on the events of `writing`. Where the answer is tried once more, the words there are by then are saved first,
        with what is known of them (`known_of`): they are what stays if the second try is broken off, even by a kill.
        """
        try:
            while True:
                event = next(writing)
                if isinstance(event, Revising):
                    self._save("writing", known_of(self.text))
                yield event
        except StopIteration as ended:
            return ended.value  # type: ignore[no-any-return]
        except GeneratorExit:
            writing.close()
            if self.state == "complete":  # between two tries, where no stream is followed that would save it
                self.state = "stopped"
                self._save("stopped", None)
                self._settle()
            raise

    def say(self, text: str, clock: Clock) -> Iterator[Event]:
        """Show words that were checked."""
        if not self.text:
            clock.first_token_s = clock.elapsed()
        self.text += text
        yield TokenAdded(text)

    def _follow(self, stream: Iterator[Any], clock: Clock, *, shown: bool) -> Generator[Event, None, str]:
        saved = time.monotonic()
        self.state = "failed"
        words: list[str] = []
        try:
            for reply in stream:
                if isinstance(reply, TokenText):
                    clock.pieces += 1
                    words.append(reply.text)
                    if shown:
                        yield from self.say(reply.text, clock)
                elif isinstance(reply, PromptProgress):
                    yield Reading(reply)
                elif isinstance(reply, Generated):
                    clock.generated = reply
                if time.monotonic() - saved > _SAVE_EVERY_S:
                    self._save("writing", None)
                    saved = time.monotonic()
            self.state = "complete"
        except Cancelled:
            self.state = "stopped"
        except GeneratorExit:
            self.state = "stopped"
            self._save(self.state, None)
            self._settle()
            raise
        finally:
            self._save(self.state if self.state != "complete" else "writing", None)
            if self.state == "failed":
                self._settle()
        return "".join(words)

    def finish(self, record: Record) -> Literal["complete", "stopped"]:
        """Save the answer for good; returns how it ended."""
        ending: Literal["complete", "stopped"] = "stopped" if self.state == "stopped" else "complete"
        self._save(ending, record)
        self._settle()
        return ending

    def refuse(self, text: str, record: Record) -> None:
        """Save that nothing was generated, and what was said instead."""
        self.text, self.state = text, "refused"
        self._save("refused", record)
        self._settle()

    def _settle(self) -> None:
        """An answer that replaces another one takes its place once it holds words; until then the old one stays."""
        replaced, saved = self._turn.instead_of, self._turn.question_id
        if self._conversations is None or replaced is None or saved is None:
            return
        self._conversations.drop_turn(replaced if self.text else saved)

    def _save(self, state: MessageState, record: Record | None) -> None:
        if self._conversations is not None and self.message_id is not None:
            details = None if record is None else write_record(record)
            self._conversations.save_answer(self.message_id, self.text, state, details)
