"""Translate a file and keep its layout: cut it into segments, translate them, write it again."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.assistants.events import Notice
from app.assistants.translate.engines import Choose, Translator, caution_of, chosen
from app.assistants.translate.events import (
    DocumentOpened,
    SegmentDone,
    TranslatedSegment,
    TranslationEvent,
    TranslationFinished,
)
from app.assistants.translate.languages_of import source_language
from app.assistants.translate.naming import check_out, free_name
from app.assistants.translate.segments import Outcome, SegmentTranslator
from app.assistants.translate.stored import from_stored, to_stored
from app.base.errors import AppError, Cancelled
from app.base.files import sha256_of
from app.base.jobs import CancelToken
from app.base.languages import language_name
from app.documents.layout.process import LayoutProcess
from app.documents.layout.segment import Layout, Segment
from app.storage.glossaries import Term
from app.storage.translation_jobs import TranslationJobs
from app.storage.translation_memory import TranslationMemory

_SAVE_EVERY = 8  # segments; a crash loses at most so many
_SAVE_EVERY_S = 5.0
_TRIES = 2  # when the engine fails; each try starts it afresh


def translate_document(
    file: Path,
    *,
    target: str,
    source: str = "",
    out: Path | None = None,
    translator: Translator | Choose,
    layout: LayoutProcess,
    memory: TranslationMemory | None,
    terms: Sequence[Term] = (),
    jobs: TranslationJobs,
    cancel: CancelToken,
) -> Iterator[TranslationEvent]:
    """Translate `file` into the language `target`; ends with `TranslationFinished`.

    `source` "": detected. `out` None: a free name beside the file. Work that was stopped or broke off is taken up where
    it ended. When the person stops, or the engine fails again and again, the file is written with what is there (the
    rest in the source language). Raises `AppError`, in that last case after the file was written.
    """
    started = time.monotonic()
    if out is not None:
        check_out(file, out)
    content = layout.segments(file, cancel)
    code = source_language(_texts(content), target=target, source=source, declared=content.language)
    engine = chosen(translator, code, target)
    caution = caution_of(engine, code, target)
    if caution:
        yield Notice(caution)
    job = jobs.begin(str(file.absolute()), _digest(file), code, target, engine.name)
    pipeline = SegmentTranslator(engine, source=code, target=target, memory=memory, terms=terms)
    work = _Work(content, job.id, jobs, pipeline)
    work.take_up()
    total = len(content.segments)
    yield DocumentOpened(job.id, str(file), code, target, engine.name, total, work.to_do())
    failure: AppError | None = None
    stopped = False
    try:
        yield from work.translate(cancel)
    except Cancelled:
        stopped = True
    except AppError as error:
        failure = error
    finally:  # also when whoever reads the events has gone
        work.save()
    if failure is not None and not work.targets():
        jobs.finish(job.id, "failed", "")
        raise failure  # nothing came of it, so there is nothing to write
    written = out or free_name(file, target)
    remarks = work.write(layout, file, written, target)
    jobs.finish(job.id, "failed" if failure else "stopped" if stopped else "complete", str(written))
    if failure is not None:
        raise _with_place(failure, written)
    yield TranslationFinished(
        job.id, str(written), "stopped" if stopped else "complete", work.all_done(), engine.name, code, target,
        time.monotonic() - started, remarks,
    )  # fmt: skip


@dataclass(slots=True)
class _Work:
    """The segments of a file and what became of them so far."""

    content: Layout
    job: int
    jobs: TranslationJobs
    translator: SegmentTranslator
    done: dict[str, TranslatedSegment] = field(default_factory=dict)
    unsaved: list[TranslatedSegment] = field(default_factory=list)
    saved_at: float = field(default_factory=time.monotonic)

    def take_up(self) -> None:
        """What the job holds already, and what the file brings along."""
        stored = self.jobs.segments(self.job)
        for each in self.content.segments:
            before = stored.get(each.key)
            if before is not None and before.source == each.text and before.origin != "kept":
                segment = from_stored(before, each)
                self.done[each.key] = segment
                if segment.origin in ("engine", "person", "memory"):
                    self.translator.known(segment.source, segment.target, segment.findings)
            elif each.target:
                self.done[each.key] = _segment(each, Outcome(each.target, "copied"), origin="file")

    def to_do(self) -> int:
        """Segments that are left to the engine."""
        return sum(self.translator.needs_engine(each.text) for each in self._waiting())

    def translate(self, cancel: CancelToken) -> Iterator[SegmentDone]:
        total = len(self.content.segments)
        pace = _Pace([len(each.text) for each in self._waiting()])
        for each in self._waiting():
            cancel.raise_if_cancelled()
            segment = _segment(each, self._tried(each.text, cancel))
            self.done[each.key] = segment
            self.unsaved.append(segment)
            if len(self.unsaved) >= _SAVE_EVERY or time.monotonic() - self.saved_at > _SAVE_EVERY_S:
                self.save()
            yield SegmentDone(segment, len(self.done), total, pace.after(len(each.text)))

    def save(self) -> None:
        unsaved, self.unsaved = self.unsaved, []
        if unsaved:
            self.jobs.save(self.job, [to_stored(each) for each in unsaved])
            self.translator.remember()
        self.saved_at = time.monotonic()

    def write(self, layout: LayoutProcess, file: Path, out: Path, target: str) -> tuple[str, ...]:
        """Write the file with what is there; a stop is no reason to lose it. Returns what the person should know."""
        try:
            rebuilt = layout.write(file, out, self.targets(), target, CancelToken())
        except AppError:
            self.jobs.finish(self.job, "failed", "")
            raise
        return tuple(filter(None, (self.content.remark, *rebuilt.remarks, self.remark(target))))

    def targets(self) -> dict[str, str]:
        """What to write into the file: not what stayed as it was."""
        return {
            key: each.target
            for key, each in self.done.items()
            if each.origin not in ("copied", "kept", "file") and each.target.strip()
        }

    def all_done(self) -> tuple[TranslatedSegment, ...]:
        return tuple(self.done[each.key] for each in self.content.segments if each.key in self.done)

    def remark(self, target: str) -> str:
        count = self.translator.in_target_already
        if not count:
            return ""
        if count == 1:
            return f"1 part was in {language_name(target)} already and left as it is."
        return f"{count} parts were in {language_name(target)} already and left as they are."

    def _waiting(self) -> list[Segment]:
        return [each for each in self.content.segments if each.key not in self.done]

    def _tried(self, text: str, cancel: CancelToken) -> Outcome:
        for left in range(_TRIES - 1, -1, -1):
            try:
                return self.translator.translate(text, cancel)
            except AppError:
                if not left:
                    raise
        raise AssertionError("unreachable")


class _Pace:
    """How long the rest takes, from the characters done so far."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self._total = max(1, sum(lengths))
        self._done = 0
        self._started = time.monotonic()

    def after(self, length: int) -> float | None:
        """Seconds left; None while too little is done to tell."""
        self._done += length
        spent = time.monotonic() - self._started
        if spent < 2.0 and self._done * 20 < self._total:
            return None
        return spent / max(1, self._done) * (self._total - self._done)


def _segment(segment: Segment, outcome: Outcome, origin: Literal["file"] | None = None) -> TranslatedSegment:
    return TranslatedSegment(
        segment.key, segment.place, segment.kind, segment.text,
        outcome.target, origin or outcome.origin, outcome.findings,
    )  # fmt: skip


def _texts(content: Layout) -> list[str]:
    """What is to be translated; where the file has a translation of everything, all of it."""
    open_ = [each.text for each in content.segments if not each.target]
    return open_ or [each.text for each in content.segments]


def _digest(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise AppError(
            f"{file.name} cannot be read ({error.strerror or error}).", "Check that it is still there."
        ) from error


def _with_place(failure: AppError, written: Path) -> AppError:
    return AppError(
        failure.what,
        f"What was translated by then is in “{written.name}”. {failure.remedy} Translate the file again to go on.",
    )
