"""The parent's side of a process for hostile files.

A hostile or broken file may crash, hang or swell what reads it; it then ends the child, and the next file meets
a fresh one. The child's side is `limited_serving`.
"""

import contextlib
import json
import shutil
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.base.errors import WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.worker_frames import Codec
from app.base.worker_process import WorkerProcess
from app.documents.limits import MIB, Limits

_GRACE_S = 0.3  # the child cannot look up from native code, so Stop soon means kill
_MAX_RESIDENT = 1024 * MIB


class TooSlow(Exception):
    """The child was ended because its time was up."""


class Crashed(Exception):
    """The file ended the child, or found a bug in it."""


class LimitedProcess:
    """One child that answers one request at a time; it starts with the first.

    `module` takes the limits as JSON and serves with `limited_serving.serve_within`; every reply has
    `resident_bytes`. `work_dir` holds the child's private temporary files, in folders named `name`-…, and belongs to
    one `LimitedProcess` of that name at a time. Safe to use from several threads.
    """

    def __init__(
        self,
        module: str,
        codec: Codec,
        limits: Limits,
        *,
        title: str,
        name: str,
        work_dir: Path,
        log_dir: Path,
        most_requests: int,
    ) -> None:
        self._module = module
        self._codec = codec
        self._limits = limits
        self._title = title
        self._name = name
        self._work_dir = work_dir
        self._log_dir = log_dir
        self._most_requests = most_requests  # then a fresh process, in case native code leaks
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._scratch: Path | None = None
        self._requests = 0

    @property
    def pid(self) -> int | None:
        """Process id while the child runs."""
        worker = self._worker
        return worker.pid if worker is not None else None

    def ask(self, message: object, cancel: CancelToken) -> Any:
        """The child's one reply. Raises `TooSlow`, `Crashed`, `Cancelled`, and `AppError`: the child's own, or none starts."""
        with self._lock:
            try:
                reply = self._ask(message, cancel)
            except BaseException:
                self._stop()
                raise
            self._requests += 1
            if self._requests >= self._most_requests or reply.resident_bytes > _MAX_RESIDENT:
                self._stop()
            return reply

    def close(self) -> None:
        """End the child and remove its temporary files; a later `ask` starts anew."""
        if self._worker is not None:
            self._worker.kill()  # outside the lock: a request under way must not delay it
        with self._lock:
            self._stop()

    def _ask(self, message: object, cancel: CancelToken) -> Any:
        worker = self._started()
        too_late = threading.Event()

        def end() -> None:
            too_late.set()
            worker.kill()

        clock = threading.Timer(self._limits.seconds, end)
        clock.daemon = True
        clock.start()
        try:
            return worker.call(message, cancel)
        except (WorkerDied, WorkerBug) as error:
            raise (TooSlow() if too_late.is_set() else Crashed()) from error
        finally:
            clock.cancel()

    def _started(self) -> WorkerProcess:
        if self._worker is None:
            self._work_dir.mkdir(parents=True, exist_ok=True)
            for left_over in self._work_dir.glob(f"{self._name}-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            self._scratch = Path(tempfile.mkdtemp(prefix=f"{self._name}-", dir=self._work_dir))
            self._worker = WorkerProcess(
                self._module,
                self._codec,
                title=self._title,
                log_file=self._log_dir / f"{self._name}.log",
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
        self._worker, self._scratch, self._requests = None, None, 0


def _environment(scratch: Path) -> dict[str, str]:
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    # Each thread's heap reserves address space, which is what the memory limit counts.
    threads = {"MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2", "TOKIO_WORKER_THREADS": "2"}
    # Reading never needs a network; should a library disagree, it finds nobody there.
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"), "http://127.0.0.1:9")
    return folders | threads | nowhere
