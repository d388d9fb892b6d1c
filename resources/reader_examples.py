"""What the reader is trained on: SQuAD, passages that search confuses with the right one, and questions made up here.

Everything is cut into passages as the library cuts documents, so the reader sees in training what it sees in use.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from altered_questions import opposite, other_name
from cloze_questions import cloze_questions
from made_up_records import record_questions

from app.documents.chunking import chunk
from app.documents.document import Block, Document, Place, PlaceText
from app.retrieval.embedding import Embedder
from app.retrieval.file_reading import PASSAGE_TOKENS

HELD_OUT = ("1973_oil_crisis", "Plymouth", "Normans")
"""Articles of train.json that no reader is trained on: thresholds are set on them."""

_CONFUSED = 8  # nearest passages of which one without the answer is taken
_CONFUSIONS = 6_000
_CLOZE = 3_000
_RECORDS = 4_000
_OTHER_NAMES = 4_000
_OPPOSITES = 5_000
_UNANSWERED = 3  # times, for there are few


@dataclass(frozen=True, slots=True)
class Example:
    """`passage[start:end]` answers the question; nothing does where both are 0."""

    question: str
    passage: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of SQuAD, the passages of its paragraph and where in which of them the answers stand."""

    question: str
    passages: tuple[str, ...]
    found: tuple[tuple[int, int, int], ...]  # (number of the passage, start, end)
    answers: tuple[str, ...]


def squad_questions(file: Path, embedder: Embedder) -> dict[str, list[Asked]]:
    """The questions of SQuAD 1.1 or 2.0, by the title of their article."""
    articles = json.loads(file.read_text(encoding="utf-8"))["data"]
    return {
        article["title"]: [
            asked for paragraph in article["paragraphs"] for asked in _of_paragraph(paragraph, embedder)
        ]
        for article in articles
    }


def examples(asked: Sequence[Asked], embedder: Embedder, seed: int) -> list[Example]:
    """All of it, shuffled; the same for the same seed."""
    chance = random.Random(seed)
    passages = sorted({passage for each in asked for passage in each.passages})
    found = [
        *_of_squad(asked),
        *_confused(asked, passages, embedder, chance),
        *_altered(asked, chance),
        *(Example(*each) for each in cloze_questions(passages, _CLOZE, chance)),
        *(Example(*each) for each in record_questions(_RECORDS, chance)),
    ]
    chance.shuffle(found)
    return found


def _of_paragraph(paragraph: dict, embedder: Embedder) -> Iterator[Asked]:  # type: ignore[type-arg]
    text = paragraph["context"]
    place = PlaceText(Place("document", 1), text, (Block("text", 0, 0, len(text)),))
    spans = [
        (each.start, each.end)
        for each in chunk(Document("text/plain", "", (place,)), embedder.count_tokens, PASSAGE_TOKENS)
    ]
    for qa in paragraph["qas"]:
        found = []
        for answer in qa["answers"]:
            first = answer["answer_start"]
            last = first + len(answer["text"])
            found += [
                (number, first - start, last - start)
                for number, (start, end) in enumerate(spans)
                if start <= first and last <= end
            ]
        yield Asked(
            qa["question"].strip(),
            tuple(text[start:end] for start, end in spans),
            tuple(sorted(set(found))),
            tuple(answer["text"] for answer in qa["answers"]),
        )


def _of_squad(asked: Sequence[Asked]) -> Iterator[Example]:
    """The passage with the answer, or for questions without one every passage of their paragraph."""
    for each in asked:
        if each.found:
            number, start, end = each.found[0]
            yield Example(each.question, each.passages[number], start, end)
        elif not each.answers:
            for passage in each.passages:
                yield from [Example(each.question, passage)] * _UNANSWERED


def _confused(
    asked: Sequence[Asked], passages: Sequence[str], embedder: Embedder, chance: random.Random
) -> Iterator[Example]:
    """Each question with a passage that search finds for it and in which the answer does not stand."""
    vectors = embedder.embed(passages)
    answered = [each for each in asked if each.answers]
    answered = chance.sample(answered, min(_CONFUSIONS, len(answered)))
    questions = embedder.embed([each.question for each in answered])
    for each, vector in zip(answered, questions, strict=True):
        nearest = np.argsort(-(vectors @ vector))[:_CONFUSED]
        without = [
            passages[index]
            for index in nearest
            if not any(answer.casefold() in passages[index].casefold() for answer in each.answers)
        ]
        if without:
            yield Example(each.question, chance.choice(without))


def _altered(asked: Sequence[Asked], chance: random.Random) -> Iterator[Example]:
    """Answered questions of which one word was changed so that their passage does not answer them any more."""
    left = {"name": _OTHER_NAMES, "opposite": _OPPOSITES}
    for each in chance.sample(list(asked), len(asked)):
        if not each.found:
            continue
        passage = each.passages[each.found[0][0]]
        changed = {
            "name": other_name(each.question, passage, each.answers, chance),
            "opposite": opposite(each.question, passage, chance),
        }
        for kind, question in changed.items():
            if question and left[kind]:
                left[kind] -= 1
                yield Example(question, passage)
