"""The front's side of the layout process. Light to import: what knows the formats runs in the child."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from app.base.errors import AppError
from app.base.files import replacing, write_error
from app.base.jobs import CancelToken
from app.documents.layout.formats import FORMATS, output_suffixes
from app.documents.layout.segment import Layout, Rebuilt
from app.documents.layout.worker import CODEC, Cut, Segments, Write, Written
from app.documents.limited_process import Crashed, LimitedProcess, TooSlow
from app.documents.limited_serving import path_to_text
from app.documents.limits import MIB, Limits

# A person waits for one file and can stop it, while an index has thousands: more time than reading gets.
# A PDF of 5,000 pages took 90 s on two slow cores.
LAYOUT_LIMITS = replace(Limits(), seconds=600.0)
_MAX_FILES = 200
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was at one moment: a private copy of the same name, which nobody changes. `digest`: its SHA-256."""

    copy: Path
    digest: str


class LayoutProcess:
    """Cuts files into segments and writes them again, in a child process, one at a time.

    `work_dir` holds private temporary files and belongs to one `LayoutProcess` at a time. Starts with the
    first file. Safe to use from several threads.
    """

    def __init__(self, limits: Limits, work_dir: Path, log_dir: Path) -> None:
        self._seconds = limits.seconds
        self._most_bytes = limits.file_bytes
        self._work_dir = work_dir
        self._child = LimitedProcess(
            "app.documents.layout.worker",
            CODEC,
            limits,
            title="Work on this file",
            name="layout",
            work_dir=work_dir,
            log_dir=log_dir,
            most_requests=_MAX_FILES,
        )

    @property
    def pid(self) -> int | None:
        """Process id while the child runs."""
        return self._child.pid

    @contextmanager
    def opened(self, path: Path, cancel: CancelToken) -> Iterator[Original]:
        """The file at `path` as it is now, whatever becomes of it meanwhile; the copy goes with the block.

        Raises `Cancelled`, and `AppError` for a file that is missing, unsupported, too large or cannot be read.
        """
        _check_source(path)
        with self._private_folder() as folder:
            copy = Path(folder) / path.name
            yield Original(copy, self._copied(path, copy, cancel))

    def segments(self, path: Path, cancel: CancelToken) -> Layout:
        """The texts of the file at `path`, at least one.

        Raises `Cancelled`, and `AppError` for a file that is missing, unsupported, locked, empty, scanned, damaged or too large.
        """
        cancel.raise_if_cancelled()
        _check_source(path)
        answer = self._ask(path, Segments(path_to_text(path.absolute())), cancel)
        assert isinstance(answer, Cut)
        return answer.layout

    def write(
        self, path: Path, out: Path, targets: Mapping[str, str], language: str, cancel: CancelToken
    ) -> Rebuilt:
        """Write the file at `path` again at `out` with `targets` (segment key -> text with the same tags).

        Keys that are missing keep their source. `language`: code of the target. A file at `out` is replaced once the
        new one is complete; the source never is. Raises as `segments` does, and `AppError` when `out` cannot be written.
        """
        cancel.raise_if_cancelled()
        _check_source(path)
        _check_out(path, out)
        with self._private_folder() as folder:  # the child never touches the person's folders
            written = Path(folder) / f"translation{out.suffix.lower()}"
            request = Write(path_to_text(path.absolute()), path_to_text(written), dict(targets), language)
            answer = self._ask(path, request, cancel)
            assert isinstance(answer, Written)
            with replacing(out) as copy, written.open("rb") as stream:
                digest = _copy(stream, copy, cancel)
        return replace(answer.rebuilt, digest=digest)

    def close(self) -> None:
        """End the child and remove its temporary files; a later call starts anew."""
        self._child.close()

    def _copied(self, path: Path, copy: Path, cancel: CancelToken) -> str:
        """SHA-256 of the bytes."""
        try:
            if path.stat().st_size > self._most_bytes:
                raise AppError(
                    f"{path.name} is larger than {self._most_bytes // MIB} MB.",
                    "Divide it into smaller files and try those.",
                )
            with path.open("rb") as source, copy.open("wb") as stream:
                return _copy(source, stream, cancel)
        except OSError as error:
            raise AppError(
                f"{path.name} cannot be read ({error.strerror or error}).", "Check that you may read it."
            ) from error

    def _private_folder(self) -> tempfile.TemporaryDirectory[str]:
        try:
            self._work_dir.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryDirectory(
                prefix="translation-", dir=self._work_dir.absolute(), ignore_cleanup_errors=True
            )
        except OSError as error:
            raise write_error(self._work_dir, error) from error

    def _ask(self, path: Path, request: Segments | Write, cancel: CancelToken) -> Cut | Written:
        try:
            answer = self._child.ask(request, cancel)
        except TooSlow as error:
            raise AppError(
                f"Working on {path.name} was given up after {self._seconds:.0f} seconds.",
                "Divide it into smaller files and try those.",
            ) from error
        except Crashed as error:
            raise AppError(
                f"{path.name} made the work on it stop; it is most likely damaged.",
                "Try to get it again or to save it anew.",
            ) from error
        assert isinstance(answer, Cut | Written)
        return answer


def _copy(source: BinaryIO, out: BinaryIO, cancel: CancelToken) -> str:
    """SHA-256 of the bytes."""
    import hashlib  # loads OpenSSL, which the window does not need to start

    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK_BYTES):
        cancel.raise_if_cancelled()
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest()


def _check_source(path: Path) -> None:
    if path.is_dir():
        raise AppError(f"{path.name} is a folder.", "Choose the files in it.")
    if not path.exists():
        raise AppError(f"{path.name} is not there.", "Choose the file again.")
    if path.suffix.lower() not in FORMATS:
        kinds = ", ".join(suffix.removeprefix(".") for suffix in FORMATS)
        raise AppError(
            f"Alcove cannot keep the layout of {path.name}.", f"These kinds of files work: {kinds}."
        )


def _check_out(path: Path, out: Path) -> None:
    if out.is_dir():
        raise AppError(f"{out} is a folder.", "Give the translation a name of its own.")
    if out.exists() and out.samefile(path):
        raise AppError(
            "The translation would replace the file that it is made from.", "Give it another name or folder."
        )
    if not out.parent.is_dir():
        raise AppError(f"The folder {out.parent} is not there.", "Choose another folder for the translation.")
    endings = output_suffixes(path)
    if out.suffix.lower() not in endings:
        raise AppError(
            f"A translation of {path.name} cannot be saved as {out.name}.",
            f"Let its name end in {' or '.join(endings)}.",
        )
