"""`alcove models`: the library of models, one file for each kind of work."""

import typer

from app.cli.models import (
    adapters,
    choosing,
    encoders,
    library,
    pulling,
    quantising,
    searching,
    token,
    translation,
    tuning,
)

program = typer.Typer(rich_markup_mode=None)
program.command("list")(choosing.list_command)
program.command("recommend")(choosing.recommend_command)
program.command("fit")(choosing.fit_command)
program.command("search")(searching.search_command)
program.command("pull")(pulling.pull_command)
program.command("token")(token.token_command)
program.command("import")(library.import_command)
program.command("discover")(library.discover_command)
program.command("verify")(library.verify_command)
program.command("quantize")(quantising.quantize_command)
program.command("tune")(tuning.tune_command)
program.command("attach")(adapters.attach_command)
program.command("detach")(adapters.detach_command)
program.command("remove")(library.remove_command)
program.command("export-kit")(library.export_kit_command)
program.command("import-kit")(library.import_kit_command)
program.add_typer(
    translation.program, name="translation", help="The small models that translate a pair of languages."
)
program.add_typer(encoders.embedding, name="embedding", help="The models that the library is searched with.")
program.add_typer(encoders.reranker, name="reranker", help="The models that put in order what was found.")
program.add_typer(encoders.reader, name="reader", help="The models that mark answers in what was found.")


@program.callback(invoke_without_command=True)
def show_commands(context: typer.Context) -> None:
    """Without a command: what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
