"""`alcove index`: add folders to the library and bring them up to date."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.assistants.add_encoder import is_changing
from app.assistants.events import Indexing, Notice
from app.assistants.keep_up import KeepUpEvent, KeptUp, RefreshFailed, keep_up
from app.backend import Backend
from app.base.edition import recognises_text
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import is_there, person_path
from app.base.settings import SettingsStore
from app.cli.options import AsJson
from app.cli.session import Session, Step, index_step, plain, print_json, reembed_step
from app.retrieval.ignoring import is_pattern
from app.retrieval.protocol import IndexFinished, IndexProgress
from app.storage.collections import DEFAULT_COLLECTION

_SHOWN_FAILURES = 20


def index_command(
    context: typer.Context,
    folders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FOLDER",
            help="Folders or single files; without, all of the library.",
            show_default=False,
        ),
    ] = None,
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="Collection the folders belong to.")
    ] = DEFAULT_COLLECTION,
    retry: Annotated[bool, typer.Option(help="Read files again that could not be read before.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on reading what changes until Ctrl-C.")] = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            show_default=False,
            help="Leave out what matches, from now on: as in .gitignore, such as “drafts/” or “*.tmp”. Kept in the settings; may be repeated.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read folders into the library; only what is new or changed is read again."""
    session: Session = context.obj
    wanted = [person_path(folder) for folder in folders or ()]
    for folder in wanted:
        if not is_there(folder):
            raise AppError(f"There is no folder or file {folder}.", "Check the name and try again.")
    with session.backend() as (backend, token):
        _ignore(backend.settings, ignore or [])
        chosen = tuple(map(str, wanted)) or backend.collections.folders()
        if not chosen and not watch:
            raise AppError("The library is empty.", "Name a folder to add.")
        if chosen:
            events = backend.library.refresh(chosen, token, retry=retry)
            remember = _remembering(backend, collection, wanted)
            finished = session.show_indexing(_once_listed(events, remember))
            _tell(finished, as_json, _not_recognised(backend, chosen))
        if watch:
            _watch(session, backend, wanted, token, as_json)
        elif is_changing(backend.settings.current, backend.paths):
            list(session.with_bar(backend.library.reembed(token), "Loading the search model", reembed_step))


def _ignore(settings: SettingsStore, patterns: list[str]) -> None:
    for pattern in patterns:
        if not pattern.strip() or not is_pattern(pattern):
            raise AppError(
                f"“{pattern}” is no pattern that can be followed.", "Write it as in a .gitignore file."
            )
    new = tuple(dict.fromkeys((*settings.current.ignore, *patterns)))
    if new != settings.current.ignore:
        settings.change(ignore=new)


def _remembering(backend: Backend, collection: str, folders: list[Path]) -> Callable[[], object]:
    return (lambda: backend.collections.add(collection, folders)) if folders else (lambda: None)


def _watch(session: Session, backend: Backend, wanted: list[Path], token: CancelToken, as_json: bool) -> None:
    """Until Ctrl-C: `wanted`, or the folders of the library as they come and go."""
    paths = backend.paths

    def folders() -> tuple[str, ...]:
        return tuple(map(str, wanted)) or backend.collections.folders()

    events = keep_up(
        folders,
        library=backend.library,
        settings=backend.settings,
        cancel=token,
        own=(paths.data, paths.config, paths.cache, paths.logs),
        asked=True,
    )
    warned: set[str] = set()
    for event in session.with_bar(events, "Looking for documents", _step):
        match event:
            case KeptUp(finished) if finished.indexed or finished.removed:
                _tell(finished, as_json, _not_recognised(backend, folders()))
            case Notice(text) | RefreshFailed(AppError(args=(text,))) if text not in warned:
                warned.add(text)  # a stick that is out, a disk that is full: it may be better next time
                session.warn(text)


def _step(event: KeepUpEvent) -> Step | None:
    return index_step(event.progress) if isinstance(event, Indexing) else None


def _not_recognised(backend: Backend, folders: Sequence[str]) -> int:
    """How many files have pages that are pictures, and stay so as the settings say, or for want of what recognises them."""
    if backend.settings.current.recognise_text and recognises_text():
        return 0
    return sum(each.scans > 0 for each in backend.index.files(folders))


def _tell(finished: IndexFinished | None, as_json: bool, not_recognised: int) -> None:
    if finished is None:
        return
    if as_json:
        print_json(_as_json(finished, not_recognised))
    else:
        _print(finished)
        if not_recognised:
            have = "1 file has" if not_recognised == 1 else f"{not_recognised} files have"
            why = "see the settings" if recognises_text() else "this edition of Alcove cannot do it"
            sys.stdout.write(f"{have} pages that are pictures and were not recognised ({why}).\n")
    sys.stdout.flush()


def _once_listed(
    events: Iterable[IndexProgress | IndexFinished], remember: Callable[[], object]
) -> Iterator[IndexProgress | IndexFinished]:
    """Remember the folders once they could be listed: what a stop interrupts is finished by the next refresh."""
    remembered = False
    for event in events:
        if not remembered and (isinstance(event, IndexFinished) or event.total):
            remember()
            remembered = True
        yield event


def _as_json(finished: IndexFinished, not_recognised: int) -> dict[str, object]:
    return {
        "files": {
            "seen": finished.seen,
            "indexed": finished.indexed,
            "unchanged": finished.unchanged,
            "removed": finished.removed,
            "failed": finished.failed,
            "not_recognised": not_recognised,
        },
        "passages": finished.passages,
        "seconds": finished.seconds,
        "failures": plain(finished.failures),
    }


def _print(finished: IndexFinished) -> None:
    write = sys.stdout.write
    if not finished.seen and not finished.failed:
        write("There are no documents in there yet.\n")
    write(
        f"{finished.seen} files: {finished.indexed} read, {finished.unchanged} unchanged,"
        f" {finished.removed} removed, {finished.failed} not readable."
        f" {finished.passages} passages, {finished.seconds:.1f} s.\n"
    )
    for failure in finished.failures[:_SHOWN_FAILURES]:
        write(f"  {failure.file}: {failure.reason or failure.state}\n")
    if len(finished.failures) > _SHOWN_FAILURES:
        write(f"  … and {len(finished.failures) - _SHOWN_FAILURES} more (--json lists all)\n")
