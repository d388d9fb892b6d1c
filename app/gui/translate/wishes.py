"""What the person asks for on the Translate page: pure values."""

from dataclasses import dataclass, replace
from pathlib import Path

from app.assistants.translate.events import TranslatedSegment, TranslationFinished
from app.base.errors import AppError
from app.storage.translation_jobs import Job


@dataclass(frozen=True, slots=True)
class TextWish:
    """`source` "": to be recognised."""

    text: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class FileWish:
    """`source` "": to be recognised. `glossaries`: ids, None for those of the file. `out` None: a free name beside the file."""

    file: Path
    source: str
    target: str
    glossaries: tuple[int, ...] | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """Which engine would translate a pair of languages, what it covers (codes), why it must not, why it was taken."""

    name: str
    languages: tuple[str, ...] = ()
    refusal: AppError | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated document under review. `out` "": no file was written."""

    job: int
    file: str
    out: str
    state: str
    source_language: str
    target_language: str
    engine: str
    segments: tuple[TranslatedSegment, ...]
    remarks: tuple[str, ...] = ()

    @classmethod
    def of_job(cls, job: Job, segments: tuple[TranslatedSegment, ...]) -> "Translation":
        languages = job.source_language, job.target_language
        return cls(job.id, job.file, job.out, job.state, *languages, job.engine, segments)

    @classmethod
    def of_run(cls, file: Path, event: TranslationFinished) -> "Translation":
        languages = event.source_language, event.target_language
        return cls(
            event.job,
            str(file),
            event.out,
            event.state,
            *languages,
            event.engine,
            event.segments,
            event.remarks,
        )

    def written(self, out: str) -> "Translation":
        return replace(self, out=out)
