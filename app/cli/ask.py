"""`alcove ask`: one question over documents."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import typer

from app.assistants.ask import ask
from app.assistants.events import (
    AnswerFinished,
    AnswerRevised,
    Claim,
    Event,
    Indexing,
    Lead,
    Notice,
    NotInDocuments,
    Reading,
    Revising,
    Source,
    SourcesFound,
    TokenAdded,
)
from app.assistants.places import label_of
from app.assistants.questions import unread_words
from app.base.errors import AppError
from app.cli.exit_codes import EXIT_NOT_FOUND, EXIT_STOPPED
from app.cli.file_limits import After, Before, Types, file_limits
from app.cli.options import AsJson, Caution, Model, Stream, Within, given_text
from app.cli.session import Session, describe, plain, print_json, resolve_scope

_NOTHING_LEFT = "Nothing that the model wrote can be shown."

Ending = AnswerFinished | NotInDocuments
_ENDINGS: tuple[type[Ending], ...] = (AnswerFinished, NotInDocuments)


def ask_command(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What you want to know; - reads it from standard input.")],
    within: Within = None,
    types: Types = None,
    after: After = None,
    before: Before = None,
    model: Model = None,
    caution: Caution = None,
    as_json: AsJson = False,
    stream: Stream = False,
) -> None:
    """Answer a question from your documents, with the places it comes from."""
    session: Session = context.obj
    question = given_text(question)
    limits = file_limits(types, after, before)
    with session.backend() as (backend, token):
        spec = session.model_to_use(backend, model)
        events = ask(
            question,
            conversation=None,
            folders=resolve_scope(backend, within or ()),
            library=backend.library,
            engine=backend.engine,
            model=spec,
            conversations=None,
            cancel=token,
            max_tokens=backend.settings.current.max_answer_tokens,
            limits=limits,
            caution=backend.settings.current.caution if caution is None else caution,
        )
        if stream:
            ending = session.stream(events, _ENDINGS, answer_json)
        else:
            ending = (_show_json if as_json else show_text)(session, events)
    if isinstance(ending, NotInDocuments):
        raise typer.Exit(EXIT_NOT_FOUND)
    if ending is not None and ending.state == "stopped":
        raise typer.Exit(EXIT_STOPPED)


def answer_json(ending: Ending) -> dict[str, Any]:
    """The object `--json` prints."""
    answered = isinstance(ending, AnswerFinished)
    sources = ending.sources if isinstance(ending, AnswerFinished) else ending.nearest
    return {
        "answer": ending.text,
        "exact": _exact_json(ending.lead, sources) if isinstance(ending, AnswerFinished) else None,
        "answered": answered,
        "supported": isinstance(ending, AnswerFinished) and any(claim.supported for claim in ending.claims),
        "sources": [_source_json(each) for each in sources],
        "claims": plain(ending.claims) if isinstance(ending, AnswerFinished) else [],
        "model": ending.model if isinstance(ending, AnswerFinished) else None,
        "unread": ending.unread,
        "timings": plain(ending.timings),
    }


def _exact_json(lead: Lead | None, sources: Sequence[Source]) -> dict[str, Any] | None:
    """The words of a document that answer, and where they stand; null where no words do by themselves."""
    if lead is None:
        return None
    source = next(each for each in sources if each.number == lead.source)
    return {
        "text": lead.text,
        "file": source.file,
        "page": source.page,
        "start": lead.start,
        "end": lead.end,
        "confidence": lead.confidence,
    }


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "file": source.file,
        "page": source.page,
        "place": plain(source.place),
        "sheet": source.place.label if source.place.kind == "sheet" else None,
        "cells": source.cells or None,
        "quality": source.quality,
        "heading": source.heading,
        "quote": source.quote,
        "start": source.start,
        "end": source.end,
        "score": source.score,
    }


def _show_json(session: Session, events: Iterable[Event]) -> Ending | None:
    """One object. When the work breaks off it holds what there is until then, and why."""
    text = ""
    sources: list[dict[str, Any]] = []
    exact: dict[str, Any] | None = None
    unread = 0
    try:
        for event in _with_progress(session, events):
            match event:
                case SourcesFound(found, unread, lead):
                    sources = [_source_json(each) for each in found]
                    exact = _exact_json(lead, found)
                case TokenAdded(more):
                    text += more
                case AnswerRevised(text):
                    pass
                case AnswerFinished() | NotInDocuments():
                    print_json(answer_json(event))
                    return event
    except AppError as error:
        broken = {"answer": text, "exact": exact, "answered": False, "sources": sources, "claims": []}
        print_json({**broken, "unread": unread, "model": None, "timings": None, "error": str(error)})
        raise
    return None


def show_text(session: Session, events: Iterable[Event]) -> Ending | None:
    """The exact answer first, then the sources, then the words as they come and what supports them."""
    writing = False
    lead = held = ""  # what repeats the exact answer is held back: it stands above already
    try:
        for event in _with_progress(session, events):
            match event:
                case SourcesFound() | NotInDocuments() if event.unread:
                    session.warn(unread_words(event.unread))
            match event:
                case SourcesFound():
                    _print_lead(event.lead)
                    lead = event.lead.text if event.lead is not None else ""
                    _print_sources("From your documents:", event.sources)
                case TokenAdded():
                    held += event.text
                    if writing or not lead.startswith(held):
                        _print_words(held, first=not writing)
                        writing, held = True, ""
                case AnswerRevised():
                    words = event.text or _NOTHING_LEFT
                    sys.stdout.write(f"\n\nCorrected after a look at the documents:\n{words}")
                    sys.stdout.flush()
                    writing, held = True, ""
                case AnswerFinished():
                    if held and held != lead:
                        _print_words(held, first=True)
                    _print_support(event)
                    return event
                case NotInDocuments():
                    sys.stdout.write(event.text + "\n")
                    if event.nearest:
                        _print_sources("\nThe nearest passages are:", event.nearest[:3])
                    return event
    except AppError:
        if writing:
            sys.stdout.write("\n")  # what was written stays; the error comes below it
            sys.stdout.flush()
        raise
    return None


def _with_progress(session: Session, events: Iterable[Event]) -> Iterator[Event]:
    """What is to be shown on stdout; progress and warnings go to stderr, in between."""
    status = session.console.status("Looking for documents")
    status.start()
    try:
        for event in events:
            match event:
                case Indexing():
                    status.update(describe(event.progress))
                case Notice():
                    session.warn(event.text)
                case Reading():
                    pass
                case Revising():
                    status.update("Comparing with the documents")
                case _:
                    status.stop()  # while it is shown it would catch what is written to stdout
                    yield event
            if isinstance(event, SourcesFound):
                status.update("Reading the passages")
                status.start()
    finally:
        status.stop()


def _print_sources(title: str, sources: Iterable[Source]) -> None:
    sys.stdout.write(title + "\n")
    for source in sources:
        sys.stdout.write(f"\n[{source.number}] {label_of(source)}\n")
        sys.stdout.write("    “" + " ".join(source.quote.split()) + "”\n")
        if source.is_doubtful:
            sys.stdout.write("    (recognised from a scan, may contain mistakes)\n")
    sys.stdout.flush()


def _print_lead(lead: Lead | None) -> None:
    if lead is not None:
        doubt = "" if lead.sure else "Unsure: your documents may not answer this.\n"
        sys.stdout.write(f"{doubt}{' '.join(lead.text.split())}  [{lead.source}]\n\n")


def _print_words(words: str, *, first: bool) -> None:
    sys.stdout.write(f"\nIn the model's words:\n{words}" if first else words)
    sys.stdout.flush()


def _print_support(ending: AnswerFinished) -> None:
    sys.stdout.write("\n")
    supported = sorted({number for claim in ending.claims for number in claim.sources})
    if supported:
        sys.stdout.write("\nSupported by " + ", ".join(f"[{number}]" for number in supported) + ".\n")
    for claim in ending.claims:
        if not claim.supported:
            sys.stdout.write(f"\n{_doubt(ending.text, claim)}\n")
    sys.stdout.flush()


def _doubt(text: str, claim: Claim) -> str:
    missing = f" ({', '.join(claim.missing)})" if claim.missing else ""
    return f"Not found in your documents{missing}, so do not rely on it: “{text[claim.start : claim.end]}”"
