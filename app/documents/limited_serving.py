"""The child's side of a process for hostile files: bounds on memory and time, and names as they travel."""

import faulthandler
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.base.jobs import CancelToken
from app.base.worker_frames import Codec
from app.base.worker_process import serve
from app.documents.limits import Limits

_BELT_S = 5.0  # the parent kills first; this counts only when the parent itself hangs
_POLITE = 10


def serve_within(limits: Limits, codec: Codec, answer: Callable[[Any], object]) -> None:
    """Answer one request at a time, each with one reply and within `limits`, until the parent goes."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    _restrict(limits)

    def handle(request: object, _: CancelToken) -> Iterator[object]:
        faulthandler.dump_traceback_later(limits.seconds + _BELT_S, exit=True)
        try:
            yield answer(request)
        finally:
            faulthandler.cancel_dump_traceback_later()

    serve(handle, codec)


def is_panic(error: BaseException) -> bool:
    """Whether native code gave up: a Rust panic is no `Exception`, and leaves the process usable."""
    return type(error).__name__ == "PanicException"


def path_to_text(path: Path) -> str:
    """The bytes of a name as Latin-1, because names need not be Unicode and JSON must be."""
    return os.fsencode(path).decode("latin-1")


def path_from_text(text: str) -> Path:
    return Path(os.fsdecode(text.encode("latin-1")))


def resident_bytes() -> int:
    """The most memory this process has held so far, 0 where that is unknown."""
    if sys.platform == "win32":
        return 0
    if sys.platform == "linux":
        # `getrusage` begins with what the parent held: on Linux that figure survives the start of another program
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _restrict(limits: Limits) -> None:
    """Bound memory, leave no core dump with a document's text, and give way to other programs."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "darwin":  # macOS accepts the limit and ignores it, or refuses it
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    os.nice(_POLITE)
