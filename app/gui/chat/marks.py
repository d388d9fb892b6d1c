"""The marks in a finished answer: what each stands for, and where it leads."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from app.assistants.events import Claim, Source
from app.gui.chat.content import Answer
from app.gui.chat.passages import where

_LONGEST = 200  # characters of a quote in a tip


def source_of(answer: Answer, number: int, claim: int) -> Source | None:
    """Source `number` at the words that say sentence `claim` (-1: of no sentence); None when there is no such source."""
    source = next((each for each in answer.sources if each.number == number), None)
    said = _claim(answer, claim)
    return source if source is None or said is None else _at_quote(source, said)


def tip_of(answer: Answer, number: int, claim: int) -> str:
    """What a mark stands for: the words of source `number`; of an unsupported sentence (0) what of it is in none."""
    if number:
        source = source_of(answer, number, claim)
        return "" if source is None else f"{where(source)}\n“{source.quote.strip()[:_LONGEST]}”"
    said = _claim(answer, claim)
    if said is None or not said.missing:
        return QCoreApplication.translate("Answer", "Not found in your documents")
    words = QCoreApplication.translate("Answer", "Not found in your documents: {missing}")
    return words.format(missing=", ".join(said.missing))


def _claim(answer: Answer, number: int) -> Claim | None:
    return answer.claims[number] if 0 <= number < len(answer.claims) else None


def _at_quote(source: Source, claim: Claim) -> Source:
    for quote in claim.quotes:
        first, last = quote.start - source.passage_start, quote.end - source.passage_start
        if quote.source == source.number and 0 <= first < last <= len(source.passage):
            return replace(source, quote=source.passage[first:last], start=quote.start, end=quote.end)
    return source
