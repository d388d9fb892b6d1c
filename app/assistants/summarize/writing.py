"""Asking the model for a part of a summary, once: what it wrote is kept and not asked for again."""

import hashlib
import json
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.assistants.summarize.events import SummaryProgress
from app.assistants.summarize.prompts import VERSION
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import Generated, Message, ModelSpec, Sampling, TokenText
from app.retrieval.client import Library
from app.storage.summary_parts import SummaryParts

_SAMPLING = Sampling(temperature=0.0, repeat_penalty=1.05)
# A small model that was not held to its task can do better with another draw.
_SECOND_TRY = Sampling(temperature=0.4, repeat_penalty=1.1, seed=2)


@dataclass
class Calls:
    """How many calls of the model are done and planned; `spent` seconds went into those that really ran."""

    planned: int = 0
    done: int = 0
    asked: int = 0
    spent: float = field(default=0.0)

    def progress(self) -> SummaryProgress:
        left = (self.planned - self.done) * self.spent / self.asked if self.asked else None
        return SummaryProgress(self.done, self.planned, None if left is None else round(left, 1))


@dataclass
class Writer:
    """The model, and everything that one summary shares."""

    engine: Engine
    model: ModelSpec
    library: Library
    parts: SummaryParts
    cancel: CancelToken
    calls: Calls = field(default_factory=Calls)

    def ask(
        self, messages: Sequence[Message], max_tokens: int, *, again: bool = False
    ) -> Generator[SummaryProgress, None, str]:
        """What the model writes, from the parts kept where it was asked the same before.

        `again`: a second try of the same. Indexing waits meanwhile. Raises `AppError` and `Cancelled`.
        """
        key = self._key(messages, max_tokens, again=again)
        known = self.parts.get(key)
        if known is None:
            started = time.monotonic()
            known = self._generate(messages, max_tokens, _SECOND_TRY if again else _SAMPLING)
            self.calls.asked += 1
            self.calls.spent += time.monotonic() - started
            if known.strip():
                self.parts.put(key, known)
        self.calls.done += 1
        self.calls.planned = max(self.calls.planned, self.calls.done)
        yield self.calls.progress()
        return known

    def _generate(self, messages: Sequence[Message], max_tokens: int, sampling: Sampling) -> str:
        text, cut = "", False
        with self.library.held():
            for reply in self.engine.chat(self.model, messages, sampling, max_tokens, self.cancel):
                if isinstance(reply, TokenText):
                    text += reply.text
                elif isinstance(reply, Generated):
                    cut = reply.reason == "length"
        self.cancel.raise_if_cancelled()  # half an answer is not kept as a whole one
        return text.rpartition("\n")[0] if cut else text  # nor half a line

    def _key(self, messages: Sequence[Message], max_tokens: int, *, again: bool) -> str:
        """The messages hold the passages and the wish; the rest is what else decides about the answer."""
        file = Path(self.model.file)
        state = file.stat()
        who = (file.name, state.st_size, state.st_mtime_ns, self.model.adapters, VERSION, max_tokens, again)
        what = [who, [(each.role, each.content) for each in messages]]
        return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()
