"""`alcove open`: files and folders, into the window. What “Open with Alcove” runs."""

from typing import Annotated

import typer

from app.base.errors import AppError
from app.base.paths import is_there, person_path
from app.cli.display import has_display
from app.cli.session import Session


def open_command(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Documents, folders or models (GGUF).", show_default=False),
    ] = None,
) -> None:
    """Open the window; files are taken as if they were dropped on it: documents into the library, models to the models."""
    session: Session = context.obj
    wanted = [person_path(file).absolute() for file in files or ()]
    for file in wanted:
        if not is_there(file):
            raise AppError(f"There is no folder or file {file}.", "Check the name and try again.")
    if not has_display():
        raise AppError("There is no display, so no window can be opened.", "Add them with alcove index.")
    raise typer.Exit(session.open_window(session.paths, wanted))
