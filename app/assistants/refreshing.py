"""Reading what changed before documents are worked with; what is indexed already serves even when that fails."""

import time
from collections.abc import Callable, Generator, Sequence

from app.assistants.events import Indexing, Notice
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.retrieval.client import Library
from app.retrieval.protocol import IndexFinished, WaitReason

_WAITING: dict[WaitReason, str] = {
    "paused": "Reading is paused. Resume it in the library, then ask again.",
    "battery": "Reading waits for mains power. Plug the computer in, or change that in the settings.",
    "busy": "Reading waits while other programs need the processor. Ask again in a while.",
    "hot": "Reading waits until the computer has cooled down. Ask again in a while.",
}


def refresh_documents(
    library: Library,
    folders: Sequence[str],
    cancel: CancelToken,
    *,
    patience_s: float | None = None,
    enough: Callable[[], bool] = lambda: True,
) -> Generator[Indexing | Notice, None, AppError | None]:
    """Bring the index of `folders` up to date; returns what went wrong, if anything did.

    `patience_s`: how long it may take once the files are listed; then the rest is left for the next refresh (words that
    are read can be searched already), and at once when it waits for anything but the end of an answer. None: until
    everything is done. `enough`: asked whenever patience has run out, whether what is read by then will do; if not, it
    goes on for as long again.

    Raises `WorkerDied` and `Cancelled`.
    """
    finished: IndexFinished | None = None
    since = None  # monotonic seconds
    try:
        for event in library.refresh(folders, cancel, if_free=True):
            if isinstance(event, IndexFinished):
                finished = event
                continue
            yield Indexing(event)
            if patience_s is None or event.stage == "listing":
                continue
            since = since or time.monotonic()
            if event.stage == "waiting" and event.reason != "answer":
                return AppError("These documents are not read yet.", _WAITING[event.reason])
            if time.monotonic() - since > patience_s:
                if enough():
                    return None
                since = time.monotonic()
    except WorkerDied:
        raise
    except AppError as error:
        yield Notice(str(error))
        return error
    if finished is None:
        if patience_s is None:  # else what comes next tells how much is not read yet
            yield Notice("The documents are being read right now; what is not read yet is not looked at.")
        return AppError("The documents are still being read.", "Wait a moment and try again.")
    return None
