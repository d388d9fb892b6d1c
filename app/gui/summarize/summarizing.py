"""The use case as one function for the page. It runs on a job's thread."""

import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from app.assistants.events import Indexing, Notice
from app.assistants.summarize.events import Input, SummaryEvent, Wish
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.document import Verdict
from app.gui.summarize.entries import Entry


@dataclass(frozen=True, slots=True)
class Request:
    """What to summarise, and how."""

    entries: tuple[Entry, ...]
    wish: Wish


Summarizer = Callable[[Request, CancelToken], Iterator[SummaryEvent]]
_READ = (Verdict.indexed, Verdict.partial)


def summarizer_of(backend: Backend) -> Summarizer:
    """Reads folders and collections anew, then summarises each of their documents."""

    def work(request: Request, cancel: CancelToken) -> Iterator[SummaryEvent]:
        from app.assistants.summarize.summarize import summarize
        from app.engine.choose import model_to_use

        inputs = yield from _inputs(request.entries, backend, cancel)
        yield from summarize(
            inputs,
            request.wish,
            library=backend.library,
            engine=backend.engine,
            model=model_to_use(backend.settings.current, backend.paths),
            parts=backend.summary_parts,
            cancel=cancel,
        )

    return work


def documents_in(entry: Entry, backend: Backend) -> list[str]:
    """Paths of the documents of a folder or collection that are read already, in order."""
    folders = _folders(entry, backend)
    try:
        files = backend.index.files(folders) if folders else []
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return []  # the worker is making the tables at this moment
    return [each.path for each in files if each.state in _READ]


def _inputs(
    entries: Sequence[Entry], backend: Backend, cancel: CancelToken
) -> Generator[Indexing | Notice, None, list[Input]]:
    """Each document once. Raises `AppError` when a collection or folder holds none, and there is nothing else."""
    from app.assistants.refreshing import refresh_documents

    folders = [folder for each in entries for folder in _folders(each, backend)]
    if folders:
        yield from refresh_documents(backend.library, folders, cancel)
    inputs: list[Input] = []
    for each in entries:
        if each.kind == "text":
            inputs.append(Input(text=each.value))
        elif each.kind == "file":
            inputs.append(Input(file=each.value))
        else:
            inputs += [Input(file=path) for path in documents_in(each, backend)]
    if not inputs:
        names = ", ".join(f"“{each.name}”" for each in entries)
        raise AppError(f"There is no document in {names} that Alcove can read.", "Choose other documents.")
    return list(dict.fromkeys(inputs))


def _folders(entry: Entry, backend: Backend) -> tuple[str, ...]:
    if entry.kind == "folder":
        return (entry.value,)
    collection = backend.collections.get(entry.value) if entry.kind == "collection" else None
    return () if collection is None else collection.folders
