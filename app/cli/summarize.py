"""`alcove summarize`: whole documents, every point with the place it comes from."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from app.assistants.events import Indexing, Notice
from app.assistants.summarize.events import (
    DocumentFailed,
    Input,
    Style,
    Summary,
    SummaryEvent,
    SummaryProgress,
    SummaryStarted,
    SummaryWritten,
    Way,
    Wish,
)
from app.assistants.summarize.export import check_export, facts_line, notes, write_summaries
from app.assistants.summarize.summarize import summarize
from app.assistants.summarize.wording import grouped
from app.backend import Backend
from app.base.errors import AppError
from app.base.languages import find_language
from app.base.paths import person_path
from app.cli.ask import AsJson, Model
from app.cli.session import Session, Step, describe, plain, print_json
from app.engine.choose import model_to_use


def summarize_command(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|COLLECTION...", help="What to summarise; - reads a text from standard input."
        ),
    ],
    style: Annotated[Style, typer.Option(help="What the summary looks like.")] = "bullets",
    sentences: Annotated[int | None, typer.Option(min=1, help="How many points or sentences.")] = None,
    language: Annotated[
        str, typer.Option("--to", metavar="LANG", help="Language to write in; needs a model.")
    ] = "",
    instruction: Annotated[str, typer.Option(help="What to pay attention to; needs a model.")] = "",
    way: Annotated[
        Way, typer.Option(help="Who writes: the model, or the document's own sentences (extractive).")
    ] = "auto",
    out: Annotated[
        str | None, typer.Option(metavar="F", help="Write it to this .md, .txt, .html or .docx file.")
    ] = None,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Summarise whole documents; each point names its place."""
    session: Session = context.obj
    target = None if out is None else person_path(out)
    if target is not None:
        check_export(target)
    with session.backend() as (backend, token):
        wish = Wish(style, sentences, find_language(language).code if language else "", instruction, way)
        inputs = [each for name in files for each in _inputs(backend, name)]
        if target is not None and any(Path(each.file) == target for each in inputs):
            raise AppError(
                "The summary would replace the document itself.", "Choose another file with --out."
            )
        events = summarize(
            inputs,
            wish,
            library=backend.library,
            engine=backend.engine,
            model=model_to_use(backend.settings.current, backend.paths, model),
            parts=backend.summary_parts,
            cancel=token,
        )
        written = list(_finished(session, events))
        if target is not None and written:
            write_summaries(target, [each.summary for each in written])
        if as_json:
            print_json(_json(written, target))
        elif target is None:
            _print([each.summary for each in written])
        else:
            print(f"Written to {target}")


def _inputs(backend: Backend, name: str) -> list[Input]:
    """A file, every readable file of a folder or collection, or what comes in on standard input."""
    if name == "-":
        return [Input(text=sys.stdin.read())]
    collection = backend.collections.get(name)
    path = person_path(name)
    if path.is_file() or (collection is None and not path.is_dir()):
        return [Input(str(path))]
    folders = [str(path)] if collection is None else collection.folders
    return [Input(each.path) for each in backend.index.files(folders) if each.passages] or _unread(name)


def _unread(name: str) -> list[Input]:
    raise AppError(f"There is nothing to read in “{name}” yet.", f"Run “alcove index {name}” first.")


def _finished(session: Session, events: Iterable[SummaryEvent]) -> Iterable[SummaryWritten]:
    names: list[str] = []
    for event in session.with_bar(events, "Looking at the document", lambda each: _step(each, names)):
        if isinstance(event, Notice):
            session.warn(event.text)
        elif isinstance(event, DocumentFailed):
            session.warn(f"{Path(event.file).name}: {event.reason}")
        elif isinstance(event, SummaryWritten):
            yield event


def _step(event: SummaryEvent, names: list[str]) -> Step | None:
    match event:
        case Indexing():
            return Step(describe(event.progress), event.progress.done, event.progress.total)
        case SummaryStarted():
            names[:] = [Path(event.title).name]
            return Step("Reading", 0, event.calls)
        case SummaryProgress():
            return Step("Summarising", event.done, event.calls)
    return None


def _json(written: list[SummaryWritten], out: Path | None) -> dict[str, Any]:
    """One document: its summary. Several: the joint one, with `documents` for each."""
    summaries = [_summary_json(each.summary) for each in written]
    last: dict[str, Any] = summaries[-1] if summaries else {}
    rest = {"documents": summaries[:-1]} if len(summaries) > 1 else {}
    return {**last, **rest, "out": None if out is None else str(out)}


def _summary_json(summary: Summary) -> dict[str, Any]:
    return {
        "title": summary.title,
        "file": summary.file,
        "summary": summary.text,
        "points": [
            {
                "text": point.text,
                "supported": point.supported,
                "section": point.section,
                "kind": point.kind,
                "sources": [
                    {
                        "file": source.file, "page": source.page, "place": plain(source.place), "passage": source.number,
                        "quote": source.quote, "start": source.start, "end": source.end, "score": source.score,
                    }
                    for source in point.sources
                ],
            }
            for point in summary.points
        ],
        "coverage": plain(summary.coverage),
        "extractive": summary.extractive,
        "model": summary.model,
        "style": summary.style,
        "state": summary.state,
        "remarks": list(summary.remarks),
    }  # fmt: skip


def _print(summaries: list[Summary]) -> None:
    for number, summary in enumerate(summaries):
        print(("\n\n" if number else "") + summary.title)
        print(facts_line(summary))
        for remark in summary.remarks:
            print(remark)
        for title, points in grouped(summary.points, summary.style):
            print(f"\n{title}" if title else "")
            for point in points:
                said = notes(point, summary)
                print(f"- {point.text}  ({said})" if said else f"- {point.text}")
