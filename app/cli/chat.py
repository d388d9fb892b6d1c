"""`alcove chat`: talk to the model in the terminal."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from app.assistants.chat import chat
from app.assistants.complete import complete
from app.assistants.events import AnswerFinished, Event, Notice, TokenAdded
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.cli.exit_codes import EXIT_STOPPED
from app.cli.options import AsJson, Model
from app.cli.session import Session, plain, print_json
from app.engine.protocol import Message

_FORGOTTEN = "The oldest messages no longer fitted and were left out."


def chat_command(
    context: typer.Context,
    message: Annotated[str | None, typer.Option(metavar="TEXT", help="Send one message and end.")] = None,
    model: Model = None,
    as_json: AsJson = False,
    continued: Annotated[
        bool, typer.Option("--continue", help="Write on from the text; for models without a chat template.")
    ] = False,
) -> None:
    """Talk to the model, without documents. Ctrl-C stops an answer; an empty line ends the chat. Nothing is kept."""
    session: Session = context.obj
    with session.backend() as (backend, _):
        if continued:
            message = message or session.prompt("Text: ") or ""
            ending = _continue(session, backend, model, message, as_json)
            if ending is not None and ending.state == "stopped":
                raise typer.Exit(EXIT_STOPPED)
            return
        if message is not None:
            ending = _turn(session, backend, model, [], message, as_json)
            if ending is not None and ending.state == "stopped":
                raise typer.Exit(EXIT_STOPPED)
            return
        history: list[Message] = []
        session.warn("Ctrl-C stops an answer; an empty line ends the chat.")
        while message := (session.prompt("You: ") or "").strip():
            ending = _turn(session, backend, model, history, message, as_json)
            session.tell_how_loaded(backend)
            if ending is not None:
                history += [Message("user", message), Message("assistant", ending.text)]
        session.token = CancelToken()  # a stopped answer does not make the chat end as stopped


def _turn(
    session: Session,
    backend: Backend,
    model: str | None,
    history: list[Message],
    message: str,
    as_json: bool,
) -> AnswerFinished | None:
    events = chat(
        message,
        conversation=None,
        history=history,
        library=backend.library,
        engine=backend.engine,
        model=session.model_to_use(backend, model),
        conversations=None,
        cancel=session.token,
        max_tokens=backend.settings.current.max_answer_tokens,
    )
    return _show_json(session, events) if as_json else _show_text(session, events)


def _continue(
    session: Session, backend: Backend, model: str | None, text: str, as_json: bool
) -> AnswerFinished | None:
    events = complete(
        text,
        engine=backend.engine,
        model=session.model_to_use(backend, model),
        cancel=session.token,
        max_tokens=backend.settings.current.max_answer_tokens,
    )
    return _show_json(session, events) if as_json else _show_text(session, events)


def _show_text(session: Session, events: Iterable[Event]) -> AnswerFinished | None:
    end = ""
    try:
        for event in events:
            match event:
                case Notice():
                    session.warn(event.text)
                case TokenAdded():
                    end = "\n"
                    sys.stdout.write(event.text)
                    sys.stdout.flush()
                case AnswerFinished():
                    if event.forgotten:
                        session.warn(_FORGOTTEN)
                    return event
    finally:
        sys.stdout.write(end)
        sys.stdout.flush()
    return None


def _show_json(session: Session, events: Iterable[Event]) -> AnswerFinished | None:
    """One object. When the answer breaks off it holds what there is of it, and why."""
    text = ""
    try:
        for event in events:
            match event:
                case Notice():
                    session.warn(event.text)
                case TokenAdded():
                    text += event.text
                case AnswerFinished():
                    print_json(
                        {
                            "answer": event.text,
                            "model": event.model,
                            "timings": plain(event.timings),
                            "forgotten": event.forgotten,
                        }
                    )
                    return event
    except AppError as error:
        print_json({"answer": text, "model": None, "timings": None, "error": str(error)})
        raise
    return None
