"""`alcove chat`: talk to the model in the terminal."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from app.assistants.chat import chat
from app.assistants.events import AnswerFinished, Event, TokenAdded
from app.backend import Backend
from app.base.jobs import CancelToken
from app.cli.ask import EXIT_STOPPED, AsJson, Model
from app.cli.session import Session, plain, print_json
from app.engine.choose import model_to_use
from app.engine.protocol import Message


def chat_command(
    context: typer.Context,
    message: Annotated[str | None, typer.Option(metavar="TEXT", help="Send one message and end.")] = None,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Talk to the model, without documents. Ctrl-C stops an answer; an empty line ends the chat. Nothing is kept."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        if message is not None:
            ending = _turn(backend, token, model, [], message, as_json)
            if ending is not None and ending.state == "stopped":
                raise typer.Exit(EXIT_STOPPED)
            return
        history: list[Message] = []
        while message := (session.prompt("You: ") or "").strip():
            ending = _turn(backend, session.token, model, history, message, as_json)
            if ending is not None:
                history += [Message("user", message), Message("assistant", ending.text)]
        session.token = CancelToken()  # a stopped answer does not make the chat end as stopped


def _turn(
    backend: Backend,
    token: CancelToken,
    model: str | None,
    history: list[Message],
    message: str,
    as_json: bool,
) -> AnswerFinished | None:
    events = chat(
        message,
        conversation=None,
        history=history,
        engine=backend.engine,
        model=model_to_use(backend.settings.current, backend.paths, model),
        conversations=None,
        cancel=token,
        max_tokens=backend.settings.current.max_answer_tokens,
    )
    return _show(events, as_json)


def _show(events: Iterable[Event], as_json: bool) -> AnswerFinished | None:
    ending = None
    for event in events:
        if isinstance(event, TokenAdded) and not as_json:
            sys.stdout.write(event.text)
            sys.stdout.flush()
        elif isinstance(event, AnswerFinished):
            ending = event
    if ending is not None and as_json:
        print_json({"answer": ending.text, "model": ending.model, "timings": plain(ending.timings)})
    else:
        sys.stdout.write("\n")
    return ending
