"""Continue a text: what models without a chat template can still do."""

from collections.abc import Iterator

from app.assistants.answering import Clock, GrowingAnswer, Turn
from app.assistants.events import AnswerFinished, Event
from app.assistants.questions import check_question
from app.assistants.records import Record
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import ModelSpec, Sampling

_SAMPLING = Sampling(temperature=0.3)


def complete(
    text: str, *, engine: Engine, model: ModelSpec, cancel: CancelToken, max_tokens: int
) -> Iterator[Event]:
    """Write on from `text`; ends with `AnswerFinished`. Nothing is saved. Raises `AppError`."""
    clock = Clock()
    check_question(text)
    name = model.shown_name
    answer = GrowingAnswer(None, Turn(text, None), Record(model=name))
    yield from answer.follow(engine.complete(model, text, _SAMPLING, max_tokens, cancel), clock)
    timings = clock.timings()
    ending = answer.finish(Record(model=name, timings=timings))
    yield AnswerFinished(answer.text, ending, (), (), name, timings, None)
