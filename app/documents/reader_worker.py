"""The reader process: one document at a time, within limits, answered over a pipe."""

import faulthandler
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.jobs import CancelToken
from app.base.worker_frames import Codec
from app.base.worker_process import serve
from app.documents.document import ReadResult, Verdict
from app.documents.limits import Limits

_BELT_S = 5.0  # the parent kills first; this counts only when the parent itself hangs
_POLITE = 10


@dataclass(frozen=True, slots=True)
class Read:
    """Read the file at `path`: the bytes of its name as Latin-1, because names need not be Unicode."""

    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`resident_bytes` is the most memory this process has held so far, 0 where that is unknown."""

    result: ReadResult
    resident_bytes: int


CODEC = Codec(Read, Answer)


def main(arguments: Sequence[str]) -> None:
    """Serve until the parent goes. `arguments` is the JSON of `Limits`."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    limits = Limits(**json.loads(arguments[0]))
    _restrict(limits)

    def handle(request: Read, _: CancelToken) -> Iterator[Answer]:
        faulthandler.dump_traceback_later(limits.seconds + _BELT_S, exit=True)
        try:
            yield Answer(_read(Path(os.fsdecode(request.path.encode("latin-1"))), limits), _resident_bytes())
        finally:
            faulthandler.cancel_dump_traceback_later()

    serve(handle, CODEC)


def _read(path: Path, limits: Limits) -> ReadResult:
    from app.documents.reading import read_document  # after the limits are set: it loads native code

    try:
        return read_document(path, limits)
    except BaseException as panic:  # a Rust panic arrives as one
        if type(panic).__name__ != "PanicException":
            raise
        return ReadResult(Verdict.damaged, "The file made the reader stop, so it is most likely damaged.")


def _restrict(limits: Limits) -> None:
    """Bound memory, leave no core dump with a document's text, and give way to other programs."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "darwin":  # macOS accepts the limit and ignores it, or refuses it
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    os.nice(_POLITE)


def _resident_bytes() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
