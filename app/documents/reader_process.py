"""The retrieval worker's side of the reader process: a file that ends the reader gets a verdict like any other."""

from pathlib import Path

from app.base.jobs import CancelToken
from app.documents.document import ReadResult, Verdict
from app.documents.limited_process import Crashed, LimitedProcess, TooSlow
from app.documents.limited_serving import path_to_text
from app.documents.limits import Limits
from app.documents.reader_worker import CODEC, Answer, Read

_MAX_FILES = 500


class ReaderProcess:
    """Reads documents in a child process, one at a time; starts it when the first is asked for.

    `work_dir` holds the child's private temporary files and belongs to one `ReaderProcess` at a time.
    Safe to use from several threads.
    """

    def __init__(self, limits: Limits, work_dir: Path, log_dir: Path) -> None:
        self._seconds = limits.seconds
        self._child = LimitedProcess(
            "app.documents.reader_worker",
            CODEC,
            limits,
            title="The document reader",
            name="reader",
            work_dir=work_dir,
            log_dir=log_dir,
            most_requests=_MAX_FILES,
        )

    @property
    def pid(self) -> int | None:
        """Process id while the child runs."""
        return self._child.pid

    def read(self, path: Path, cancel: CancelToken) -> ReadResult:
        """The text of `path` or why there is none. Raises `Cancelled`, and `AppError` if no child starts."""
        try:
            answer = self._child.ask(Read(path_to_text(path)), cancel)
        except TooSlow:
            return ReadResult(Verdict.timed_out, f"Reading was given up after {self._seconds:.0f} seconds.")
        except Crashed:
            return ReadResult(
                Verdict.damaged,
                "The file made the reader stop, so it was set aside; it is most likely damaged.",
            )
        assert isinstance(answer, Answer)
        return answer.result

    def close(self) -> None:
        """End the child and remove its temporary files; a later `read` starts anew."""
        self._child.close()
