"""Reading what changed before documents are worked with; what is indexed already serves even when that fails."""

import time
from collections.abc import Generator, Sequence

from app.assistants.events import Indexing, Notice
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.retrieval.client import Library
from app.retrieval.protocol import IndexFinished


def refresh_documents(
    library: Library, folders: Sequence[str], cancel: CancelToken, *, patience_s: float | None = None
) -> Generator[Indexing | Notice, None, AppError | None]:
    """Bring the index of `folders` up to date; returns what went wrong, if anything did.

    `patience_s`: how long it may take once the files are listed; then the rest is left for the next refresh (words that
    are read can be searched already), and at once when it waits for anything but the end of an answer. None: until
    everything is done.

    Raises `WorkerDied` and `Cancelled`.
    """
    finished: IndexFinished | None = None
    listed = None  # monotonic seconds
    try:
        for event in library.refresh(folders, cancel, if_free=True):
            if isinstance(event, IndexFinished):
                finished = event
                continue
            yield Indexing(event)
            if patience_s is None or event.stage == "listing":
                continue
            listed = listed or time.monotonic()
            waits = event.stage == "waiting" and event.reason != "answer"
            if waits or time.monotonic() - listed > patience_s:
                return None
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
