"""Writing the translated file: what goes into it, and which file it may replace."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from app.assistants.translate.events import TranslatedSegment
from app.assistants.translate.naming import is_own, place_of, reserved
from app.base.files import sha256_of
from app.base.jobs import CancelToken
from app.documents.layout.process import LayoutProcess, Original
from app.storage.translation_jobs import Job


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """`digest`: SHA-256 of what was written. `remarks`: sentences for a person."""

    out: Path
    digest: str
    remarks: tuple[str, ...]


def write_translation(
    job: Job,
    original: Original,
    segments: Iterable[TranslatedSegment],
    *,
    layout: LayoutProcess,
    out: Path | None,
    whole: bool,
    cancel: CancelToken,
) -> WrittenFile:
    """Write the file with the segments there are.

    `out` None: the job's own place. A file that is there already is replaced only if this job wrote it and nobody changed
    it since, or if `out` names it and the translation is `whole`; else it stays, and the translation gets a name like
    it. Raises `AppError` and `Cancelled`.
    """
    wanted = out or place_of(job)
    replaces = (out is not None and whole) or is_own(wanted, job)
    taken: AbstractContextManager[Path] = nullcontext(wanted) if replaces else reserved(wanted)
    with taken as place:
        rebuilt = layout.write(original.copy, place, targets_of(segments), job.target_language, cancel)
    remarks = rebuilt.remarks
    if out is not None and place != out:
        remarks += (f"“{out.name}” was there already and stays as it was.",)
    return WrittenFile(place, rebuilt.digest, remarks)


def targets_of(segments: Iterable[TranslatedSegment]) -> dict[str, str]:
    """What to write into the file: not what stayed as it was."""
    return {
        each.key: each.target
        for each in segments
        if each.origin not in ("copied", "kept", "file") and each.target.strip()
    }


def change_remark(file: Path, original: Original) -> str:
    """A sentence when the person's file is no longer what was translated, else ""."""
    now = _digest(file)
    if now == original.digest:
        return ""
    what = "was changed meanwhile" if now else "is no longer there"
    return f"“{file.name}” {what}; this is the translation of the version from the start."


def _digest(file: Path) -> str:
    """ "" for a file that cannot be read."""
    try:
        return sha256_of(file)
    except OSError:
        return ""
