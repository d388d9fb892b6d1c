"""`alcove bench`: measure this machine and a model on it."""

import sys

import typer
from rich.progress import BarColumn, Progress, TextColumn

from app.assistants.choose_model import in_gb
from app.assistants.measure_speed import BenchFinished, measure_speed
from app.cli.options import AsJson, Model
from app.cli.session import Session, plain, print_json
from app.engine.choose import model_to_use
from app.engine.measuring_protocol import CalibrationProgress


def bench_command(context: typer.Context, model: Model = None, as_json: AsJson = False) -> None:
    """Measure how fast this machine reads weights and how fast the model writes; later predictions build on it."""
    session: Session = context.obj
    finished: BenchFinished | None = None
    with session.backend() as (backend, token):
        spec = model_to_use(backend.settings.current, backend.paths, model)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            console=session.console,
            transient=True,
            disable=not session.console.is_terminal,
        ) as bar:
            task = bar.add_task("Measuring this machine", total=None)
            for event in measure_speed(
                spec,
                engine=backend.engine,
                sizing=session.sizing,
                measurements=session.measurements,
                cancel=token,
            ):
                if isinstance(event, CalibrationProgress):
                    bar.update(task, completed=event.done, total=event.total)
                elif isinstance(event, BenchFinished):
                    finished = event
                else:
                    bar.update(task, description="Letting the model write", total=None)
    assert finished is not None
    if as_json:
        print_json(plain(finished))
        return
    write = sys.stdout.write
    write(f"Model      {finished.model}\n")
    write(f"Reading    {finished.prompt_tokens_per_s:.0f} tokens a second\n")
    predicted = finished.predicted_tokens_per_s
    beside = "" if predicted is None else f" (predicted {predicted:.0f})"
    write(f"Writing    {finished.generate_tokens_per_s:.0f} tokens a second{beside}\n")
    write(f"First word after {finished.first_token_s:.2f} s of a question of 200 tokens\n")
    taken = in_gb(finished.model_memory)
    said = f" (predicted {in_gb(finished.predicted_memory)})" if finished.predicted_memory else ""
    write(f"Memory     {taken} for the model{said}, {in_gb(finished.peak_memory)} in its process\n")
