"""The retrieval worker's side of the reader process: a file that ends the reader gets a verdict like any other."""

from pathlib import Path

from app.base.jobs import CancelToken
from app.documents.document import Member, Place, PlaceText, ReadResult, Verdict
from app.documents.limited_process import Crashed, LimitedProcess, TooSlow
from app.documents.limited_serving import path_to_text
from app.documents.limits import Limits
from app.documents.reader_worker import (
    CODEC,
    Answer,
    List,
    Listed,
    Read,
    Recognise,
    Recognised,
)

_MAX_FILES = 500
_RECOGNISED_AT_MOST = 2  # times
_STOPPED = "The file made the reader stop, so it was set aside; it is most likely damaged."


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

    def read(self, path: Path, cancel: CancelToken, *, member: str = "") -> ReadResult:
        """The text of `path`, or of a `member` of the archive there, or why there is none.

        Raises `Cancelled`, and `AppError` if no child starts.
        """
        try:
            answer = self._ask(Read(path_to_text(path), member), cancel)
        except TooSlow:
            return ReadResult(Verdict.timed_out, self._given_up())
        except Crashed:
            return ReadResult(Verdict.damaged, _STOPPED)
        assert isinstance(answer, Answer)
        return answer.result

    def members(self, path: Path, cancel: CancelToken) -> tuple[tuple[Member, ...], Verdict, str]:
        """The documents in the archive at `path`; its verdict and the reason for it. Raises as `read` does."""
        try:
            answer = self._ask(List(path_to_text(path)), cancel)
        except TooSlow:
            return (), Verdict.timed_out, self._given_up()
        except Crashed:
            return (), Verdict.damaged, _STOPPED
        assert isinstance(answer, Listed)
        return answer.members, answer.verdict, answer.reason

    def recognise(
        self, path: Path, page: Place, cancel: CancelToken, *, member: str = ""
    ) -> PlaceText | None:
        """The recognised text of a page that is a picture; None when its file cannot be reached now.

        A page that ends the reader stays a picture. Raises as `read` does, and `AppError` when the models are missing.
        """
        for _ in range(_RECOGNISED_AT_MOST):
            try:
                answer = self._child.ask(Recognise(path_to_text(path), member, page.number), cancel)
            except (TooSlow, Crashed):
                continue  # perhaps because the machine was busy, or short of memory
            assert isinstance(answer, Recognised)
            return answer.page
        return PlaceText(page, "", (), "picture", 0.0)

    def _ask(self, request: Read | List | Recognise, cancel: CancelToken) -> object:
        """Twice if need be: what ended the child may have been the system, short of memory, and not the file."""
        try:
            return self._child.ask(request, cancel)
        except Crashed:
            return self._child.ask(request, cancel)

    def _given_up(self) -> str:
        return f"Reading was given up after {self._seconds:.0f} seconds."

    def close(self) -> None:
        """End the child and remove its temporary files; a later `read` starts anew."""
        self._child.close()
