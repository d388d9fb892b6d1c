"""Translate pasted text; its lines stay lines."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from app.assistants.events import Notice
from app.assistants.translate.engines import Choose, Translator, caution_of, chosen
from app.assistants.translate.events import SegmentDone, TextTranslated, TranslatedSegment, TranslationEvent
from app.assistants.translate.languages_of import source_language
from app.assistants.translate.patience import Patience
from app.assistants.translate.segments import SegmentTranslator
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.documents.layout.tags import TAG
from app.storage.glossaries import Term
from app.storage.translation_memory import TranslationMemory

_BREAKS = re.compile(r"(\r\n|[\n\r\u2028\u2029\x0b\x0c])")


def translate_text(
    text: str,
    *,
    target: str,
    source: str = "",
    translator: Translator | Choose,
    memory: TranslationMemory | None,
    terms: Sequence[Term] = (),
    cancel: CancelToken,
) -> Iterator[TranslationEvent]:
    """Translate `text` line by line; ends with `TextTranslated`, also when it was stopped (the rest in the source language).

    `source` "": detected. Raises `AppError`; what was translated by then is told first, as if it had been stopped.
    """
    lines = _BREAKS.split(text)
    kept: list[TranslatedSegment] = []
    if not text.strip():
        raise AppError("There is no text to translate.", "Type or paste some.")
    code = source_language(lines[::2], target=target, source=source)
    engine = chosen(translator, code, target)
    caution = caution_of(engine, code, target)
    if caution:
        yield Notice(caution)
    known = None if memory is None else memory.of_engine(engine.name)
    work = SegmentTranslator(engine, source=code, target=target, memory=known, terms=terms)
    state: Literal["complete", "stopped"] = "complete"
    failure: AppError | None = None
    try:
        yield from _lines(work, lines, kept, cancel)
    except Cancelled:
        state = "stopped"
    except AppError as error:
        state, failure = "stopped", error
    finally:
        work.remember()
    if failure is None or any(map(_is_translated, kept)):
        yield TextTranslated("".join(lines), tuple(kept), engine.name, code, target, state)
    if failure is not None:
        raise failure


def _lines(
    work: SegmentTranslator, lines: list[str], kept: list[TranslatedSegment], cancel: CancelToken
) -> Iterator[SegmentDone]:
    """Fills `kept`, and puts the translations into `lines`, of which every second one is a break."""
    patience = Patience(work)
    to_do = [place for place in range(0, len(lines), 2) if lines[place].strip()]
    for done, place in enumerate(to_do, 1):
        cancel.raise_if_cancelled()
        segment = _translated(patience, str(place // 2 + 1), lines[place], cancel)
        kept.append(segment)
        lines[place] = segment.target
        yield SegmentDone(segment, done, len(to_do), None)
    if not any(map(_is_translated, kept)):
        patience.raise_refusal()


def _is_translated(segment: TranslatedSegment) -> bool:
    return segment.origin in ("engine", "memory")


def _translated(work: Patience, key: str, line: str, cancel: CancelToken) -> TranslatedSegment:
    """Pasted text has no tags: what looks like one travels as text."""
    outcome = work.translate(TAG.sub(lambda tag: tag[0].replace("<", "‹").replace(">", "›"), line), cancel)
    back = re.sub(r"‹(/?[gx]\d+)›", r"<\1>", outcome.target) if TAG.search(line) else outcome.target
    return TranslatedSegment(key, "", "text", line, back, outcome.origin, outcome.findings)
