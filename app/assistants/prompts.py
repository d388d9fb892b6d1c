"""What the model is told.

Instructions and passages come first and stay the same byte for byte, so that a second question over the
same passages finds them already read; the question comes last.
"""

from collections.abc import Callable, Sequence
from functools import cache

from app.base.errors import AppError
from app.base.paths import resource
from app.engine.protocol import Message

# Tokens a chat template puts around one message, with room to spare.
_TEMPLATE_TOKENS = 12
_LEAST_PASSAGE_TOKENS = 32
_FREED = 4  # a quarter of the budget
CountTokens = Callable[[Sequence[str]], Sequence[int]]


@cache
def instructions(name: str) -> str:
    """The text of `resources/prompts/NAME.txt`."""
    return resource("prompts", f"{name}.txt").read_text(encoding="utf-8").strip()


def answer_from(
    passages: Sequence[tuple[str, str]],
    question: str,
    budget: int,
    count: CountTokens,
    *,
    telling: str = "",
) -> tuple[Message, ...]:
    """The messages that ask `question` over `passages` (label and text each, best first).

    As many passages as fit into `budget` tokens are used, at least a part of the first. `telling`: the sentence of them
    that seems to answer. Raises `AppError` when the question leaves no room for that.
    """
    system = instructions("ask")
    asked = f"The passages say: “{telling}”\n\nQuestion: {question}" if telling else f"Question: {question}"
    texts = labelled(passages)
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
    body = "Passages:\n\n" + "\n\n".join(chosen) + f"\n\n{asked}\nAnswer:"
    return (Message("system", system), Message("user", body))


def fit(passages: Sequence[tuple[str, str]], question: str, budget: int, count: CountTokens) -> bool:
    """Whether `answer_from` would use all of these passages, whole, with room for a telling sentence."""
    sizes = count([instructions("ask") + question, *labelled(passages)])
    return sum(sizes) + (3 + len(passages)) * _TEMPLATE_TOKENS + 2 * _LEAST_PASSAGE_TOKENS <= budget


def labelled(passages: Sequence[tuple[str, str]]) -> list[str]:
    """Each passage below its number and its label."""
    return [f"[{number}] {label}\n{text}" for number, (label, text) in enumerate(passages, start=1)]


def phrase_from(question: str, exact: str, sentence: str) -> tuple[Message, ...]:
    """The messages that ask for one sentence which answers `question` with the words `exact` out of `sentence`."""
    body = f"Sentence: {sentence}\nQuestion: {question}\nExact answer: {exact}\nAnswer in one sentence:"
    return (Message("system", instructions("ask_phrase")), Message("user", body))


def revised_from(asked: Sequence[Message], answer: str, unsupported: Sequence[str]) -> tuple[Message, ...]:
    """The same messages once more, with the answer they got and the sentences of it that the passages do not say."""
    listed = "\n".join(f"“{each}”" for each in unsupported)
    again = f"The passages do not say this:\n{listed}\nAnswer the question again, only with what the passages say."
    return (*asked, Message("assistant", answer), Message("user", again))


def follow_up_from(earlier: Sequence[str], exact: str, question: str) -> tuple[Message, ...]:
    """The messages that ask for `question` in words that can be understood without the `earlier` ones."""
    said = "\n".join(f"Question: {each}" for each in earlier)
    answered = f"\nAnswer: {exact}" if exact else ""
    body = f"{said}{answered}\nLast question: {question}\nRewritten question:"
    return (Message("system", instructions("ask_follow_up")), Message("user", body))


def chat_messages(
    history: Sequence[Message], question: str, budget: int, count: CountTokens
) -> tuple[tuple[Message, ...], int]:
    """The conversation so far and the new question, within `budget` tokens.

    Whole turns are left out from the oldest on; the second value says how many messages were. When the budget is
    exceeded, so many go that a quarter of it is free again: what is left then begins alike for several questions, and
    need not be read again for each.
    """
    messages = [Message("system", instructions("chat")), *history, Message("user", question)]
    sizes = [size + _TEMPLATE_TOKENS for size in count([each.content for each in messages])]
    questions = [number for number, each in enumerate(messages) if each.role == "user"]
    first = 1
    for asked in questions:  # as it was when each was asked, so that the same turns are left out again
        room = budget - sizes[0]
        if sum(sizes[first : asked + 1]) > room:
            room -= budget // _FREED
            later = (each for each in questions if first < each <= asked)
            first = next((each for each in later if sum(sizes[each : asked + 1]) <= room), asked)
    return (messages[0], *messages[first:]), first - 1
