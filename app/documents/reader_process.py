"""The retrieval worker's side of the reader process.

A hostile or broken file may crash, hang or swell the reader; it then ends the reader, not the index, and
the file gets a verdict like any other. The next file meets a fresh process.
"""

import contextlib
import json
import os
import shutil
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

from app.base.errors import WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.worker_process import WorkerProcess
from app.documents.document import ReadResult, Verdict
from app.documents.limits import MIB, Limits
from app.documents.reader_worker import CODEC, Answer, Read

_MODULE = "app.documents.reader_worker"
_SCRATCH = "reader-"
_GRACE_S = 0.3  # the reader cannot look up from native code, so Stop soon means kill
_MAX_FILES = 500  # then a fresh process, in case native code leaks
_MAX_RESIDENT = 768 * MIB


class ReaderProcess:
    """Reads documents in a child process, one at a time; starts it when the first is asked for.

    `work_dir` holds the child's private temporary files and belongs to one `ReaderProcess` at a time.
    Safe to use from several threads.
    """

    def __init__(self, limits: Limits, work_dir: Path, log_dir: Path) -> None:
        self._limits = limits
        self._work_dir = work_dir
        self._log_dir = log_dir
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._scratch: Path | None = None
        self._files = 0

    @property
    def pid(self) -> int | None:
        """Process id while the child runs."""
        worker = self._worker
        return worker.pid if worker is not None else None

    def read(self, path: Path, cancel: CancelToken) -> ReadResult:
        """The text of `path` or why there is none. Raises `Cancelled`, and `AppError` if no child starts."""
        with self._lock:
            try:
                answer = self._ask(path, cancel)
            except BaseException:
                self._stop()
                raise
            self._files += 1
            if isinstance(answer, ReadResult):
                self._stop()
                return answer
            if self._files >= _MAX_FILES or answer.resident_bytes > _MAX_RESIDENT:
                self._stop()
            return answer.result

    def close(self) -> None:
        """End the child and remove its temporary files; a later `read` starts anew."""
        if self._worker is not None:
            self._worker.kill()  # outside the lock: a read under way must not delay it
        with self._lock:
            self._stop()

    def _ask(self, path: Path, cancel: CancelToken) -> Answer | ReadResult:
        """The child's answer, or the verdict on a file that the child did not survive."""
        worker = self._started()
        too_late = threading.Event()

        def end() -> None:
            too_late.set()
            worker.kill()

        clock = threading.Timer(self._limits.seconds, end)
        clock.daemon = True
        clock.start()
        try:
            answer = worker.call(Read(os.fsencode(path).decode("latin-1")), cancel)
            assert isinstance(answer, Answer)
            return answer
        except (WorkerDied, WorkerBug):
            if too_late.is_set():
                seconds = f"{self._limits.seconds:.0f}"
                return ReadResult(Verdict.timed_out, f"Reading was given up after {seconds} seconds.")
            return ReadResult(
                Verdict.damaged,
                "The file made the reader stop, so it was set aside; it is most likely damaged.",
            )
        finally:
            clock.cancel()

    def _started(self) -> WorkerProcess:
        if self._worker is None:
            self._work_dir.mkdir(parents=True, exist_ok=True)
            for left_over in self._work_dir.glob(_SCRATCH + "*"):
                shutil.rmtree(left_over, ignore_errors=True)
            self._scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._work_dir))
            self._worker = WorkerProcess(
                _MODULE,
                CODEC,
                title="The document reader",
                log_file=self._log_dir / "reader.log",
                arguments=[json.dumps(asdict(self._limits))],
                environment=_environment(self._scratch),
                grace_s=_GRACE_S,
            )
        return self._worker

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
        if self._scratch is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(self._scratch)
        self._worker, self._scratch, self._files = None, None, 0


def _environment(scratch: Path) -> dict[str, str]:
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    # Each thread's heap reserves address space, which is what the memory limit counts.
    threads = {"MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2", "TOKIO_WORKER_THREADS": "2"}
    # Reading never needs a network; should a library disagree, it finds nobody there.
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"), "http://127.0.0.1:9")
    return folders | threads | nowhere
