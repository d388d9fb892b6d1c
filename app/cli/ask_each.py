"""`alcove ask-each`: one question to every document, answered by a table.

A command of its own beside `ask`: it has another result (rows, not an answer), needs no language model and so none of the
options of one, and writes files.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as ShownTable

from app.assistants.ask_each.ask_each import ask_each
from app.assistants.ask_each.events import Asking, EachEvent, EachFinished, RowFound
from app.assistants.ask_each.table_file import write_table
from app.assistants.ask_each.wording import told
from app.assistants.events import Indexing, Notice
from app.assistants.places import place_words
from app.assistants.questions import unread_words
from app.assistants.tables import Row, Table
from app.base.paths import check_free, person_path
from app.cli.exit_codes import EXIT_NOT_FOUND, EXIT_STOPPED
from app.cli.file_limits import After, Before, Types, file_limits
from app.cli.options import AsJson, Caution, Overwrite, Stream, Within, given_text
from app.cli.session import Session, Step, describe, plain, print_json, resolve_scope


def ask_each_command(
    context: typer.Context,
    question: Annotated[
        str, typer.Argument(help="What to ask each document; - reads it from standard input.")
    ],
    within: Within = None,
    types: Types = None,
    after: After = None,
    before: Before = None,
    caution: Caution = None,
    out: Annotated[str | None, typer.Option(metavar="FILE.csv", help="Write the table to this file.")] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    stream: Stream = False,
) -> None:
    """Put one question to every document and show a table of the answers, each with its place."""
    session: Session = context.obj
    question = given_text(question)
    limits = file_limits(types, after, before)
    target = None if out is None else person_path(out)
    if target is not None:
        check_free(target, overwrite=overwrite)
    with session.backend() as (backend, token):
        events = ask_each(
            question,
            folders=resolve_scope(backend, within or ()),
            library=backend.library,
            cancel=token,
            caution=backend.settings.current.caution if caution is None else caution,
            limits=limits,
        )
        if stream:
            ending = session.stream(events, (EachFinished,), table_json)
        else:
            ending = _followed(session, events)
        if ending is not None and target is not None:
            write_table(target, ending.table)
        if ending is not None and not stream:
            _show(session, ending, target, as_json)
    if ending is not None and ending.state == "stopped":
        raise typer.Exit(EXIT_STOPPED)
    if ending is not None and not ending.table.rows:
        raise typer.Exit(EXIT_NOT_FOUND)


def _followed(session: Session, events: Iterable[EachEvent]) -> EachFinished | None:
    ending = None
    steps = (event for event in events if not isinstance(event, RowFound))  # the end has them all, sorted
    for event in session.with_bar(steps, "Looking for documents", _step):
        if isinstance(event, Notice):
            session.warn(event.text)
        elif isinstance(event, EachFinished):
            ending = event
    return ending


def _step(event: EachEvent) -> Step | None:
    match event:
        case Indexing():
            return Step(describe(event.progress), 0, 0)
        case Asking():
            name = escape(Path(event.file).name)
            return Step(f"Asking {name}" if name else "Looking for documents", event.done, event.total)
    return None


def _show(session: Session, ending: EachFinished, target: Path | None, as_json: bool) -> None:
    table = ending.table
    if table.unread:
        session.warn(unread_words(table.unread))
    if as_json:
        print_json({**table_json(ending), "out": None if target is None else str(target)})
        return
    screen = Console(highlight=False, markup=False)
    sys.stdout.write(_asked(table) + "\n")
    if table.rows:
        screen.print(_shown(table.rows, ""))
    if table.unsure:
        screen.print(_shown(table.unsure, "Not sure whether they meet it"))
    sys.stdout.write(told(table) + "\n")
    if target is not None:
        sys.stdout.write(f"Written to {target}\n")


def _asked(table: Table) -> str:
    wanted = f" (wanted: {table.condition})" if table.condition else ""
    return f"Asked of each document: {table.asked}{wanted}"


def _shown(rows: Sequence[Row], title: str) -> ShownTable:
    """Without the column of places where no document has any."""
    places = [place_words(row.source.place, row.source.cells).removeprefix(", ") for row in rows]
    columns = {
        "Document": [Path(row.source.file).name for row in rows],
        "Place": places,
        "Answer": [row.answer for row in rows],
        "Quote": [row.source.quote for row in rows],
    }
    if not any(places):
        del columns["Place"]
    shown = ShownTable(title=title or None, title_justify="left", title_style="")
    for name in columns:
        shown.add_column(name, overflow="fold")
    for cells in zip(*columns.values(), strict=True):
        shown.add_row(*(" ".join(each.split()) for each in cells))
    return shown


def table_json(ending: EachFinished) -> dict[str, Any]:
    """The object `--json` prints."""
    table = ending.table
    return {
        "asked": table.asked,
        "condition": table.condition or None,
        "unapplied": table.unapplied,
        "rows": [_row_json(row) for row in table.rows],
        "unsure": [_row_json(row) for row in table.unsure],
        "documents": table.documents,
        "total": table.total,
        "outside": table.outside,
        "without": table.without,
        "unread": table.unread,
        "complete": ending.state == "complete",
        "seconds": table.seconds,
    }


def _row_json(row: Row) -> dict[str, Any]:
    source = row.source
    return {
        "file": source.file,
        "page": source.page,
        "place": plain(source.place),
        "cells": source.cells or None,
        "answer": row.answer,
        "start": row.start,
        "end": row.end,
        "value": row.value or None,
        "confidence": row.confidence,
        "quote": source.quote,
        "quote_start": source.start,
        "quote_end": source.end,
        "quality": source.quality,
    }
