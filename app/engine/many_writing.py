"""Writing several answers at once: the weights are read once for one token of each, which is what a token mostly costs.

The words are not always those that each prompt gets alone: kernels for several tokens may round differently, and the order
in which the cells of a shared memory are added up depends on what else is in it. Two tokens that are about as likely can
then change places. So this is for jobs, not for what promises the same answer to the same question.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.at_once import AtOnce
from app.engine.generation import Reason, Writer
from app.engine.language_model import Aborted, LanguageModel, Place, Sampler
from app.engine.protocol import Answered, Generated, Sampling, TokenText, Unanswered
from app.engine.state_keeping import shared_length
from app.engine.text_stream import TextStream

_SLOW_STEP_S = 0.05  # below, watching for Stop inside a step costs more than it brings

Waiting = deque[tuple[int, "Wanted"]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer to the tokens `prompt`."""

    prompt: list[int]
    sampling: Sampling
    max_tokens: int


class ManyWriter:
    """Writes with the model of `writer`, in whose memory only what all prompts begin with is left afterwards.

    `at_once` decides how many are written at once; it learns how fast that is.
    """

    def __init__(self, model: LanguageModel, writer: Writer, at_once: AtOnce) -> None:
        self._model = model
        self._writer = writer
        self._at_once = at_once

    def write(
        self, prompts: Sequence[Wanted], cancel: CancelToken, others_wait: Callable[[], bool]
    ) -> Iterator[Answered | Unanswered]:
        """The answers as they are finished. Once others wait, and one is written, no other prompt is begun: what is left
        then gets no reply. Raises `Cancelled`.
        """
        waiting: Waiting = deque(enumerate(prompts))
        while waiting:
            before, broken = len(waiting), []
            if self._at_once.choice() > 1 and self._fit(waiting):
                together = _Together(self._model, self._writer, self._at_once, waiting, others_wait)
                yield from together.write(cancel)
                broken = together.broken()
            alone = broken if len(waiting) < before else [waiting.popleft()]
            for number, wanted in alone:
                yield self._alone(number, wanted, cancel)
            if others_wait():
                return

    def _fit(self, waiting: Waiting) -> bool:
        """Whether the first two can be written at once."""
        if len(waiting) < 2:
            return False
        prefix = shared(waiting)
        needed = sum(_needed(wanted, prefix) for _, wanted in list(waiting)[:2])
        return prefix + needed <= self._model.context_length

    def _alone(self, number: int, wanted: Wanted, cancel: CancelToken) -> Answered | Unanswered:
        text = ""
        try:
            for reply in self._writer.write(wanted.prompt, wanted.sampling, wanted.max_tokens, cancel):
                if isinstance(reply, TokenText):
                    text += reply.text
                elif isinstance(reply, Generated):
                    self._at_once.read(1, reply.prompt_tokens - reply.reused_tokens, reply.prompt_s)
                    self._at_once.wrote(1, reply.tokens - 1, reply.generate_s)
                    return Answered(number, text, reply)
        except AppError as error:
            return Unanswered(number, error.what, error.remedy)
        raise AssertionError("an answer ends with a report")


@dataclass(slots=True)
class _Answer:
    """One that is being written: `token` is drawn and to be decoded at `position` of `sequence`, which has `room`."""

    number: int
    wanted: Wanted
    sequence: int
    sampler: Sampler
    stream: TextStream
    room: int
    position: int
    prompt_s: float = 0.0
    began: float = 0.0
    token: int = -1
    count: int = 0
    text: str = ""
    reason: Reason | None = None


class _Together:
    """One run in which prompts are begun while others are written; `waiting` is emptied from the left."""

    def __init__(
        self,
        model: LanguageModel,
        writer: Writer,
        at_once: AtOnce,
        waiting: Waiting,
        others_wait: Callable[[], bool],
    ) -> None:
        self._model = model
        self._writer = writer
        self._at_once = at_once
        self._waiting = waiting
        self._others_wait = others_wait
        self._prefix = shared(waiting)
        self._live: list[_Answer] = []
        self._free = list(range(model.sequences, 0, -1))
        self._answered = 0
        self._watched = False

    def broken(self) -> list[tuple[int, Wanted]]:
        """What was begun and not finished, because the model could not go on with all of them."""
        return [(each.number, each.wanted) for each in self._live]

    def write(self, cancel: CancelToken) -> Iterator[Answered]:
        """Until nothing waits, or nothing more may be begun, or one at a time is faster. Raises `Cancelled`."""
        failed = False
        try:
            self._writer.hold(self._waiting[0][1].prompt[: self._prefix], cancel)
            while True:
                self._begin(cancel)
                if not self._live:
                    return
                self._step(cancel)
                yield from self._finished()
        except Aborted:
            raise Cancelled from None
        except AppError:
            failed = True
        finally:
            self._model.watch(None)
            for each in self._live:
                self._leave(each)
            if failed:
                self._writer.forget()

    def _begin(self, cancel: CancelToken) -> None:
        """Begin to write what waits, as far as there is room; a prompt that is being read gives way to others."""
        while self._waiting and len(self._live) < self._at_once.choice() > 1:
            number, wanted = self._waiting[0]
            if not self._fits(wanted) or self._gives_way(len(self._live)):
                return
            answer = self._answer(number, wanted)
            self._live.append(answer)
            self._waiting.popleft()
            if not self._read(answer, cancel):
                self._live.remove(answer)
                self._leave(answer)
                self._waiting.appendleft((number, wanted))
                return

    def _gives_way(self, live: int) -> bool:
        """One answer is always written, so that the job gets on however many others come. `live`: those being written."""
        return live + self._answered > 0 and self._others_wait()

    def _fits(self, wanted: Wanted) -> bool:
        taken = self._prefix + sum(each.room for each in self._live)
        return taken + _needed(wanted, self._prefix) <= self._model.context_length

    def _answer(self, number: int, wanted: Wanted) -> _Answer:
        return _Answer(
            number, wanted, self._free.pop(), self._model.sampler(wanted.sampling), TextStream(wanted.sampling.stop),
            _needed(wanted, self._prefix), self._prefix,
        )  # fmt: skip

    def _read(self, answer: _Answer, cancel: CancelToken) -> bool:
        """The rest of its prompt, and the first token; whether it came to that, because no others wait."""
        started = time.monotonic()
        self._model.share(answer.sequence)
        self._model.watch(cancel)
        prompt, step = answer.wanted.prompt, self._model.slice_length
        for start in range(self._prefix, len(prompt), step):
            part = prompt[start : start + step]
            last = len(prompt) - 1
            places = [
                Place(answer.sequence, at, token, drawn=at == last) for at, token in enumerate(part, start)
            ]
            self._decode(places, cancel)
            if start + step < len(prompt) and self._gives_way(len(self._live) - 1):
                return False
        answer.position = len(prompt)
        self._drawn(answer, answer.sampler.draw())
        answer.began = time.monotonic()
        answer.prompt_s = answer.began - started
        self._at_once.read(self._at_once.choice(), len(prompt) - self._prefix, answer.prompt_s)
        if not self._watched:
            self._model.watch(None)
        return True

    def _step(self, cancel: CancelToken) -> None:
        """One token more of each."""
        live = [each for each in self._live if each.reason is None]
        if not live:
            return
        began = time.monotonic()
        self._decode([Place(each.sequence, each.position, each.token, drawn=True) for each in live], cancel)
        for row, each in enumerate(live):
            each.position += 1
            self._drawn(each, each.sampler.draw(row))
        seconds = time.monotonic() - began
        if len(live) > 1:  # one alone would draft, so this says nothing about it
            self._at_once.wrote(len(live), len(live), seconds)
        if not self._watched and seconds > _SLOW_STEP_S:
            self._model.watch(cancel)
            self._watched = True

    def _drawn(self, answer: _Answer, token: int) -> None:
        answer.token = token
        if self._model.ends(token):
            answer.reason = "end"
            return
        answer.count += 1
        answer.text += answer.stream.feed(self._model.piece(token))
        if answer.stream.stopped:
            answer.reason = "stop"
        elif answer.count >= answer.wanted.max_tokens:
            answer.reason = "length"

    def _finished(self) -> Iterator[Answered]:
        """Those that have ended give their places to others."""
        for each in [each for each in self._live if each.reason is not None]:
            self._live.remove(each)
            self._leave(each)
            self._answered += 1
            yield Answered(each.number, each.text + each.stream.rest(), self._report(each))

    def _report(self, answer: _Answer) -> Generated:
        assert answer.reason is not None
        writing_s = time.monotonic() - answer.began
        tokens = len(answer.wanted.prompt)
        return Generated(answer.reason, tokens, self._prefix, answer.count, answer.prompt_s, writing_s)

    def _leave(self, answer: _Answer) -> None:
        self._model.drop(answer.sequence)
        answer.sampler.close()
        self._free.append(answer.sequence)

    def _decode(self, places: Sequence[Place], cancel: CancelToken) -> None:
        cancel.raise_if_cancelled()
        self._writer.look_at_threads()
        self._model.decode_at(places)


def shared(waiting: Waiting) -> int:
    """How many tokens all of the prompts begin with; the last one of each is always read by itself."""
    first = waiting[0][1].prompt
    return min(shared_length(first, wanted.prompt[:-1]) for _, wanted in waiting)


def _needed(wanted: Wanted, prefix: int) -> int:
    """Tokens of memory that it takes beside the prefix."""
    return len(wanted.prompt) - prefix + wanted.max_tokens
