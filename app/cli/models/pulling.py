"""`alcove models pull`: bring a model of the catalogue or the hub here."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from app.assistants.choose_model import explain
from app.assistants.fetch_model import FetchEvent, FilesListed, ModelReady, Sized, fetch_model
from app.base.errors import AppError
from app.cli.models.choosing import fit_json
from app.cli.options import AsJson
from app.cli.session import Session, print_json
from app.engine.choose import hub_endpoint, models_folder
from app.engine.protocol import LoadProgress
from app.hardware.fit import Fit
from app.models.catalog import load_catalog
from app.models.disk import in_words
from app.models.download.transfer import (
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)
from app.models.records import Records

_MIB = 1 << 20


def pull_command(
    context: typer.Context,
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID|OWNER/NAME",
            help="Of the catalogue (“alcove models list”), or a repository of the hub.",
        ),
    ],
    quantisation: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Type of the weights, for example Q8_0.")
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A mirror of the hub; else HF_ENDPOINT, else the hub itself."),
    ] = None,
    limit: Annotated[
        float | None, typer.Option(min=0.01, metavar="MIB", help="At most so many MiB a second.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also when it does not fit into memory.")] = False,
    as_json: AsJson = False,
) -> None:
    """Download a model: sized first, resumed where it stopped, checked, and loaded once before it is offered."""
    session: Session = context.obj
    model = id if "/" in id else load_catalog().model(id)
    with session.backend() as (backend, token):
        folder = models_folder(backend.settings.current, backend.paths)
        most = limit or backend.settings.current.download_limit
        events = fetch_model(
            model,
            quantisation=quantisation,
            endpoint=endpoint or hub_endpoint(backend.settings.current),
            lists=backend.paths.file_lists,
            scratch=backend.paths.cache,
            records=Records(folder),
            sizing=session.sizing,
            speed=session.measurements.speed,
            cancel=token,
            bytes_per_s=None if not most else int(most * _MIB),
            even_if_too_big=anyway,
        )
        ready, sized = _show(session, events)
    if ready is None:
        raise AppError("The model did not arrive.", "Try again.")
    if as_json:
        fit = {} if sized is None else fit_json(sized)
        print_json({
            "id": id, "name": ready.name, "file": str(ready.file), "bytes": ready.bytes,
            "sha256": ready.sha256, "bytes_received": ready.bytes_received, **fit,
        })  # fmt: skip
        return
    sys.stdout.write(f"{ready.name} is ready ({in_words(ready.bytes)}). Use it with --model {ready.name}.\n")


def _show(session: Session, events: Iterator[FetchEvent]) -> tuple[ModelReady | None, Fit | None]:
    """Progress on stderr."""
    ready, sized = None, None
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
        console=session.console, transient=True, disable=not session.console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("Asking the hub", total=None)
        name = ""
        for event in events:
            match event:
                case FilesListed():
                    name = escape(event.choice.name)
                    bar.update(task, description=f"Sizing {name}", total=event.choice.bytes)
                case Sized():
                    sized = event.fit
                    if event.fit is not None:
                        session.warn(explain(event.fit))
                case DownloadProgress():
                    stage = f"Checking {name}" if event.checking else name
                    bar.update(task, description=stage, completed=event.bytes_done, total=event.bytes_total)
                case DownloadWaiting() | DownloadRestarted():
                    session.warn(event.reason)
                case DownloadFinished() | LoadProgress():
                    bar.update(task, description=f"Trying whether {name} loads")
                case ModelReady():
                    ready = event
    return ready, sized
