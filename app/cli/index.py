"""`alcove index`: add folders to the library and bring them up to date."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated

import typer

from app.base.errors import AppError
from app.base.paths import is_there, person_path
from app.cli.ask import AsJson
from app.cli.session import Session, plain, print_json
from app.retrieval.protocol import IndexFinished, IndexProgress
from app.storage.collections import DEFAULT_COLLECTION

_SHOWN_FAILURES = 20
_LOOK_EVERY_S = 5.0  # looking at 10,000 unchanged files takes about 0.3 s


def index_command(
    context: typer.Context,
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER...", help="Folders or single files.")],
    collection: Annotated[
        str, typer.Option(metavar="NAME", help="Collection the folders belong to.")
    ] = DEFAULT_COLLECTION,
    retry: Annotated[bool, typer.Option(help="Read files again that could not be read before.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on looking for changes until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read folders into the library; only what is new or changed is read again."""
    session: Session = context.obj
    wanted = [person_path(folder) for folder in folders]
    for folder in wanted:
        if not is_there(folder):
            raise AppError(f"There is no folder or file {folder}.", "Check the name and try again.")
    with session.backend() as (backend, token):
        events = backend.library.refresh([str(folder) for folder in wanted], token, retry=retry)
        finished = session.show_indexing(
            _once_listed(events, lambda: backend.collections.add(collection, wanted))
        )
        _tell(finished, as_json)
        while watch and not token.wait(_LOOK_EVERY_S):
            try:
                changed = session.show_indexing(
                    backend.library.refresh([str(folder) for folder in wanted], token)
                )
            except AppError as error:  # a stick that is out, a disk that is full: it may be better next time
                session.warn(str(error))
                continue
            if changed is not None and (changed.indexed or changed.removed):
                _tell(changed, as_json)


def _tell(finished: IndexFinished | None, as_json: bool) -> None:
    if finished is None:
        return
    if as_json:
        print_json(_as_json(finished))
    else:
        _print(finished)
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


def _as_json(finished: IndexFinished) -> dict[str, object]:
    return {
        "files": {
            "seen": finished.seen,
            "indexed": finished.indexed,
            "unchanged": finished.unchanged,
            "removed": finished.removed,
            "failed": finished.failed,
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
