"""Answers the engine's requests, with one model held from one request to the next."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.at_once import AtOnce
from app.engine.chat_template import ChatTemplate, Piece
from app.engine.generation import Writer
from app.engine.kept_states import KeptStates
from app.engine.language_model import LanguageModel, NoRoom, OpenModel
from app.engine.many_writing import ManyWriter, Wanted
from app.engine.protocol import (
    Chat,
    ChatMany,
    Complete,
    CountTokens,
    Load,
    Loaded,
    LoadProgress,
    ModelSpec,
    Prompt,
    Step,
    TokenCounts,
)
from app.engine.state_keeping import StateKeeper
from app.engine.telling import told_by
from app.engine.threads import ThreadCount
from app.hardware.probe import physical_cores
from app.models.gguf import GgufFacts, read_facts


@dataclass(frozen=True, slots=True)
class _Held:
    """The model in memory; `key` changes with the request's wishes and with the file."""

    key: tuple[object, ...]
    facts: GgufFacts
    model: LanguageModel
    template: ChatTemplate
    writer: Writer
    many: ManyWriter
    threads: Callable[[], int]
    seconds: float
    steps: tuple[Step, ...]


class Session:
    """Holds at most one model, loaded by `open_model` when a request asks for another than the held one.

    `states`: where what models read is kept, if it is. `others_wait`: whether there are requests after this one.
    """

    def __init__(
        self,
        open_model: OpenModel,
        states: KeptStates | None = None,
        others_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        self._open_model = open_model
        self._states = states
        self._others_wait = others_wait
        self._free_threads = ThreadCount(physical_cores(), os.cpu_count() or 1)
        self._held: _Held | None = None

    def handle(self, request: Any, cancel: CancelToken) -> Iterator[Any]:
        """The replies to one request, with `Loaded` first where the model had to be loaded. Raises `AppError` and `Cancelled`."""
        before = self._held
        held = yield from self._hold(request.model, cancel)
        self._free_threads.begin()
        if held is not before or isinstance(request, Load):
            yield _describe(held)
        match request:
            case Chat():
                pieces = held.template.render(request.messages)
                prompt = prompt_tokens(held.model, pieces)
                yield from held.writer.write(
                    prompt, request.sampling, request.max_tokens, cancel, era=request.era
                )
            case ChatMany():
                wanted = [_wanted(held, each) for each in request.prompts]
                yield from held.many.write(wanted, cancel, self._others_wait)
            case Complete():
                prompt = prompt_tokens(held.model, [Piece(request.prompt, special=False)])
                yield from held.writer.write(prompt, request.sampling, request.max_tokens, cancel)
            case CountTokens():
                counts = [len(held.model.tokens(text, special=False)) for text in request.texts]
                yield TokenCounts(tuple(counts))

    def keep_state(self, cancel: CancelToken) -> None:
        """Put what the model has read last on disk. Takes up to seconds: for when nobody waits. Raises `Cancelled` soon."""
        if self._held is not None:
            self._held.writer.keep_state(cancel)

    def _hold(self, spec: ModelSpec, cancel: CancelToken) -> Generator[LoadProgress, None, _Held]:
        key = _key(spec)
        if self._held is not None and self._held.key == key:
            return self._held
        started = time.monotonic()
        asked = spec
        spec, files, facts, model = yield from self._open_fitting(asked, cancel)
        threads = (lambda: spec.threads) if spec.threads > 0 else self._free_threads.look
        template = ChatTemplate(facts.chat_template, model.bos, model.eos, model.control_tokens)
        writer = Writer(model, threads, self._keeper(spec, files, model))
        seconds = time.monotonic() - started
        steps = (*_steps_to(asked, spec, facts), *model.steps)
        many = ManyWriter(model, writer, AtOnce(model.sequences))
        self._held = _Held(key, facts, model, template, writer, many, threads, seconds, steps)
        return self._held

    def _keeper(self, spec: ModelSpec, files: tuple[object, ...], model: LanguageModel) -> StateKeeper | None:
        """States belong to the files as they were loaded, and to how the model computes with them."""
        if self._states is None:
            return None
        facts = (spec.file, spec.adapters, files, model.plan.kv_type, model.slice_length)
        return StateKeeper(self._states, self._states.key(facts), model)

    def _drop(self) -> None:
        """Two models are never in memory together."""
        held, self._held = self._held, None
        if held is not None:
            held.model.close()

    def _open_fitting(
        self, spec: ModelSpec, cancel: CancelToken
    ) -> Generator[LoadProgress, None, tuple[ModelSpec, tuple[object, ...], GgufFacts, LanguageModel]]:
        """The model, or where memory does not suffice the next smaller one of the same that does load; the model itself
        where its tuned copy is damaged. With how it was loaded, its files as they were before that, and its facts.
        """
        for _ in range(spec.kills - 1):  # once it is tried again with a smaller plan
            spec = _next_smaller(spec)
        while True:
            try:
                files, facts = _key(spec)[1:], _writing_facts(spec)
                self._drop()
                wanted = replace(spec, context_length=min(spec.context_length, facts.context_length))
                return spec, files, facts, (yield from self._open(facts, wanted, cancel))
            except NoRoom:
                if not spec.smaller:
                    raise
                spec = _next_smaller(spec)
            except AppError:
                if not spec.original:
                    raise
                spec = replace(spec, file=spec.original, original="")

    def _open(
        self, facts: GgufFacts, spec: ModelSpec, cancel: CancelToken
    ) -> Generator[LoadProgress, None, LanguageModel]:
        """Load in a second thread, so that the progress told meanwhile can be passed on."""

        def load(tell: Callable[[LoadProgress], None]) -> LanguageModel:
            return self._open_model(facts, spec, tell, cancel)

        return (yield from told_by(load, "load"))


def _key(spec: ModelSpec) -> tuple[object, ...]:
    """A file that was replaced is another model, or another adapter."""
    states = []
    for file in (spec.file, *(adapter for adapter, _ in spec.adapters)):
        with suppress(OSError):
            state = Path(file).stat()
            states.append((state.st_size, state.st_mtime_ns))
    return (spec, *states)


def _writing_facts(spec: ModelSpec) -> GgufFacts:
    """Raises `AppError` for a file that is no model which writes."""
    facts = read_facts(Path(spec.file))
    if not facts.can_write:
        raise AppError(
            f"“{facts.name}” only turns text into numbers for searching, so it cannot write answers.",
            "Choose a chat model.",
        )
    return facts


def _next_smaller(spec: ModelSpec) -> ModelSpec:
    """The same model with fewer bits a weight; itself when there is none."""
    if not spec.smaller:
        return spec
    (file, name), *rest = spec.smaller
    return replace(spec, file=file, name=name, smaller=tuple(rest), original="")


def _steps_to(asked: ModelSpec, taken: ModelSpec, facts: GgufFacts) -> Iterator[Step]:
    if taken.file not in (asked.file, asked.original) or taken.shown_name != asked.shown_name:
        yield Step("model", asked.shown_name, taken.shown_name)
    if facts.context_length < asked.context_length:
        yield Step("training", str(asked.context_length), str(facts.context_length))


def _describe(held: _Held) -> Loaded:
    return Loaded(
        name=held.facts.name,
        architecture=held.facts.architecture,
        context_length=held.model.context_length,
        train_context=held.facts.context_length,
        can_chat=held.facts.chat_template is not None,
        threads=held.threads(),
        seconds=held.seconds,
        kv_type=held.model.plan.kv_type,
        gpu_layers=held.model.plan.gpu_layers,
        steps=held.steps,
    )


def _wanted(held: _Held, prompt: Prompt) -> Wanted:
    tokens = prompt_tokens(held.model, held.template.render(prompt.messages))
    return Wanted(tokens, prompt.sampling, prompt.max_tokens)


def prompt_tokens(model: LanguageModel, pieces: Sequence[Piece]) -> list[int]:
    """Tokens of all pieces, with the model's first token in front unless the template wrote it."""
    tokens = [token for piece in pieces for token in model.tokens(piece.text, special=piece.special)]
    if model.first is not None and tokens[:1] != [model.first]:
        tokens.insert(0, model.first)
    return tokens
