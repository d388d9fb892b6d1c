"""Translate a file and keep its layout: cut it into segments, translate them, write it again."""

import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from app.assistants.events import Notice
from app.assistants.translate.engines import Choose, Translator, caution_of, chosen
from app.assistants.translate.events import (
    DocumentOpened,
    SegmentDone,
    TranslationEvent,
    TranslationFinished,
)
from app.assistants.translate.languages_of import source_language
from app.assistants.translate.naming import check_out, check_place, place_of, usual_name
from app.assistants.translate.progress import Progress, take_up
from app.assistants.translate.writing import WrittenFile, change_remark, write_translation
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.documents.layout.process import LayoutProcess, Original
from app.documents.layout.segment import Layout
from app.storage.glossaries import Term
from app.storage.translation_jobs import Job, TranslationJobs
from app.storage.translation_memory import TranslationMemory


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
    rest in the source language); nothing is written where that is nothing. What is translated is the file as it was at
    the start. Raises `AppError`, in that last case after the file was written.
    """
    started = time.monotonic()
    if out is not None:
        check_out(file, out)
    with layout.opened(file, cancel) as original:
        content = layout.segments(original.copy, cancel)
        code = source_language(_texts(content), target=target, source=source, declared=content.language)
        engine = chosen(translator, code, target)
        if caution := caution_of(engine, code, target):
            yield Notice(caution)
        job = _begun(jobs, file, original, (code, target), engine.name, out)
        try:
            work = take_up(content, job, jobs=jobs, engine=engine, memory=memory, terms=terms)
            yield DocumentOpened(
                job.id, str(file), code, target, engine.name, len(content.segments), work.to_do()
            )
            ending = yield from _translated(work, cancel)
            written = _written(work, ending, original, layout, out)
            yield _finished(work, ending, written, original, time.monotonic() - started)
        finally:
            jobs.release(job.id)


class _Ending(NamedTuple):
    state: Literal["complete", "stopped", "failed"]
    failure: AppError | None = None


def _begun(
    jobs: TranslationJobs,
    file: Path,
    original: Original,
    languages: tuple[str, str],
    engine: str,
    out: Path | None,
) -> Job:
    """Raises `AppError` when the file is being translated already, or there is no place for the translation."""
    name = str(file.absolute())
    if out is None:
        earlier = jobs.unfinished(name, original.digest, *languages)
        check_place(usual_name(file, languages[1]) if earlier is None else place_of(earlier))
    return jobs.begin(name, original.digest, *languages, engine)


def _translated(work: Progress, cancel: CancelToken) -> Generator[SegmentDone, None, _Ending]:
    try:
        yield from work.translate(cancel)
    except Cancelled:
        return _Ending("stopped")
    except AppError as error:
        return _Ending("failed", error)
    finally:  # also when whoever reads the events has gone
        work.save()
    return _Ending("complete")


def _written(
    work: Progress, ending: _Ending, original: Original, layout: LayoutProcess, out: Path | None
) -> WrittenFile | None:
    """The file with what is there; a stop is no reason to lose it. Raises what made the work fail, and `AppError`."""
    if ending.state != "complete" and not work.targets():
        work.jobs.finish(work.job.id, ending.state, "")
        if ending.failure is not None:
            raise ending.failure  # nothing came of it, so there is nothing to write
        return None
    try:
        written = write_translation(
            work.job, original, work.all_done(),
            layout=layout, out=out, whole=ending.state == "complete", cancel=CancelToken(),
        )  # fmt: skip
    except AppError:
        work.jobs.finish(work.job.id, "failed", "")
        raise
    work.jobs.finish(work.job.id, ending.state, str(written.out.absolute()), written.digest)
    if ending.failure is not None:
        raise _with_place(ending.failure, written.out)
    return written


def _finished(
    work: Progress, ending: _Ending, written: WrittenFile | None, original: Original, seconds: float
) -> TranslationFinished:
    job = work.job
    remarks = [work.content.remark, *(written.remarks if written else ()), work.remark()]
    if written is not None:
        remarks.append(change_remark(Path(job.file), original))
    return TranslationFinished(
        job.id, str(written.out) if written else "", "complete" if ending.state == "complete" else "stopped",
        work.all_done(), work.engine, job.source_language, job.target_language, seconds,
        tuple(filter(None, remarks)),
    )  # fmt: skip


def _texts(content: Layout) -> list[str]:
    """What is to be translated; where the file has a translation of everything, all of it."""
    open_ = [each.text for each in content.segments if not each.target]
    return open_ or [each.text for each in content.segments]


def _with_place(failure: AppError, written: Path) -> AppError:
    return AppError(
        failure.what,
        f"What was translated by then is in “{written.name}”. {failure.remedy} Translate the file again to go on.",
    )
