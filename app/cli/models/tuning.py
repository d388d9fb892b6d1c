"""`alcove models tune`: a copy of a model in the type of weights that this processor computes fastest."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from app.assistants.tune_model import Candidate, Tuned, TuneEvent, TuneStep, tune_model
from app.base.errors import AppError
from app.cli.models.library import named_models
from app.cli.options import AsJson
from app.cli.session import Session, Step, plain, print_json
from app.engine.choose import models_folder
from app.models.copying import FileProgress
from app.models.disk import in_words
from app.models.tuned import Figures

_STAGES = {"writing": "Writing as", "measuring": "Measuring", "judging": "Judging", "keeping": "Keeping"}


def tune_command(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="An installed model, or its file.")],
    as_json: AsJson = False,
) -> None:
    """Find the type of weights that this processor computes fastest, and keep a copy of the model in it.

    The model itself stays, and the copy is kept only if it is clearly faster and answers as well.
    """
    session: Session = context.obj
    with session.backend() as (backend, token):
        folder = models_folder(backend.settings.current, backend.paths)
        (model,) = named_models([id], folder)
        if model.missing:
            raise AppError(model.missing, "Tune it when it is there again.")
        events = tune_model(model, paths=backend.paths, folder=folder, cancel=token)
        tried, tuned = _show(session, events)
    if as_json:
        found = [{**_candidate_json(each), "kept": each.kind == tuned.tuning.kind} for each in tried]
        left_out = list(tuned.left_out)
        print_json({"model": model.name, "tuned": plain(tuned.tuning), "tried": found, "left_out": left_out})
        return
    for each in tried:
        sys.stdout.write(f"{each.kind}: {_about(each)}\n")
    for kind in tuned.left_out:
        sys.stdout.write(f"{kind}: not tried, because there is not enough free memory.\n")
    sys.stdout.write(f"{_sentence(tuned)}\n")


def _show(session: Session, events: Iterator[TuneEvent]) -> tuple[list[Candidate], Tuned]:
    """Progress on stderr."""
    tried: list[Candidate] = []
    tuned: Tuned | None = None
    for event in session.with_bar(events, "Reading the model", _step):
        if isinstance(event, Candidate):
            tried.append(event)
        elif isinstance(event, Tuned):
            tuned = event
    assert tuned is not None
    return tried, tuned


def _step(event: TuneEvent) -> Step | None:
    match event:
        case TuneStep():
            return Step(f"{_STAGES[event.stage]} {event.kind}", event.fraction, 1)
        case FileProgress():
            return Step("Reading the model", event.done, event.total)
    return None


def _about(candidate: Candidate) -> str:
    before, after = candidate.original, candidate.pace
    text = (
        f"reads {after.prompt_tokens_per_s:.0f} tokens a second (as it came: {before.prompt_tokens_per_s:.0f}), "
        f"writes {after.generate_tokens_per_s:.0f} ({before.generate_tokens_per_s:.0f})"
    )
    if candidate.perplexity is None:
        return f"{text}: not clearly faster."
    return f"{text}." if candidate.faithful else f"{text}, but answers noticeably worse."


def _sentence(tuned: Tuned) -> str:
    name, figures = tuned.model.name, tuned.tuning.figures
    if figures is None:
        return f"Nothing is clearly faster on this computer and as good: {name} stays as it came."
    return f"{name} is tuned for this computer ({tuned.tuning.kind}, {in_words(tuned.tuning.bytes)}). {in_figures(figures)}"


def in_figures(figures: Figures) -> str:
    """ "Reads 2.6 times, writes 1.3 times as fast; …"."""
    once = " (measured once)" if figures.rounds == 1 else ""
    return (
        f"Reads {figures.reading:.1f} times, writes {figures.writing:.1f} times as fast{once}; answers as well "
        f"(perplexity {figures.perplexity:.2f}, was {figures.original_perplexity:.2f})."
    )


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    """A perplexity that was not needed, or is beyond measure, becomes null."""
    return {**plain(candidate), "gain": round(candidate.gain, 3)}
