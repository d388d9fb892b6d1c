"""The front's side of the layout process. Light to import: what knows the formats runs in the child."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.base.errors import AppError
from app.base.files import replacing, write_error
from app.base.jobs import CancelToken
from app.documents.layout.formats import FORMATS, output_suffixes
from app.documents.layout.segment import Layout, Rebuilt
from app.documents.layout.worker import CODEC, Cut, Segments, Write, Written
from app.documents.limited_process import Crashed, LimitedProcess, TooSlow
from app.documents.limited_serving import path_to_text
from app.documents.limits import Limits

# A person waits for one file and can stop it, while an index has thousands: more time than reading gets.
# A PDF of 5,000 pages took 90 s on two slow cores.
LAYOUT_LIMITS = replace(Limits(), seconds=600.0)
_MAX_FILES = 200
_CHUNK_BYTES = 1 << 20


class LayoutProcess:
    """Cuts files into segments and writes them again, in a child process, one at a time.

    `work_dir` holds private temporary files and belongs to one `LayoutProcess` at a time. Starts with the
    first file. Safe to use from several threads.
    """

    def __init__(self, limits: Limits, work_dir: Path, log_dir: Path) -> None:
        self._seconds = limits.seconds
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
            cancel.raise_if_cancelled()
            with replacing(out) as copy, written.open("rb") as stream:
                shutil.copyfileobj(stream, copy, _CHUNK_BYTES)
        return answer.rebuilt

    def close(self) -> None:
        """End the child and remove its temporary files; a later call starts anew."""
        self._child.close()

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
