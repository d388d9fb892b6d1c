"""Working on a translation afterwards: edit segments, check them again, write the file once more."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.assistants.translate.checks import recheck
from app.assistants.translate.events import TranslatedSegment, TranslationFinished
from app.assistants.translate.naming import check_out
from app.assistants.translate.stored import from_stored, to_stored
from app.base.errors import AppError
from app.base.files import sha256_of
from app.base.jobs import CancelToken
from app.documents.layout.process import LayoutProcess
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
    known, content = _opened(job, jobs, layout, cancel)
    return _translated(known, content, jobs)


def write_again(
    job: int, out: Path, *, jobs: TranslationJobs, layout: LayoutProcess, cancel: CancelToken
) -> TranslationFinished:
    """Write the file of a job with its segments as they are now. Raises as `load_job`, and when `out` cannot be written."""
    started = time.monotonic()
    known, content = _opened(job, jobs, layout, cancel)
    file = Path(known.file)
    check_out(file, out)
    segments = _translated(known, content, jobs)
    targets = {
        each.key: each.target
        for each in segments
        if each.origin not in ("copied", "kept", "file") and each.target.strip()
    }
    rebuilt = layout.write(file, out, targets, known.target_language, cancel)
    complete = len(segments) == len(content.segments)
    jobs.finish(known.id, "complete" if complete else "stopped", str(out))
    return TranslationFinished(
        known.id, str(out), "complete" if complete else "stopped", segments, known.engine,
        known.source_language, known.target_language, time.monotonic() - started,
        tuple(filter(None, (content.remark, *rebuilt.remarks))),
    )  # fmt: skip


def _opened(
    job: int, jobs: TranslationJobs, layout: LayoutProcess, cancel: CancelToken
) -> tuple[Job, Layout]:
    known = jobs.get(job)
    if known is None:
        raise AppError("This translation was removed.", "Translate the file again.")
    file = Path(known.file)
    try:
        digest = sha256_of(file)
    except OSError:
        raise AppError(
            f"The file “{file.name}” of this translation is gone.", "Put it back where it was."
        ) from None
    if digest != known.digest:
        raise AppError(
            f"“{file.name}” was changed since it was translated.",
            "Translate it again: what did not change is taken from the translation memory.",
        )
    return known, layout.segments(file, cancel)


def _translated(job: Job, content: Layout, jobs: TranslationJobs) -> tuple[TranslatedSegment, ...]:
    stored = jobs.segments(job.id)
    done = []
    for each in content.segments:
        before = stored.get(each.key)
        if before is not None:
            done.append(from_stored(before, each))
        elif each.target:
            done.append(TranslatedSegment(each.key, each.place, each.kind, each.text, each.target, "file"))
    return tuple(done)
