"""Options and arguments that several subcommands have."""

import sys
from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(metavar="ID|FILE.gguf", help="Model to use; else your default, else the starter."),
]
Within = Annotated[
    list[str] | None,
    typer.Option("--in", metavar="FOLDER|COLLECTION", help="Where to look; can be repeated."),
]
Caution = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=4,
        help="How sure an answer must be, from 0 (any) to 4 (only when sure); else as in the settings.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Let --out replace a file that is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Stream = Annotated[bool, typer.Option(help="With --json: one event per line as it happens.")]


def given_text(argument: str) -> str:
    """The argument, or what comes from standard input for “-”."""
    return sys.stdin.read().strip() if argument == "-" else argument
