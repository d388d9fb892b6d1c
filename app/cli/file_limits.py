"""Options that limit a search to kinds of files and to dates."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from app.base.errors import AppError
from app.retrieval.protocol import FileLimits

Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type", metavar="ENDING", help="Only files with this ending, such as pdf; can be repeated."
    ),
]
After = Annotated[
    str | None, typer.Option(metavar="DATE", help="Only files changed on this day or later: 2026-01-31.")
]
Before = Annotated[
    str | None, typer.Option(metavar="DATE", help="Only files changed on this day or earlier.")
]


def file_limits(types: list[str] | None, after: str | None, before: str | None) -> FileLimits:
    """Raises `AppError` for a date that is none."""
    since = None if after is None else _start_of(after)
    until = None if before is None else _start_of(before, days_later=1) - 1e-3
    return FileLimits(tuple(each.lower().lstrip("*.") for each in types or ()), since, until)


def _start_of(text: str, days_later: int = 0) -> float:
    """The first moment of the day, by the clock of this machine, in seconds since 1970."""
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d") + timedelta(days=days_later)
        return day.astimezone().timestamp()  # midnight there, also where the clocks change
    except (ValueError, OverflowError, OSError) as error:
        raise AppError(
            f"“{text}” is no date.", "Write it as year-month-day, for example 2026-01-31."
        ) from error
