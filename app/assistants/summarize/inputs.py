"""Which documents are meant: each file once, with all that folders hold now."""

import os
import sqlite3
from collections.abc import Generator, Sequence
from pathlib import Path

from app.assistants.events import Indexing, Notice
from app.assistants.refreshing import refresh_documents
from app.assistants.summarize.events import Input
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents.document import Verdict
from app.retrieval.client import Library
from app.storage.passages import IndexReader

_READ = (Verdict.indexed, Verdict.partial)


def find_inputs(
    given: Sequence[Input], *, library: Library, index: IndexReader, cancel: CancelToken
) -> Generator[Indexing | Notice, None, list[Input]]:
    """`given`, in which files may be folders: those are read anew, and their documents stand in their place.

    Nothing comes twice, by whatever path. Raises `AppError` when there is no document in any of the folders and nothing
    else was given, `WorkerDied` and `Cancelled`.
    """
    folders = [each.file for each in given if each.file and Path(each.file).is_dir()]
    trouble = (yield from refresh_documents(library, folders, cancel)) if folders else None
    inputs: dict[tuple[str, str], Input] = {}
    for each in given:
        for document in _documents(each, index):
            inputs.setdefault(_key(document), document)
    if not inputs:
        names = ", ".join(f"“{Path(each).name or each}”" for each in folders)
        raise trouble or AppError(
            f"There is no document in {names} that Alcove can read.", "Choose other documents."
        )
    return list(inputs.values())


def documents_in(folders: Sequence[str], index: IndexReader) -> list[str]:
    """Paths of the documents below `folders` that are read already, in order."""
    try:
        files = index.files(folders) if folders else []
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return []  # the worker is making the tables at this moment
    return [each.path for each in files if each.state in _READ]


def _documents(given: Input, index: IndexReader) -> list[Input]:
    """A folder that cannot be reached now is known by what was read of it."""
    path = Path(given.file)
    if not given.file or path.is_file():
        return [given]
    below = [Input(each) for each in documents_in([given.file], index)]
    return below or ([] if path.is_dir() else [given])


def _key(given: Input) -> tuple[str, str]:
    """The same for one file behind several links."""
    return given.text, os.path.normcase(os.path.realpath(given.file)) if given.file else ""
