"""Messages to prompt, by the template the model was trained with.

The template comes from the model file, so it is untrusted code: it runs in Jinja's sandbox, with a limit
on time and on the length of what it writes. The environment is the one of the transformers library, which
is what templates are written for. Control tokens inside messages (a document may contain “<|im_end|>”) are
kept as plain text: the prompt comes in pieces that say which may hold control tokens.
"""

import json
import re
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.base.errors import AppError
from app.engine.protocol import Message

_SECONDS = 3.0
_MAX_GROWTH = 1_000_000  # characters a template may add to the messages
_MAX_NUMBER = 1 << 20
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"  # private-use characters around control tokens found in messages
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")

# Models that can think aloud first are asked not to; templates without these switches ignore them.
_NO_THINKING = {"enable_thinking": False, "thinking": False}


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a prompt. Without `special` nothing in it may become a control token."""

    text: str
    special: bool


class ChatTemplate:
    """One model's template. `source` None: the model has none, and `render` says so.

    `bos`, `eos`: the texts of these tokens; `control_tokens`: the texts that must not act inside messages.
    """

    def __init__(self, source: str | None, bos: str, eos: str, control_tokens: Sequence[str] = ()) -> None:
        self._source = source
        self._special_tokens = {"bos_token": bos, "eos_token": eos}
        self._compiled: Template | None = None
        longest_first = sorted((each for each in control_tokens if len(each) > 2), key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def render(self, messages: Sequence[Message]) -> list[Piece]:
        """The prompt that asks for the next answer.

        A system message goes into the first question where the template has no place for it. Raises
        `AppError` when there is no template or it cannot be used.
        """
        if self._source is None:
            raise AppError(
                "This model has no chat template, so it cannot hold a conversation.",
                "Choose a model made for chatting, or let this one continue a text: “alcove chat --continue”.",
            )
        turns = [{"role": each.role, "content": self._marked(each.content)} for each in messages]
        folded = _system_folded(turns)
        try:
            prompt = self._run(turns)
            if folded == turns or _has_system(prompt, turns):
                return _pieces(prompt)
        except AppError:
            if folded == turns:
                raise
        return _pieces(self._run(folded))

    def _run(self, turns: list[dict[str, str]]) -> str:
        room = sum(len(turn["content"]) for turn in turns) + _MAX_GROWTH
        written: list[str] = []
        try:
            with _deadline(_SECONDS):
                if self._compiled is None:
                    self._compiled = _Environment().from_string(self._source or "")
                for text in self._compiled.generate(
                    messages=turns, tools=None, documents=None, add_generation_prompt=True,
                    **_NO_THINKING, **self._special_tokens,
                ):  # fmt: skip
                    written.append(text)
                    room -= len(text)
                    if room < 0:
                        raise _TooMuch("it writes without end")
        except Exception as error:  # a template can fail in any way a program can
            raise _refused(error) from error
        return "".join(written)

    def _marked(self, content: str) -> str:
        return self._control.sub(rf"{_OPEN}\g<0>{_CLOSE}", _MARKS.sub("", content))


class _TooMuch(SecurityError):
    """The template wants more time or room than any honest one."""


class _Generation(Extension):
    """`{% generation %}` marks the model's own words for training; here its body is just written."""

    tags = {"generation"}  # noqa: RUF012 (declared so by Jinja)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox as transformers sets it up, with limits where one expression could take all memory."""

    intercepted_binops = frozenset(["*", "**"])

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols])
        self.filters["tojson"] = _to_json
        self.globals.update(raise_exception=_raise_exception, strftime_now=_strftime_now)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Repeating a text or raising a number must not fill the memory."""
        numbers = [abs(each) for each in (left, right) if isinstance(each, int)]
        lengths = [len(each) for each in (left, right) if isinstance(each, (str, list, tuple))]
        if max(numbers, default=0) * max(lengths, default=1) > _MAX_NUMBER:
            raise _TooMuch("it computes with huge numbers")
        if operator == "**" and isinstance(right, int) and right > 64:
            raise _TooMuch("it computes with huge numbers")
        return super().call_binop(context, operator, left, right)


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Interrupt Python code that runs too long in this thread, at its next line."""
    end = time.monotonic() + seconds
    before = sys.gettrace()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > end:
            raise _TooMuch("it does not come to an end")
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def _system_folded(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same turns with the system messages put before the first question."""
    systems = [turn["content"] for turn in turns if turn["role"] == "system"]
    others = [turn for turn in turns if turn["role"] != "system"]
    for number, turn in enumerate(others):
        if systems and turn["role"] == "user":
            content = "\n\n".join([*systems, turn["content"]])
            return [*others[:number], {"role": "user", "content": content}, *others[number + 1 :]]
    return turns


def _has_system(prompt: str, turns: list[dict[str, str]]) -> bool:
    """Some templates drop system messages without a word."""
    return all(turn["content"].strip() in prompt for turn in turns if turn["role"] == "system")


def _pieces(prompt: str) -> list[Piece]:
    """Split at the marks; marks that lost their partner only separate."""
    pieces: list[Piece] = []
    special = True
    for part in re.split(f"({_MARKS.pattern})", prompt):
        if _MARKS.fullmatch(part):
            special = part == _CLOSE
        elif part:
            pieces.append(Piece(part, special))
    return pieces


def _refused(error: Exception) -> AppError:
    """A sentence for the person; what the template itself says is shown short and without control characters."""
    reason = error.message if isinstance(error, TemplateError) and error.message else type(error).__name__
    shown = "".join(each for each in reason if unicodedata.category(each)[0] != "C")[:200]
    return AppError(
        f"The chat template of this model cannot be used ({shown}).", "Choose another model for chatting."
    )


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def _raise_exception(message: str) -> None:
    raise TemplateError(str(message))


def _strftime_now(form: str) -> str:
    return datetime.now().strftime(form)
