"""Every subcommand, in the order they are listed."""

import typer

from app.cli import ask, bench, chat, doctor, hardware, index, models, search


def add_commands(program: typer.Typer) -> None:
    """Register them once, however often this is called."""
    if program.registered_commands:
        return
    program.command("ask")(ask.ask_command)
    program.command("chat")(chat.chat_command)
    program.command("index")(index.index_command)
    program.command("search")(search.search_command)
    program.add_typer(models.program, name="models", help="Find, get and look after models.")
    program.command("hardware")(hardware.hardware_command)
    program.command("bench")(bench.bench_command)
    program.command("doctor")(doctor.doctor_command)
