"""Use case: what the person said of answers, as a set of examples to fine-tune a model with.

One line of JSON an example, in the form of chats that trainers read: {"messages": [{"role": …, "content": …}, …]}. The
messages are what Alcove asks a model, and the last one is what it should have answered. Written only when the person
asks for it, to the file they name; nothing is sent anywhere.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.assistants.chat import whole_turns
from app.assistants.material import readable
from app.assistants.places import is_tiny, passages_to_read
from app.assistants.prompts import answer_from, chat_messages
from app.assistants.records import Record, read_record
from app.assistants.sources import sentence_of
from app.base.errors import AppError
from app.base.files import replacing, write_error
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import Settings
from app.engine.choose import model_to_use
from app.engine.protocol import Message
from app.storage.feedback import Feedback, Rating

SUFFIX = ".jsonl"
_ANY_LENGTH = sys.maxsize  # who trains cuts examples to the length of their model
_LONGEST_LINE = 1 << 24  # bytes; an example is a thousandth of it


@dataclass(frozen=True, slots=True)
class FeedbackExported:
    """The file holds `examples`; `left_out` ratings only say that an answer was wrong, not what would be right, or
    what was kept of the answer cannot be read.
    """

    file: Path
    examples: int
    left_out: int


def export_feedback(
    file: Path, feedback: Feedback, settings: Settings, paths: DataPaths, cancel: CancelToken
) -> FeedbackExported:
    """Write what is good or was corrected to a file whose name ends in .jsonl; an older one is replaced.

    Raises `AppError` when there is nothing to write, or the file cannot be written or is there and something else, and
    `Cancelled`; what was there then stays.
    """
    _check(file)

    @cache
    def reads_quotes(model: str) -> bool:
        return _reads_quotes(model, settings, paths)

    ratings = feedback.all()
    records = [(each, read_record(each.details)) for each in ratings if right_answer(each)]
    told = [(each, record) for each, record in records if _was_read(each, record)]
    if not told:
        raise AppError(
            "There is nothing to export yet.",
            "Rate an answer as good, or say what would have been right, first.",
        )
    with replacing(file) as stream:
        for each, record in told:
            cancel.raise_if_cancelled()
            messages = example(each, record, tiny=reads_quotes(record.model))
            line = {"messages": [{"role": part.role, "content": part.content} for part in messages]}
            stream.write(json.dumps(line).encode() + b"\n")
    return FeedbackExported(file, len(told), len(ratings) - len(told))


def right_answer(rating: Rating) -> str:
    """The corrected answer, else the one that was rated as good; "" when nobody said what is right."""
    return rating.correction or (rating.answer if rating.verdict == "good" else "")


def example(rating: Rating, record: Record, *, tiny: bool) -> tuple[Message, ...]:
    """What Alcove asks, and what the model should answer. `tiny`: it is shown quotes, not the passages around them.

    A question over documents has the passages that were found for it, also where a model was only to put the exact answer
    into words; a refused one has the nearest, from which the person could tell the answer, or that there is none.
    """
    if record.sources or record.refused:
        passages = readable(passages_to_read(record.sources, tiny=tiny))
        lead = record.lead
        source = None if lead is None else next((s for s in record.sources if s.number == lead.source), None)
        telling = "" if lead is None or source is None else sentence_of(source, lead)
        question = record.asked or rating.question
        asked = answer_from(passages, question, _ANY_LENGTH, _uncounted, telling=telling)
    else:
        turns = whole_turns((each.role, each.text) for each in rating.history)
        asked, _ = chat_messages(turns[record.forgotten :], rating.question, _ANY_LENGTH, _uncounted)
    return (*asked, Message("assistant", right_answer(rating)))


def _was_read(rating: Rating, record: Record) -> bool:
    """Without its sources an answer would look like one of plain chat."""
    return record != Record() or not any(rating.details.values())


def _uncounted(texts: Sequence[str]) -> list[int]:
    """Nothing is left out for its length."""
    return [0] * len(texts)


def _reads_quotes(model: str, settings: Settings, paths: DataPaths) -> bool:
    """As the model was shown that answered; if it is gone, or none did, as the one in use is."""
    for name in (model, None):
        try:
            return is_tiny(model_to_use(settings, paths, name or None))
        except (AppError, OSError):
            continue
    return False


def _check(file: Path) -> None:
    if file.suffix.lower() != SUFFIX:
        raise AppError(f"“{file.name}” does not end in {SUFFIX}.", "Give the file a name that does.")
    try:
        foreign = file.exists() and file.stat().st_size > 0 and not _is_set(file)
    except OSError as error:
        raise write_error(file, error) from error
    if foreign:
        raise AppError(
            f"“{file.name}” is there already, and is no set of examples.", "Give the file another name."
        )


def _is_set(file: Path) -> bool:
    with file.open("rb") as stream:
        try:
            first = json.loads(stream.readline(_LONGEST_LINE))
        except ValueError:
            return False
    return isinstance(first, dict) and list(first) == ["messages"]
