"""What the model is told when it summarises. The instructions stay the same byte for byte; the material follows."""

from collections.abc import Mapping, Sequence

from app.assistants.prompts import instructions
from app.assistants.summarize.events import Point, Style, Wish
from app.assistants.summarize.material import one_line
from app.base.languages import language_name
from app.engine.protocol import Message
from app.retrieval.protocol import DocumentPassage

VERSION = 1  # raise it when a prompt changes: stored parts were made by the one before

_TASKS: dict[Style, str] = {
    "brief": "Write at most {count} sentences that together give the gist.",
    "bullets": "Write the {count} most important points.",
    "sections": "Write the {count} most important points of this section.",
    "minutes": (
        "These are from the minutes of a meeting. Write up to {count} lines. Begin each with “Decision:” for what was"
        " decided, “Action:” for what somebody is to do (who, what, by when), or “Point:” for anything else important."
    ),
    "plain": "Write the {count} most important points in short everyday words that a twelve-year-old understands.",
}


_LONGEST_QUOTE = 240  # characters of the document shown with a point that is merged


def map_messages(passages: Sequence[DocumentPassage], wish: Wish, count: int) -> tuple[Message, ...]:
    """Asks for `count` points of these passages, which are numbered from 1: the same passages make the same question
    wherever they stand in the document."""
    shown = "\n\n".join(f"[{number}]{passage_text(each)}" for number, each in enumerate(passages, start=1))
    return _messages(f"Passages:\n\n{shown}", wish, count)


def merge_messages(
    points: Sequence[Point], numbers: Mapping[int, int], wish: Wish, count: int
) -> tuple[Message, ...]:
    """Asks for the `count` most important of many points. Each is shown with the sentences of the document it rests
    on: merging summaries alone multiplies what was invented (Context-Aware Hierarchical Merging, arXiv 2502.00977).

    `numbers`: what the model sees for the number of each passage.
    """
    shown = "\n\n".join(point_text(each, numbers) for each in points)
    return _messages(
        f"Points from the parts of one document, each with the words of the document it rests on:\n\n{shown}",
        wish,
        count,
        merging=True,
    )


def passage_text(passage: DocumentPassage) -> str:
    """A passage as it is shown behind its number."""
    heading = f" ({passage.heading})" if passage.heading else ""
    return f"{heading}\n{passage.text}"


def point_text(point: Point, numbers: Mapping[int, int]) -> str:
    """A point as it is shown to be merged."""
    label = f"{point.kind.capitalize()}: " if point.kind != "point" else ""
    quotes = [(numbers.get(each.number, 0), one_line(each.quote)) for each in point.sources[:2]]
    evidence = "\n".join(f"  [{number}] “{_shortened(quote)}”" for number, quote in quotes)
    return f"- {label}{point.text}\n{evidence}"


def _shortened(quote: str) -> str:
    return quote if len(quote) <= _LONGEST_QUOTE else quote[:_LONGEST_QUOTE].rpartition(" ")[0] + "…"


def _messages(material: str, wish: Wish, count: int, *, merging: bool = False) -> tuple[Message, ...]:
    task = _TASKS[wish.style].format(count=count)
    asks = [task, "Join what says the same." if merging else ""]
    if wish.language:
        asks.append(f"Write in {language_name(wish.language)}.")
    if wish.instruction.strip():
        asks.append(wish.instruction.strip())
    asks.append("End each line with its passage numbers, for example [3].")
    body = f"{material}\n\n{' '.join(each for each in asks if each)}"
    return (Message("system", instructions("summarize")), Message("user", body))
