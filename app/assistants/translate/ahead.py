"""Answers of the chat model that will be asked for soon, several written at once."""

from collections.abc import Generator, Sequence
from contextlib import closing

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import Answered, Message, ModelSpec, Prompt, Unanswered


class AnswersAhead:
    """Holds the answers until they are taken, each once. One that fails is not there, so that asking for it tells why."""

    def __init__(self, engine: Engine, model: ModelSpec) -> None:
        self._engine = engine
        self._model = model
        self._places: dict[tuple[Message, ...], int] = {}
        self._answers: dict[int, Answered | Unanswered] = {}
        self._replies: Generator[Answered | Unanswered, None, None] | None = None

    def begin(self, prompts: Sequence[Prompt], cancel: CancelToken) -> None:
        """Instead of what was begun before; the model starts with the first `take`."""
        self.close()
        different = list({each.messages: each for each in prompts}.values())
        if len(different) > 1:
            self._places = {each.messages: place for place, each in enumerate(different)}
            self._replies = self._written(different, cancel)

    def take(self, messages: tuple[Message, ...]) -> Answered | None:
        """The answer to these, once it is written; None when they were not asked or failed. Raises `Cancelled`."""
        place = self._places.pop(messages, None)
        if place is None:
            return None
        while place not in self._answers and self._replies is not None:
            reply = next(self._replies, None)
            if reply is None:
                self._replies = None
            else:
                self._answers[reply.number] = reply
        found = self._answers.pop(place, None)
        return found if isinstance(found, Answered) else None

    def close(self) -> None:
        """The engine stops with what is not taken."""
        replies, self._replies = self._replies, None
        self._places.clear()
        self._answers.clear()
        if replies is not None:
            replies.close()

    def _written(
        self, prompts: Sequence[Prompt], cancel: CancelToken
    ) -> Generator[Answered | Unanswered, None, None]:
        try:
            with closing(self._engine.chat_many(self._model, prompts, cancel)) as replies:
                for reply in replies:
                    if isinstance(reply, Answered | Unanswered):
                        yield reply
        except AppError:
            return  # whoever asks for one of them alone is told
