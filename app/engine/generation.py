"""Writing an answer: read what is new in the prompt, then draw, show and decode one token after another."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Literal

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.language_model import Aborted, LanguageModel, Sampler
from app.engine.prompt_lookup import DraftLength, Lookup
from app.engine.protocol import Generated, PromptProgress, Restoring, Sampling, TokenText
from app.engine.state_keeping import StateKeeper, shared_length
from app.engine.text_stream import TextStream

_LEAST_ANSWER = 16
_PROBED = 3  # tokens of a draft; with the one before it they fill a block of llama.cpp's packed kernels
_SHOWN_EVERY_S = 0.04  # each message wakes another process, which takes a core from the model's threads
_SLOW_TOKEN_S = 0.05  # below, watching for Stop inside a token costs more than it brings

Reason = Literal["end", "length", "stop"]
Reply = Restoring | PromptProgress | TokenText | Generated


class Writer:
    """Writes with one model and knows what its memory holds, so that the next turn reads only what is new.

    `threads` says how many threads to use now; it is asked before every step. `keeper` brings back from disk what was
    read before.
    """

    def __init__(
        self, model: LanguageModel, threads: Callable[[], int], keeper: StateKeeper | None = None
    ) -> None:
        self._model = model
        self._threads = threads
        self._threads_in_use = 0
        self._held: list[int] = []
        self._draft_length = DraftLength(model.longest_draft)
        self._drafts_exact: bool | None = None  # not known yet
        self._keeper = keeper
        self._may_keep = False

    def write(
        self,
        prompt: list[int],
        sampling: Sampling,
        max_tokens: int,
        cancel: CancelToken,
        *,
        era: str = "",
    ) -> Iterator[Reply]:
        """Continue `prompt` by up to `max_tokens`; ends with `Generated`. `era` as in `Chat`.

        Raises `AppError` when the prompt does not fit, and `Cancelled`; what was read by then stays read.
        """
        self._check_length(len(prompt), max_tokens)
        limit = min(max_tokens, self._model.context_length - len(prompt))
        started = time.monotonic()
        self._may_keep = bool(era)
        reused = yield from self._reuse(prompt[:-1], era, cancel)
        reading = time.monotonic()
        yield PromptProgress(reused, len(prompt), reused)
        yield from self._read(prompt, reused, cancel)
        stream, lookup = TextStream(sampling.stop), Lookup(self._draft_length)
        with closing(self._model.sampler(sampling)) as sampler:
            token = sampler.draw()
            first = time.monotonic()
            if self._keeper is not None:
                self._keeper.learn(len(prompt) - reused, first - reading)
            drawn = self._drawn(token, sampler, lookup, limit, cancel)
            count, reason = yield from self._shown(drawn, stream, limit)
        if rest := stream.rest():
            yield TokenText(rest)
        took = first - started, time.monotonic() - first
        yield Generated(
            reason, len(prompt), reused, count, *took,
            lookup.drafted, lookup.accepted, lookup.single, lookup.single_s,
        )  # fmt: skip

    def keep_state(self, cancel: CancelToken) -> None:
        """Put what was read and written on disk, where that is allowed and worth it: see `StateKeeper`. May take seconds;
        raises `Cancelled` soon.
        """
        if self._keeper is not None and self._may_keep:
            self._keeper.save(self._held, cancel)

    def hold(self, tokens: list[int], cancel: CancelToken) -> None:
        """Have these tokens in memory, and no others, for others to go on from; they are not kept on disk.

        Raises `AppError` and `Cancelled`.
        """
        self._may_keep = False
        for _ in self._read(tokens, self._cut(shared_length(self._held, tokens)), cancel):
            pass

    def forget(self) -> None:
        """Empty the memory."""
        self._cut(0)

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

    def _reuse(self, prompt: list[int], era: str, cancel: CancelToken) -> Generator[Restoring, None, int]:
        """Cut the memory back to what it shares with `prompt`, or fill it from disk; how many tokens that is.

        `prompt` comes without its last token, which is always read again, because the next one is drawn from it.
        """
        keeper = self._keeper if self._may_keep else None
        if keeper is not None and keeper.begins(era):
            self._cut(0)
        left = self._cut(shared_length(self._held, prompt))
        state = None if keeper is None else keeper.find(prompt, left, cancel)
        if keeper is None or state is None:
            return left
        yield Restoring()
        restored = keeper.load(state)
        if restored is None:
            return left
        self._held = list(restored)
        return self._cut(shared_length(restored, prompt))

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

    def _shown(
        self, drawn: Generator[int, None, None], stream: TextStream, limit: int
    ) -> Generator[TokenText, None, tuple[int, Reason]]:
        """Show the tokens drawn, the first one at once; returns how many there were and why they ended."""
        count, text, due = 0, "", 0.0
        reason: Reason = "end"
        with closing(drawn):
            while not self._model.ends(token := next(drawn)):
                count += 1
                text += stream.feed(self._model.piece(token))
                if stream.stopped or count >= limit:
                    reason = "stop" if stream.stopped else "length"
                    break
                if text and (now := time.monotonic()) >= due:
                    yield TokenText(text)
                    text, due = "", now + _SHOWN_EVERY_S
        if text:
            yield TokenText(text)
        return count, reason

    def _drawn(
        self, token: int, sampler: Sampler, lookup: Lookup, limit: int, cancel: CancelToken
    ) -> Generator[int, None, None]:
        """`token` and all that follow it, whether they end the answer or not: up to `limit`, then to be closed.

        The memory then holds what came before the last token asked for.
        """
        start, known, watched = len(self._held), len(self._held), False
        try:
            while True:
                yield token
                draft = self._draft(token, lookup, limit - 2 - (known - start), cancel)
                began = time.monotonic()
                self._decode([token, *draft], cancel, every=bool(draft))
                right, token = self._checked(draft, sampler)
                seconds = time.monotonic() - began
                lookup.took(draft, right, seconds)
                known += 1
                self._cut_to(known + right)
                for each in draft[:right]:
                    yield each
                    cancel.raise_if_cancelled()
                    known += 1
                if not watched and seconds > _SLOW_TOKEN_S:
                    self._model.watch(cancel)
                    watched = True
        finally:
            self._model.watch(None)
            if known < len(self._held):
                self._cut(known)

    def _draft(self, token: int, lookup: Lookup, room: int, cancel: CancelToken) -> list[int]:
        """What to decode after `token`, to be checked: nothing where that could change the answer."""
        longest = self._model.longest_draft
        if not longest or self._drafts_exact is False:
            return []
        self.look_at_threads()
        if not self._model.exact(len(self._held) + longest + 1):
            return []
        draft = lookup.draft(self._held, token, room)
        if draft and self._drafts_exact is None:
            if len(draft) < _PROBED:
                return []
            self._drafts_exact = self._alike([token, *draft], cancel)
            if not self._drafts_exact:
                return []
        return draft

    def _checked(self, draft: list[int], sampler: Sampler) -> tuple[int, int]:
        """How many tokens of `draft` would have been drawn anyway, and the one drawn after them."""
        if not draft:
            return 0, sampler.draw()
        for right, expected in enumerate(draft):
            token = sampler.draw(right)
            if token != expected or self._model.ends(token):
                return right, token
        return len(draft), sampler.draw(len(draft))

    def _alike(self, tokens: list[int], cancel: CancelToken) -> bool:
        """Whether tokens get the same scores to the last bit when they are read together and one by one. With some
        kernels they do not, and then a draft can tip the balance between two tokens that are about as likely.
        """
        held = len(self._held)
        self._decode(tokens, cancel, every=True)
        together = [self._model.scores(row) for row in range(_PROBED)]
        self._cut_to(held)
        alone = []
        for token in tokens[:_PROBED]:
            self._decode([token], cancel, every=True)
            alone.append(self._model.scores(-1))
        self._cut_to(held)
        return together == alone

    def _cut_to(self, count: int) -> None:
        if count < len(self._held) and self._cut(count) != count:
            raise AppError("The model lost what it had read.", "Ask again.")

    def _decode(self, tokens: list[int], cancel: CancelToken, *, every: bool = False) -> None:
        cancel.raise_if_cancelled()
        if not every:  # whether a draft is exact was decided with the threads in use
            self.look_at_threads()
        try:
            self._model.decode(tokens, every=every)
        except Aborted:
            self._cut(len(self._held))
            raise Cancelled from None
        except AppError:
            self._cut(0)
            raise
        self._held += tokens

    def look_at_threads(self) -> None:
        """Let the model compute with as many threads as are free now."""
        threads = self._threads()
        if threads != self._threads_in_use:
            self._model.use_threads(threads)
            self._threads_in_use = threads
