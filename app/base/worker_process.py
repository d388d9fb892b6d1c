"""Helper processes: started by module name, spoken to in typed dataclasses over a pipe.

Several requests can be under way at once; each is answered by a stream of replies and one ending. A process that does not obey Stop in time is killed, and one that dies ends its
requests with `WorkerDied`; in both cases the next request starts a fresh one.
"""

import contextlib
import itertools
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.logs import describe_bug
from app.base.worker_frames import Cancel, Codec, Done, Failed

# For workers that compute with several threads (environment variables). Threads that wait for each other on Linux spin
# for milliseconds by default; when other programs need the processor, that starves the thread they wait for. A short spin
# costs little on a quiet machine (`benchmarks busy`).
WAITING = {"GOMP_SPINCOUNT": "2000"}

_POLL_S = 0.05
_CLOSE_S = 1.0
_MAX_LOG_BYTES = 1_000_000
_log = logging.getLogger(__name__)


class WorkerProcess:
    """The front's side of one worker. Safe to use from several threads.

    `title` names the worker in sentences ("The document index"); `arguments` reach the module's
    `main(arguments)`; `grace_s` is how long a stopped request may take before the process is killed.
    """

    def __init__(
        self,
        module: str,
        codec: Codec,
        *,
        title: str,
        log_file: Path,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        grace_s: float = 2.0,
    ) -> None:
        self._module = module
        self._codec = codec
        self._title = title
        self._log_file = log_file
        self._arguments = list(arguments)
        self._environment = dict(environment or {})
        self._grace_s = grace_s
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """Process id while the worker runs."""
        child = self._child
        return child.process.pid if child is not None and child.alive else None

    def start(self) -> None:
        """Start the process if it does not run; returns at once. Raises `AppError` if it cannot start."""
        self._running()

    def request(self, message: object, cancel: CancelToken) -> Iterator[Any]:
        """Send `message` and yield each reply.

        Raises `AppError` (the worker's own), `WorkerDied`, `Cancelled` or `WorkerBug`. Leaving the
        iteration early stops the request in the worker.
        """
        cancel.raise_if_cancelled()
        number = next(self._numbers)
        child, replies = self._send(number, self._codec.frame(number, message))
        finished = False
        try:
            yield from self._replies(child, number, replies, cancel)
            finished = True
        except (AppError, Cancelled, WorkerBug):
            finished = True
            raise
        finally:
            if not finished:
                child.send(self._codec.frame(number, Cancel()))
            child.waiting.pop(number, None)

    def call(self, message: object, cancel: CancelToken | None = None) -> Any:
        """Send `message` and return its one reply; raises as `request` does."""
        replies = list(self.request(message, cancel or CancelToken()))
        return replies[-1] if replies else None

    def kill(self) -> None:
        """End the process at once; requests under way get `WorkerDied`."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.kill()

    def close(self) -> None:
        """Let the process end by itself, so that it can tidy up; kill it if that takes too long."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.hang_up(_CLOSE_S)

    def _send(self, number: int, frame: bytes) -> tuple["_Child", "queue.SimpleQueue[Any]"]:
        """A worker can die between two requests unnoticed; then one fresh start is tried."""
        for _ in range(2):
            child = self._running()
            replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
            child.waiting[number] = replies
            if child.send(frame):
                return child, replies
            child.kill()
        raise self._died(None)

    def _running(self) -> "_Child":
        with self._lock:
            if self._child is None or not self._child.alive:
                try:
                    self._child = _Child(self._command(), self._codec, self._log_file, self._environment)
                except OSError as error:
                    raise AppError(
                        f"{self._title} could not be started ({error.strerror or error}).",
                        "Close other programs and try again.",
                    ) from error
            return self._child

    def _command(self) -> list[str]:
        if getattr(sys, "frozen", False):
            return [sys.executable, "--worker", self._module, *self._arguments]
        # -P: modules lying in the current folder must not be picked up instead of Alcove's
        return [sys.executable, "-P", "-m", "app", "--worker", self._module, *self._arguments]

    def _replies(
        self, child: "_Child", number: int, replies: "queue.SimpleQueue[Any]", cancel: CancelToken
    ) -> Iterator[Any]:
        deadline: float | None = None
        while True:
            if cancel.cancelled and deadline is None:
                child.send(self._codec.frame(number, Cancel()))
                deadline = time.monotonic() + self._grace_s
            if deadline is not None and time.monotonic() > deadline:
                self._kill(child)
                raise Cancelled
            try:
                reply = replies.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(reply, Done):
                return
            if isinstance(reply, Failed):
                raise self._error(reply)
            if reply is None:
                if cancel.cancelled:
                    raise Cancelled
                raise self._died(child.exit_code(), killed=child.killed)
            yield reply

    def _kill(self, child: "_Child") -> None:
        with self._lock:
            if self._child is child:
                self._child = None
        child.kill()

    def _error(self, failed: Failed) -> Exception:
        if failed.kind == "app":
            return AppError(failed.what, failed.remedy)
        return Cancelled() if failed.kind == "cancelled" else WorkerBug(failed.what)

    def _died(self, exit_code: int | None, *, killed: bool = False) -> WorkerDied:
        _log.warning("%s ended with exit code %s", self._module, exit_code)
        return WorkerDied(
            f"{self._title} stopped unexpectedly.",
            "Try again: it is started afresh.",
            killed=killed,
            exit_code=exit_code,
        )


class _Child:
    """One running process: its pipes, and the requests that wait for it."""

    def __init__(self, command: list[str], codec: Codec, log_file: Path, environment: dict[str, str]) -> None:
        self.waiting: dict[int, queue.SimpleQueue[Any]] = {}
        self._codec = codec
        self._write_lock = threading.Lock()
        with _opened_log(log_file) as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **environment},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        self.alive = True
        self.killed = False
        self._reader = threading.Thread(target=self._read, name="worker-replies", daemon=True)
        self._reader.start()

    def send(self, frame: bytes) -> bool:
        """False when the process has gone."""
        assert self.process.stdin is not None
        try:
            with self._write_lock:
                self.process.stdin.write(frame)
                self.process.stdin.flush()
            return self.alive
        except (OSError, ValueError):
            return False

    def kill(self) -> None:
        self.killed = self.killed or self.process.poll() is None
        with contextlib.suppress(OSError):
            self.process.kill()
        self.exit_code()
        if threading.current_thread() is not self._reader:
            self._reader.join(timeout=5)
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def hang_up(self, patience_s: float) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=patience_s)
        self.kill()

    def exit_code(self) -> int | None:
        try:
            return self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            while (frame := self._codec.read(self.process.stdout)) is not None:  # type: ignore[arg-type]
                number, message = frame
                if (replies := self.waiting.get(number)) is not None:
                    replies.put(message)
        except (OSError, ValueError, KeyError) as error:
            _log.error("unreadable answer from a worker: %s", describe_bug(error))
            with contextlib.suppress(OSError):
                self.process.kill()
        self.alive = False
        for replies in list(self.waiting.values()):
            replies.put(None)


def _opened_log(file: Path) -> BinaryIO:
    """Where nothing can be written, work goes on without a log."""
    with contextlib.suppress(OSError):
        if file.stat().st_size > _MAX_LOG_BYTES:
            file.unlink()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


Handler = Callable[[Any, CancelToken], Iterator[Any]]


def serve(
    handle: Handler,
    codec: Codec,
    *,
    threads: int = 1,
    at_once: tuple[type, ...] = (),
    arrives: Callable[[], None] = lambda: None,
    at_end: Callable[[], None] = lambda: None,
) -> None:
    """The worker's main loop: answer requests until the front goes away, then end the process.

    `handle` yields the replies of one request; up to `threads` requests run side by side. Requests of
    the types `at_once` never wait for a free thread, so they must be quick. `arrives` is called for each of the others
    when it comes in, `at_end` before the process ends (not when it is killed).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the front's to handle
    requests, replies = _take_over_pipes()
    worker = _Server(handle, codec, replies)
    from concurrent.futures import ThreadPoolExecutor  # only workers need it

    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="request")
    while (frame := codec.read(requests)) is not None:
        number, message = frame
        if isinstance(message, Cancel):
            worker.cancel(number)
        elif isinstance(message, at_once):
            worker.answer(number, message, worker.open(number))
        else:
            arrives()
            pool.submit(worker.answer, number, message, worker.open(number))
    worker.cancel_all()  # else what ends with this process, such as a helper of its own, would look like a failure
    with contextlib.suppress(Exception):
        at_end()
    os._exit(0)  # the front has gone: nothing is left to answer, open transactions roll back


class _FrontGone(Exception):
    """Nobody is left to answer; the process is about to end."""


class _Server:
    def __init__(self, handle: Handler, codec: Codec, stream: BinaryIO) -> None:
        self._handle = handle
        self._codec = codec
        self._stream = stream
        self._lock = threading.Lock()
        self._tokens: dict[int, CancelToken] = {}

    def open(self, number: int) -> CancelToken:
        token = self._tokens[number] = CancelToken()
        return token

    def cancel(self, number: int) -> None:
        if (token := self._tokens.get(number)) is not None:
            token.cancel()

    def cancel_all(self) -> None:
        for token in list(self._tokens.values()):
            token.cancel()

    def answer(self, number: int, message: Any, token: CancelToken) -> None:
        with contextlib.suppress(_FrontGone):
            self._send(number, self._answered(number, message, token))

    def _answered(self, number: int, message: Any, token: CancelToken) -> Done | Failed:
        """Send every reply; returns the ending."""
        try:
            for reply in self._handle(message, token):
                self._send(number, reply)
            return Done()
        except _FrontGone:
            raise
        except AppError as error:
            return Failed("app", error.what, error.remedy)
        except Cancelled:
            return Failed("cancelled")
        except BaseException as error:
            _log.error("bug: %s", describe_bug(error))
            return Failed("bug", describe_bug(error))
        finally:
            self._tokens.pop(number, None)

    def _send(self, number: int, message: object) -> None:
        frame = self._codec.frame(number, message)
        try:
            with self._lock:
                self._stream.write(frame)
                self._stream.flush()
        except OSError as error:
            raise _FrontGone from error


def _take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for frames; stray prints of native libraries go to the log instead."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, replies
