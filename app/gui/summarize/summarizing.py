"""The use case as one function for the page. It runs on a job's thread."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.assistants.summarize.events import Input, SummaryEvent, Wish
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.summarize.entries import Entry


@dataclass(frozen=True, slots=True)
class Request:
    """What to summarise, and how."""

    entries: tuple[Entry, ...]
    wish: Wish


Summarizer = Callable[[Request, CancelToken], Iterator[SummaryEvent]]


def summarizer_of(backend: Backend) -> Summarizer:
    """Reads folders and collections anew, then summarises each of their documents."""

    def work(request: Request, cancel: CancelToken) -> Iterator[SummaryEvent]:
        from app.assistants.summarize.inputs import find_inputs
        from app.assistants.summarize.summarize import summarize
        from app.engine.choose import model_to_use

        given = _given(request.entries, backend)
        inputs = yield from find_inputs(given, library=backend.library, index=backend.index, cancel=cancel)
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


def folders_of(entry: Entry, backend: Backend) -> tuple[str, ...]:
    """The folders that a folder or collection stands for; none for a collection that is gone."""
    if entry.kind == "folder":
        return (entry.value,)
    collection = backend.collections.get(entry.value) if entry.kind == "collection" else None
    return () if collection is None else collection.folders


def _given(entries: Sequence[Entry], backend: Backend) -> list[Input]:
    given: list[Input] = []
    for each in entries:
        if each.kind == "text":
            given.append(Input(text=each.value))
        elif each.kind == "file":
            given.append(Input(each.value))
        else:
            given += [Input(folder) for folder in folders_of(each, backend)]
    if not given:
        names = ", ".join(f"“{each.name}”" for each in entries)
        raise AppError(f"There is no folder in {names}.", "Choose other documents.")
    return given
