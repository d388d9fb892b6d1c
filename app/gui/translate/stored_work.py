"""Translations of documents made earlier, or just now: load, edit, write again. Runs on a job's thread."""

from pathlib import Path

from app.assistants.translate.events import TranslatedSegment, TranslationFinished
from app.base.jobs import CancelToken
from app.gui.translate.wishes import Translation
from app.gui.translate.work import Work
from app.storage.translation_jobs import Job


def load(work: Work, job: Job, cancel: CancelToken) -> Translation:
    """The segments of a translation made earlier, in the order of the file."""
    from app.assistants.translate.editing import load_job

    segments = load_job(job.id, jobs=work.parts.jobs, layout=work.parts.layout, cancel=cancel)
    return Translation.of_job(job, segments)


def save_edit(work: Work, shown: Translation, segment: TranslatedSegment) -> TranslatedSegment:
    """The edited segment, checked again, kept in its job and in the memory."""
    from app.assistants.translate import editing

    return editing.save_edit(
        shown.job,
        segment,
        jobs=work.parts.jobs,
        memory=work.parts.memory,
        source_language=shown.source_language,
        target_language=shown.target_language,
        terms=work.terms_of(Path(shown.file), shown.source_language, shown.target_language),
    )


def write_again(work: Work, shown: Translation, cancel: CancelToken) -> TranslationFinished:
    """The file with the segments as they are kept now; in its old place, unless somebody changed it there."""
    from app.assistants.translate import editing

    return editing.write_again(shown.job, jobs=work.parts.jobs, layout=work.parts.layout, cancel=cancel)
