"""Writing an answer: read what is new in the prompt, then draw, show and decode one token after another."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Literal

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.language_model import Aborted, LanguageModel, Sampler
from app.engine.protocol import Generated, PromptProgress, Sampling, TokenText
from app.engine.text_stream import TextStream

_LEAST_ANSWER = 16
_SLOW_TOKEN_S = 0.05  # below, watching for Stop inside a token costs more than it brings

Reason = Literal["end", "length", "stop"]
Reply = PromptProgress | TokenText | Generated


class Writer:
    """Writes with one model and knows what its memory holds, so that the next turn reads only what is new.

    `threads` says how many threads to use now; it is asked before every step.
    """

    def __init__(self, model: LanguageModel, threads: Callable[[], int]) -> None:
        self._model = model
        self._threads = threads
        self._threads_in_use = 0
        self._held: list[int] = []

    def write(
        self, prompt: list[int], sampling: Sampling, max_tokens: int, cancel: CancelToken
    ) -> Iterator[Reply]:
        """Continue `prompt` by up to `max_tokens`; ends with `Generated`.

        Raises `AppError` when the prompt does not fit, and `Cancelled`; what was read by then stays read.
        """
        self._check_length(len(prompt), max_tokens)
        limit = min(max_tokens, self._model.context_length - len(prompt))
        started = time.monotonic()
        reused = self._reuse(prompt)
        yield PromptProgress(reused, len(prompt), reused)
        yield from self._read(prompt, reused, cancel)
        stream = TextStream(sampling.stop)
        with closing(self._model.sampler(sampling)) as sampler:
            token = sampler.draw()
            first = time.monotonic()
            count, reason = yield from self._tokens(token, sampler, stream, limit, cancel)
        if rest := stream.rest():
            yield TokenText(rest)
        ended = time.monotonic()
        yield Generated(reason, len(prompt), reused, count, first - started, ended - first)

    def _check_length(self, tokens: int, max_tokens: int) -> None:
        """Room for the answer is kept free, though never more than half of the context."""
        context = self._model.context_length
        room = context - max(_LEAST_ANSWER, min(max_tokens, context // 2))
        if tokens > room:
            raise AppError(
                f"The question with all that goes with it has {tokens} tokens, but only {room} fit.",
                "Shorten it, or raise the context length in Settings.",
            )
        if tokens == 0:
            raise AppError("There is nothing to continue.", "Write something first.")

    def _reuse(self, prompt: list[int]) -> int:
        """Cut the memory back to what it shares with `prompt`; how many tokens that is.

        The last token is always read again, because the next one is drawn from it.
        """
        shared = 0
        for old, new in zip(self._held, prompt[:-1], strict=False):
            if old != new:
                break
            shared += 1
        return self._cut(shared)

    def _cut(self, count: int) -> int:
        left = self._model.keep(count)
        del self._held[left:]
        return left

    def _read(self, prompt: list[int], reused: int, cancel: CancelToken) -> Iterator[PromptProgress]:
        self._model.watch(cancel)
        try:
            for start in range(reused, len(prompt), self._model.slice_length):
                part = prompt[start : start + self._model.slice_length]
                self._decode(part, cancel)
                yield PromptProgress(start + len(part), len(prompt), reused)
        finally:
            self._model.watch(None)

    def _tokens(
        self, token: int, sampler: Sampler, stream: TextStream, limit: int, cancel: CancelToken
    ) -> Generator[TokenText, None, tuple[int, Reason]]:
        """Show tokens from `token` on; returns how many there were and why they ended."""
        model, count, watched = self._model, 0, False
        try:
            while not model.ends(token):
                count += 1
                if text := stream.feed(model.piece(token)):
                    yield TokenText(text)
                if stream.stopped:
                    return count, "stop"
                if count >= limit:
                    return count, "length"
                began = time.monotonic()
                self._decode([token], cancel)
                token = sampler.draw()
                if not watched and time.monotonic() - began > _SLOW_TOKEN_S:
                    model.watch(cancel)
                    watched = True
            return count, "end"
        finally:
            model.watch(None)

    def _decode(self, tokens: list[int], cancel: CancelToken) -> None:
        cancel.raise_if_cancelled()
        threads = self._threads()
        if threads != self._threads_in_use:
            self._model.use_threads(threads)
            self._threads_in_use = threads
        try:
            self._model.decode(tokens)
        except Aborted:
            self._cut(len(self._held))
            raise Cancelled from None
        except AppError:
            self._cut(0)
            raise
        self._held += tokens
