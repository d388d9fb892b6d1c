"""Every subcommand, in the order they are listed."""

import typer

from app.cli import (
    ask,
    ask_each,
    bench,
    chat,
    doctor,
    feedback,
    hardware,
    index,
    memory,
    models,
    open_files,
    search,
    summarize,
    translate,
    update,
)


def add_commands(program: typer.Typer) -> None:
    """Register them once, however often this is called."""
    if program.registered_commands:
        return
    program.command("ask")(ask.ask_command)
    program.command("ask-each")(ask_each.ask_each_command)
    program.command("chat")(chat.chat_command)
    program.command("index")(index.index_command)
    program.command("search")(search.search_command)
    program.command("summarize")(summarize.summarize_command)
    program.command("translate")(translate.translate_command)
    program.add_typer(memory.program, name="memory", help="The translation memory, to and from TMX files.")
    program.add_typer(feedback.program, name="feedback", help="Your ratings of answers, and a file of them.")
    program.add_typer(models.program, name="models", help="Find, get and look after models.")
    program.command("open")(open_files.open_command)
    program.command("hardware")(hardware.hardware_command)
    program.command("bench")(bench.bench_command)
    program.command("doctor")(doctor.doctor_command)
    program.add_typer(update.program, name="update", help="Look for a newer Alcove; only when you ask.")
