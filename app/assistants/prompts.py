"""What the model is told.

Instructions and passages come first and stay the same byte for byte, so that a second question over the
same passages finds them already read; the question comes last.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache

from app.base.errors import AppError
from app.base.paths import resource
from app.engine.protocol import Message

# Tokens a chat template puts around one message, with room to spare.
_TEMPLATE_TOKENS = 12
_LEAST_PASSAGE_TOKENS = 32
_FOLLOW_UP = re.compile(
    r"\b(it|its|they|them|their|this|that|these|those|he|she|him|her|his|hers|there|then|one|ones)\b"
    r"|^(and|or|but|what about|how about|why|also|so)\b",
    re.IGNORECASE,
)
_FEW_WORDS = 4

CountTokens = Callable[[Sequence[str]], Sequence[int]]


@cache
def instructions(name: str) -> str:
    """The text of `resources/prompts/NAME.txt`."""
    return resource("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def needs_context(question: str) -> bool:
    """Whether a question seems to lean on the one before it ("And how long does it last?")."""
    return len(question.split()) <= _FEW_WORDS or _FOLLOW_UP.search(question) is not None


def search_query(question: str, earlier: Sequence[str]) -> str:
    """What to search for: the question, with the one before it when it leans on it."""
    if earlier and needs_context(question):
        return f"{earlier[-1]} {question}"
    return question


def answer_from(
    passages: Sequence[tuple[str, str]],
    question: str,
    earlier: Sequence[str],
    budget: int,
    count: CountTokens,
) -> tuple[Message, ...]:
    """The messages that ask `question` over `passages` (label and text each, best first).

    As many passages as fit into `budget` tokens are used, at least a part of the first. Raises `AppError`
    when the question leaves no room for that.
    """
    system = instructions("ask")
    asked = question
    if earlier and needs_context(question):
        asked = f"(Asked before: {earlier[-1]})\n{question}"
    texts = [f"[{number}] {label}\n{text}" for number, (label, text) in enumerate(passages, start=1)]
    fixed, *sizes = count([system + asked, *texts])
    left = budget - fixed - 3 * _TEMPLATE_TOKENS
    if left < _LEAST_PASSAGE_TOKENS:
        raise AppError(
            "The question is too long for the model to look at the documents as well.",
            "Shorten it, or choose a model or a context length that holds more.",
        )
    chosen: list[str] = []
    for text, size in zip(texts, sizes, strict=True):
        if size > left:
            if not chosen:
                chosen.append(text[: max(1, len(text) * left // size)])
            break
        chosen.append(text)
        left -= size
    body = "Passages:\n\n" + "\n\n".join(chosen) + f"\n\nQuestion: {asked}\nAnswer:"
    return (Message("system", system), Message("user", body))


def chat_messages(
    history: Sequence[Message], question: str, budget: int, count: CountTokens
) -> tuple[tuple[Message, ...], int]:
    """The conversation so far and the new question, within `budget` tokens.

    Whole turns are left out from the oldest on; the second value says how many messages were.
    """
    messages = [Message("system", instructions("chat")), *history, Message("user", question)]
    sizes = [size + _TEMPLATE_TOKENS for size in count([each.content for each in messages])]
    first = 1
    while first < len(messages) - 1 and sizes[0] + sum(sizes[first:]) > budget:
        first += 1
        while first < len(messages) - 1 and messages[first].role != "user":
            first += 1
    return (messages[0], *messages[first:]), first - 1
