"""Where a translated file goes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.base.errors import AppError
from app.base.files import sha256_of, write_error
from app.documents.layout.formats import output_suffix, output_suffixes
from app.storage.translation_jobs import Job

_MOST = 1_000


def usual_name(file: Path, target: str) -> Path:
    """“report.de.docx” beside “report.docx”, whether it is taken or not."""
    return file.with_name(f"{file.stem}.{target}{output_suffix(file) or file.suffix}")


@contextmanager
def reserved(wanted: Path) -> Iterator[Path]:
    """`wanted`, or the first free name like it, “report.de (2).docx”: an empty file keeps the name for what the block writes.

    It is removed when the block raises. Raises `AppError`.
    """
    path = _reserve(wanted)
    try:
        yield path
    except BaseException:
        with suppress(OSError):
            if path.stat().st_size == 0:
                path.unlink()
        raise


def place_of(job: Job) -> Path:
    """Where the job's file was written before, if the folder is still there, else its usual place."""
    if job.out and Path(job.out).parent.is_dir():
        return Path(job.out)
    return usual_name(Path(job.file), job.target_language)


def is_own(out: Path, job: Job) -> bool:
    """Whether the file at `out` is the one the job wrote, and nobody changed it since."""
    if not job.written or str(out.absolute()) != job.out:
        return False
    try:
        return sha256_of(out) == job.written
    except OSError:
        return False


def check_out(file: Path, out: Path) -> None:
    """Raises `AppError` when `out` is the file to translate, cannot be a translation of it, or cannot be written."""
    try:
        same = out.samefile(file)
    except OSError:
        same = out.absolute() == file.absolute()
    if same:
        raise AppError(
            "The translation would overwrite the file that is translated.", "Choose another name for it."
        )
    endings = output_suffixes(file)
    if endings and out.suffix.lower() not in endings:
        raise AppError(
            f"A translation of {file.name} cannot be written as “{out.suffix}”.",
            f"Let its name end in {' or '.join(endings)}.",
        )
    check_place(out)


def check_place(out: Path) -> None:
    """Raises `AppError` where no file can be written: better before hours of work than after."""
    folder = out.absolute().parent
    if out.is_dir():
        raise AppError(f"{out} is a folder.", "Give the translation a name of its own.")
    if not folder.is_dir():
        raise AppError(f"The folder {folder} is not there.", "Choose another folder for the translation.")
    if not os.access(folder, os.W_OK):
        raise AppError(
            f"You may not write to the folder {folder}.", "Choose another folder for the translation."
        )


def _reserve(wanted: Path) -> Path:
    for path in _names_like(wanted):
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise write_error(path, error) from error
        return path
    raise AppError(
        f"There are too many files named like {wanted.name}.", "Choose another place for the translation."
    )


def _names_like(path: Path) -> Iterator[Path]:
    yield path
    for number in range(2, _MOST):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
