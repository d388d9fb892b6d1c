"""`alcove models attach` and `detach`: LoRA adapters of a model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.assistants.attach_adapter import Attached, attach_adapter
from app.backend import Backend
from app.base.paths import person_path
from app.cli.models.library import named_models
from app.cli.options import AsJson
from app.cli.session import Session, Step, plain, print_json
from app.engine.choose import models_folder
from app.engine.protocol import LoadProgress
from app.models.adapters import LARGEST_SCALE, detach
from app.models.disk import in_words
from app.models.records import Records

Id = Annotated[str, typer.Argument(metavar="ID", help="The name of a model, or its file.")]


def attach_command(
    context: typer.Context,
    id: Id,
    adapter: Annotated[
        str, typer.Argument(metavar="ADAPTER.gguf", help="A LoRA adapter; it stays where it is.")
    ],
    scale: Annotated[
        float,
        typer.Option(min=0.0, max=LARGEST_SCALE, help="How strongly it counts; 1 is as it was trained."),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Let a model answer with a LoRA adapter; both are loaded together once before it counts."""
    session: Session = context.obj
    attached: Attached | None = None
    with session.backend() as (backend, token):
        records = _records(backend)
        (model,) = named_models([id], records.folder)
        events = attach_adapter(
            model, person_path(adapter), scale, records=records, sizing=session.sizing, cancel=token
        )
        for event in session.with_bar(events, "Testing whether it loads", _step):
            if isinstance(event, Attached):
                attached = event
    assert attached is not None
    if as_json:
        print_json({"model": model.name, "adapters": plain(attached.adapters), "bytes": attached.bytes})
        return
    name = Path(adapter).name
    sys.stdout.write(
        f"“{model.name}” answers with “{name}” from now on ({in_words(attached.bytes)} more in memory).\n"
    )


def detach_command(
    context: typer.Context,
    id: Id,
    adapter: Annotated[
        str | None, typer.Argument(metavar="[ADAPTER]", help="Its file or the name of it; without one, all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a model answer without its adapters again; their files stay."""
    session: Session = context.obj
    with session.backend() as (backend, _):
        records = _records(backend)
        (model,) = named_models([id], records.folder)
        gone = detach(model, adapter, records)
    if as_json:
        print_json({"model": model.name, "detached": plain(gone)})
        return
    names = ", ".join(f"“{Path(each.file).name}”" for each in gone)
    sys.stdout.write(f"“{model.name}” answers without {names} from now on.\n")


def _records(backend: Backend) -> Records:
    return Records(models_folder(backend.settings.current, backend.paths))


def _step(event: LoadProgress | Attached) -> Step | None:
    return Step("Testing whether it loads", event.fraction, 1) if isinstance(event, LoadProgress) else None
