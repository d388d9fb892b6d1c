"""Reading what changed before documents are worked with; what is indexed already serves even when that fails."""

from collections.abc import Generator, Sequence

from app.assistants.events import Indexing, Notice
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.retrieval.client import Library
from app.retrieval.protocol import IndexFinished


def refresh_documents(
    library: Library, folders: Sequence[str], cancel: CancelToken
) -> Generator[Indexing | Notice, None, AppError | None]:
    """Bring the index of `folders` up to date; returns what went wrong, if anything did.

    Raises `WorkerDied` and `Cancelled`.
    """
    finished: IndexFinished | None = None
    try:
        for event in library.refresh(folders, cancel, if_free=True):
            if isinstance(event, IndexFinished):
                finished = event
            else:
                yield Indexing(event)
    except WorkerDied:
        raise
    except AppError as error:
        yield Notice(str(error))
        return error
    if finished is None:
        yield Notice("The documents are being read right now; what is not read yet is not looked at.")
        return AppError("The documents are still being read.", "Wait a moment and try again.")
    return None
