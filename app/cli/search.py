"""`alcove search`: passages only, no language model."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.assistants.places import place_words
from app.assistants.questions import check_question
from app.cli.file_limits import After, Before, Types, file_limits
from app.cli.options import AsJson, Within
from app.cli.session import Session, plain, print_json, resolve_scope
from app.retrieval.protocol import SearchMode


def search_command(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 8,
    mode: Annotated[SearchMode, typer.Option(help="By meaning, by words, or both.")] = "hybrid",
    within: Within = None,
    types: Types = None,
    after: After = None,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """Find passages in what is indexed."""
    session: Session = context.obj
    check_question(query)
    limits = file_limits(types, after, before)
    with session.backend() as (backend, token):
        folders = resolve_scope(backend, within or ())
        result = backend.library.search(query, token, k=k, mode=mode, folders=folders, limits=limits)
    if as_json:
        hits = [
            {
                **plain(hit),
                "page": hit.page,
                "sheet": hit.place.label if hit.place.kind == "sheet" else None,
                "cells": hit.cells or None,
            }
            for hit in result.hits
        ]
        print_json({"hits": hits, "seconds": round(result.seconds, 4)})
        return
    if result.hits and not result.relevant and mode != "keyword":
        session.warn("No passage seems to speak of this; the nearest are:")
    for number, hit in enumerate(result.hits, start=1):
        sys.stdout.write(f"[{number}] {Path(hit.file).name}{place_words(hit.place, hit.cells)}\n")
        sys.stdout.write("    " + " ".join(hit.text.split())[:400] + "\n\n")
    if not result.hits:
        sys.stdout.write("Nothing found. Is the folder indexed? “alcove index FOLDER” adds it.\n")
