"""`alcove memory`: the translation memory, to and from TMX files, and what is to be removed from it."""

from typing import Annotated

import typer
from rich.markup import escape

from app.assistants.keep_translations import ImportProgress, MemoryImported, export_memory, import_memory
from app.base.errors import AppError
from app.base.languages import find_language
from app.base.paths import person_path
from app.cli.options import AsJson
from app.cli.session import Session, Step, plain, print_json
from app.storage.translation_memory import TranslationMemory

program = typer.Typer(rich_markup_mode=None)

Source = Annotated[str, typer.Option("--from", metavar="LANG", help="Only translations from this language.")]
Target = Annotated[str, typer.Option("--to", metavar="LANG", help="Only translations into this language.")]


@program.callback(invoke_without_command=True)
def show_commands(context: typer.Context) -> None:
    """Without a command: what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@program.command("import")
def import_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A TMX file.")],
    source: Source = "",
    target: Target = "",
    as_json: AsJson = False,
) -> None:
    """Take the translations of a TMX file into the memory."""
    session: Session = context.obj
    path = person_path(file)
    with session.backend() as (backend, token):
        events = import_memory(path, TranslationMemory(backend.user_db), token, _code(source), _code(target))

        def step(event: ImportProgress | MemoryImported) -> Step | None:
            text = f"Reading {escape(path.name)}"
            return Step(text, event.done, event.total) if isinstance(event, ImportProgress) else None

        for event in session.with_bar(events, "Opening the file", step):
            if isinstance(event, MemoryImported):
                if as_json:
                    print_json(plain(event))
                else:
                    print(event.sentence)


@program.command("export")
def export_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The TMX file to write.")],
    source: Source = "",
    target: Target = "",
    as_json: AsJson = False,
) -> None:
    """Write the memory as a TMX file."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        memory = TranslationMemory(backend.user_db)
        written = export_memory(person_path(file), memory, token, _code(source), _code(target))
        if as_json:
            print_json(plain(written))
        else:
            print(f"{written.count:,} translations written to {written.file}")


@program.command("forget")
def forget_command(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The text that was translated, as it is in the document.")],
    source: Source = "",
    target: Target = "",
) -> None:
    """Remove the translations of a text from the memory, so that it is translated anew."""
    session: Session = context.obj
    with session.backend() as (backend, _token):
        count = TranslationMemory(backend.user_db).forget(text, _code(source), _code(target))
    if not count:
        raise AppError(
            "The memory has no translation of this text.", "Copy the whole paragraph, just as it is written."
        )
    print("1 translation removed" if count == 1 else f"{count} translations removed")


def _code(given: str) -> str:
    return find_language(given).code if given else ""
