"""`alcove summarize`: whole documents, every point with the place it comes from."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

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
from app.assistants.summarize.export import (
    check_export,
    check_no_source,
    facts_line,
    where,
    write_summaries,
)
from app.assistants.summarize.inputs import find_inputs
from app.assistants.summarize.summarize import summarize
from app.assistants.summarize.wording import grouped
from app.backend import Backend
from app.base.jobs import CancelToken
from app.base.languages import find_language
from app.base.paths import check_free, person_path
from app.cli.exit_codes import EXIT_ERROR
from app.cli.options import AsJson, Model, Overwrite
from app.cli.session import Session, Step, describe, plain, print_json, resolve_scope
from app.engine.protocol import ModelSpec


def summarize_command(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|COLLECTION...",
            help="Documents, folders of them, or collections; - reads a text from standard input.",
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
    overwrite: Overwrite = False,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Summarise whole documents; each point names its place."""
    session: Session = context.obj
    target = None if out is None else person_path(out)
    if target is not None:
        check_export(target)
        check_free(target, overwrite=overwrite)
    with session.backend() as (backend, token):
        wish = Wish(style, sentences, find_language(language).code if language else "", instruction, way)
        given = [each for name in dict.fromkeys(files) for each in _given(backend, name)]
        spec = session.model_to_use(backend, model)
        written: list[SummaryWritten] = []
        failed = 0
        try:
            for event in session.with_bar(
                _events(backend, given, wish, spec, target, token), "Looking at the document", _Bar().step
            ):
                if isinstance(event, SummaryWritten):
                    written.append(event)
                else:
                    failed += isinstance(event, DocumentFailed)
                    _tell(session, event)
        finally:  # what is finished before a stop or an error is the person's
            if written:
                _hand_over(written, target, as_json=as_json)
    if failed:
        raise typer.Exit(EXIT_ERROR)


def _given(backend: Backend, name: str) -> list[Input]:
    """What a word of the command line means; folders are still folders."""
    if name == "-":
        return [Input(text=sys.stdin.read())]
    return [Input(each) for each in resolve_scope(backend, [name])]


def _events(
    backend: Backend,
    given: list[Input],
    wish: Wish,
    model: ModelSpec,
    target: Path | None,
    cancel: CancelToken,
) -> Iterator[SummaryEvent]:
    inputs = yield from find_inputs(given, library=backend.library, index=backend.index, cancel=cancel)
    if target is not None:
        check_no_source(target, [each.file for each in inputs])
    yield from summarize(
        inputs,
        wish,
        library=backend.library,
        engine=backend.engine,
        model=model,
        parts=backend.summary_parts,
        cancel=cancel,
    )


def _tell(session: Session, event: SummaryEvent) -> None:
    if isinstance(event, Notice):
        session.warn(event.text)
    elif isinstance(event, DocumentFailed):
        session.warn(f"{Path(event.file).name}: {event.reason}")


class _Bar:
    """What the progress bar says: the document, and how many calls are done over all documents so far."""

    def __init__(self) -> None:
        self._text = ""
        self._done = 0

    def step(self, event: SummaryEvent) -> Step | None:
        match event:
            case Indexing():
                return Step(describe(event.progress), event.progress.done, event.progress.total)
            case SummaryStarted():
                self._text = f"Summarising {escape(event.title or 'the text')}"
                if event.documents > 1:
                    self._text += f" ({event.number} of {event.documents})"
                return Step(self._text, self._done, self._done + event.calls)
            case SummaryProgress():
                self._done = event.done
                return Step(self._text, event.done, event.calls)
        return None


def _hand_over(written: list[SummaryWritten], target: Path | None, *, as_json: bool) -> None:
    summaries = [each.summary for each in written]
    if target is not None:
        write_summaries(target, summaries)
    if as_json:
        print_json(_json(written, target))
    elif target is None:
        _print(summaries)
    else:
        print(f"Written to {target}")


def _json(written: list[SummaryWritten], out: Path | None) -> dict[str, Any]:
    """One document: its summary. Several: the joint one (none after a stop), with `documents` for each."""
    own = [_summary_json(each.summary) for each in written if not each.joint]
    whole = next((_summary_json(each.summary) for each in written if each.joint), {"state": "stopped"})
    place = {"out": None if out is None else str(out)}
    return own[0] | place if len(written) == 1 else {**whole, "documents": own, **place}


def _summary_json(summary: Summary) -> dict[str, Any]:
    return {
        "title": summary.title,
        "file": summary.file,
        "summary": summary.text,
        "points": [
            {
                "text": point.text,
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
                said = where(point, summary)
                print(f"- {point.text}  ({said})" if said else f"- {point.text}")
