"""The command `alcove`: options, exit codes, and nothing else.

Exit codes: 0 done, 1 expected error, 2 usage, 3 "not in your documents", 70 a bug, 130 stopped.
"""

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import __version__
from app.base.errors import AppError, Cancelled
from app.base.logs import start_logging, write_crash_report
from app.base.paths import find_paths
from app.cli.display import has_display
from app.cli.exit_codes import EXIT_BUG, EXIT_ERROR, EXIT_STOPPED, EXIT_USAGE

if TYPE_CHECKING:
    from app.cli.session import OpenWindow

program = typer.Typer(
    name="alcove",
    help="Ask your own documents, without a network. Without a command the window opens.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@program.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    home: Annotated[str | None, typer.Option(help="Keep all data in this folder.", metavar="DIR")] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Try every part of this installation and end.")
    ] = False,
) -> None:
    """Ask your own documents, without a network. Without a command the window opens."""
    if version:
        typer.echo(f"alcove {__version__}")
        raise typer.Exit
    if self_test:  # by itself it never comes here
        raise typer.BadParameter("--self-test stands alone")
    paths = find_paths(home)
    if context.invoked_subcommand is None and has_display():
        raise typer.Exit(context.obj(paths))
    # the window does not wait for what only the terminal needs
    from app.cli.session import Session

    context.obj = Session(paths, context.obj)
    if context.invoked_subcommand is None:
        from app.cli.demonstration import demonstrate

        raise typer.Exit(demonstrate(context.obj))
    start_logging(paths.logs, "terminal")


def run(arguments: list[str], *, open_window: "OpenWindow") -> int:
    """Run one command, or open the window when there is none; returns the exit code."""
    _speak_utf8()
    arguments = home_first(arguments)
    if not _opens_window(arguments):
        from app.cli.commands import add_commands

        add_commands(program)
    try:
        _check_text(arguments)
        code = program(args=arguments, prog_name="alcove", standalone_mode=False, obj=open_window)
        return int(code or 0)
    except typer.TyperException as error:
        message = getattr(error, "format_message", error.__str__)().rstrip(".")
        asked = getattr(getattr(error, "ctx", None), "command_path", "alcove")
        print(f"alcove: {message}. Try “{asked} --help”.", file=sys.stderr)
        return EXIT_USAGE
    except AppError as error:
        print(f"alcove: {error.what} {error.remedy}".rstrip(), file=sys.stderr)
        return EXIT_ERROR
    except (Cancelled, KeyboardInterrupt, typer.Abort):
        print("alcove: stopped", file=sys.stderr)
        return EXIT_STOPPED
    except BrokenPipeError:
        # the reader of our output has gone; nothing is left to say, not even while Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception as error:
        report = write_crash_report(_logs(arguments), error)
        print(f"alcove: something went wrong inside Alcove ({type(error).__name__}).", file=sys.stderr)
        print(f"A report without any of your texts is in {report}.", file=sys.stderr)
        return EXIT_BUG


def _opens_window(arguments: list[str]) -> bool:
    """The window does not wait for the import of the commands."""
    match arguments:
        case [] | ["--home", _]:
            return True
        case [only]:
            return only.startswith("--home=")
    return False


def _speak_utf8() -> None:
    """Whatever the console's own encoding: no character of a document may end the program."""
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _check_text(arguments: list[str]) -> None:
    """Bytes that are no text in the console's encoding arrive as lone surrogates, which nothing can store."""
    for each in arguments:
        try:
            each.encode()
        except UnicodeEncodeError as error:
            shown = each.encode(errors="replace").decode()
            raise AppError(
                f"“{shown}” is not valid Unicode text.", "Type it again, or rename the file."
            ) from error


def home_first(arguments: list[str]) -> list[str]:
    """`--home DIR` belongs to every command, so it may stand behind one too."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for place, each in enumerate(arguments[:end]):
        length = 1 if each.startswith("--home=") else 2 if each == "--home" else 0
        if length:
            rest = arguments[:place] + arguments[place + length :]
            return arguments[place : place + length] + rest
    return arguments


def _logs(arguments: list[str]) -> Path:
    """Where a bug is reported; `home_first` has put `--home` where it is looked for."""
    home = None
    match arguments:
        case ["--home", folder, *_]:
            home = folder
        case [first, *_] if first.startswith("--home="):
            home = first.removeprefix("--home=")
    try:
        return find_paths(home).logs
    except AppError:
        return Path(tempfile.gettempdir())
