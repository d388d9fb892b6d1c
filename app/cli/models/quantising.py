"""`alcove models quantize`: a smaller model out of a full-precision one."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from app.assistants.choose_model import explain
from app.assistants.quantise_model import (
    QuantisedReady,
    QuantiseEvent,
    Quantising,
    Sized,
    quantise_model,
    sizes,
)
from app.backend import Backend
from app.base.errors import AppError, Cancelled
from app.cli.models.choosing import fit_json
from app.cli.models.library import named_models
from app.cli.options import AsJson
from app.cli.session import Session, Step, print_json
from app.engine.choose import models_folder
from app.engine.protocol import LoadProgress
from app.models.copying import FileProgress
from app.models.disk import free_bytes, in_words
from app.models.installed import InstalledModel
from app.models.naming import stem_of
from app.models.quantised import QUANTISATIONS, USUAL
from app.models.records import Records


def quantize_command(
    context: typer.Context,
    id: Annotated[
        str, typer.Argument(metavar="ID", help="A full-precision model (F16, BF16 or F32), or its file.")
    ],
    quantisation: Annotated[
        str, typer.Option("--type", metavar="TYPE", help=f"One of {', '.join(QUANTISATIONS)}.")
    ] = USUAL,
    name: Annotated[
        str, typer.Option(help="What to call it; else it goes by the model's name and the type.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a model with fewer bits a weight: much smaller and faster, hardly worse. The model itself stays."""
    session: Session = context.obj
    quantisation = quantisation.upper()
    with session.backend() as (backend, token):
        records = Records(models_folder(backend.settings.current, backend.paths))
        (model,) = named_models([id], records.folder)
        if model.missing:
            raise AppError(model.missing, "Quantise it when it is there again.")
        if not yes:
            (sized,) = sizes(
                model.file, [quantisation], paths=backend.paths, sizing=session.sizing,
                speed=session.measurements.speed, cancel=token,
            )  # fmt: skip
            _ask(session, model, sized, records)
        events = _quantised(session, backend, records, model, quantisation, name)
        sized, ready = _show(session, events, tell=yes)
    if as_json:
        print_json({
            "model": {"name": ready.name, "file": str(ready.file), "bytes": ready.bytes, "sha256": ready.sha256},
            "source": model.name, "quantisation": quantisation, **fit_json(sized.fit),
        })  # fmt: skip
        return
    sys.stdout.write(f"{ready.name} is ready ({in_words(ready.bytes)}). Use it with --model {ready.name}.\n")


def _quantised(
    session: Session, backend: Backend, records: Records, model: InstalledModel, quantisation: str, name: str
) -> Iterator[QuantiseEvent]:
    """The token is that of the session by now: asking the person made a new one."""
    return quantise_model(
        model,
        quantisation,
        name=stem_of(name.strip()) or None,
        paths=backend.paths,
        records=records,
        sizing=session.sizing,
        speed=session.measurements.speed,
        cancel=session.token,
    )


def _ask(session: Session, model: InstalledModel, sized: Sized, records: Records) -> None:
    """Raises `Cancelled` unless the person agrees, and `AppError` where nobody can be asked."""
    session.warn(_sentence(sized))
    if not sys.stdin or not sys.stdin.isatty():
        raise AppError(f"Nobody can be asked whether to quantise “{model.name}”.", "Add --yes to do it.")
    free = in_words(free_bytes(records.folder))
    answer = session.prompt(f"Write it ({in_words(sized.bytes)}; {free} are free)? [y/N] ")
    if answer is None or answer.strip().casefold() not in ("y", "yes"):
        raise Cancelled


def _show(session: Session, events: Iterator[QuantiseEvent], *, tell: bool) -> tuple[Sized, QuantisedReady]:
    """Progress on stderr; `tell`: size and fit too."""
    sized: Sized | None = None
    ready: QuantisedReady | None = None
    for event in session.with_bar(events, "Reading the model", _step):
        if isinstance(event, Sized):
            sized = event
            if tell:
                session.warn(_sentence(event))
        elif isinstance(event, QuantisedReady):
            ready = event
    assert sized is not None and ready is not None
    return sized, ready


def _step(event: QuantiseEvent) -> Step | None:
    match event:
        case Quantising():
            return Step("Quantising", event.done, event.total)
        case FileProgress():
            return Step("Checking", event.done, event.total)
        case LoadProgress():
            return Step("Testing whether it loads", event.fraction, 1)
    return None


def _sentence(sized: Sized) -> str:
    return f"{sized.quantisation}: {in_words(sized.bytes)}. {explain(sized.fit)}"
