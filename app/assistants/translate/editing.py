"""Working on a translation afterwards: edit segments, check them again, write the file once more."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from app.assistants.translate.checks import recheck
from app.assistants.translate.events import TranslatedSegment, TranslationFinished
from app.assistants.translate.stored import from_stored, to_stored
from app.assistants.translate.writing import write_translation
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.layout.process import LayoutProcess, Original
from app.documents.layout.segment import Layout
from app.storage.glossaries import Term
from app.storage.translation_jobs import Job, TranslationJobs
from app.storage.translation_memory import TranslationMemory


def save_edit(
    job: int,
    segment: TranslatedSegment,
    *,
    jobs: TranslationJobs,
    memory: TranslationMemory | None,
    source_language: str,
    target_language: str,
    terms: Sequence[Term] = (),
) -> TranslatedSegment:
    """Keep the target the person wrote: checked again, stored in the job, remembered as the person's own.

    An edit with findings is kept as well: the person has the last word. An empty target stands for the source text, and
    is not remembered. Raises `AppError` when the job was removed.
    """
    edited = replace(segment, origin="person")
    edited = recheck(edited, source_language=source_language, target_language=target_language, terms=terms)
    jobs.save(job, [to_stored(edited)])
    if memory is not None and edited.target.strip():
        memory.remember(source_language, target_language, [(edited.source, edited.target)], "person")
    return edited


def load_job(
    job: int, *, jobs: TranslationJobs, layout: LayoutProcess, cancel: CancelToken
) -> tuple[TranslatedSegment, ...]:
    """The segments of a job in the order of its file, with their places.

    Raises `AppError` when the job was removed, or its file is gone or was changed since; `Cancelled`.
    """
    known = _known(job, jobs)
    with _opened(known, layout, cancel) as original:
        return _translated(known, layout.segments(original.copy, cancel), jobs)


def write_again(
    job: int, *, jobs: TranslationJobs, layout: LayoutProcess, cancel: CancelToken
) -> TranslationFinished:
    """Write the file of a job with its segments as they are now, where it was written before.

    If somebody changed that file since, it stays, and a free name is taken. Raises as `load_job`, and `AppError` when the
    file cannot be written or is being translated right now.
    """
    started = time.monotonic()
    known = _known(job, jobs)
    with _opened(known, layout, cancel) as original:
        jobs.hold(job)
        try:
            content = layout.segments(original.copy, cancel)
            segments = _translated(known, content, jobs)
            written = write_translation(
                known, original, segments, layout=layout, out=None, whole=True, cancel=cancel
            )
            state: Literal["complete", "stopped"] = (
                "complete" if len(segments) == len(content.segments) else "stopped"
            )
            jobs.finish(job, state, str(written.out.absolute()), written.digest)
        finally:
            jobs.release(job)
    return TranslationFinished(
        known.id, str(written.out), state, segments, known.engine,
        known.source_language, known.target_language, time.monotonic() - started,
        tuple(filter(None, (content.remark, *written.remarks))),
    )  # fmt: skip


def _known(job: int, jobs: TranslationJobs) -> Job:
    known = jobs.get(job)
    if known is None:
        raise AppError("This translation was removed.", "Translate the file again.")
    return known


@contextmanager
def _opened(job: Job, layout: LayoutProcess, cancel: CancelToken) -> Iterator[Original]:
    """The file as it was when it was translated."""
    file = Path(job.file)
    if not file.exists():
        raise AppError(f"The file “{file.name}” of this translation is gone.", "Put it back where it was.")
    with layout.opened(file, cancel) as original:
        if original.digest != job.digest:
            raise AppError(
                f"“{file.name}” was changed since it was translated.",
                "Translate it again: what did not change is taken from the translation memory.",
            )
        yield original


def _translated(job: Job, content: Layout, jobs: TranslationJobs) -> tuple[TranslatedSegment, ...]:
    """What another engine wrote before the job's own took over is not among them: it is to be made again."""
    stored = jobs.segments(job.id)
    done = []
    for each in content.segments:
        before = stored.get(each.key)
        if before is not None and before.engine in ("", job.engine):
            done.append(from_stored(before, each))
        elif each.target:
            done.append(TranslatedSegment(each.key, each.place, each.kind, each.text, each.target, "file"))
    return tuple(done)
