"""`alcove feedback`: what was said of answers in the window; to a file for fine-tuning, or away."""

import sys
from typing import Annotated, Any

import typer

from app.assistants.keep_feedback import export_feedback, right_answer
from app.base.errors import AppError, Cancelled
from app.base.paths import person_path
from app.cli.options import AsJson
from app.cli.session import Session, plain, print_json
from app.storage.feedback import Feedback, Rating

program = typer.Typer(rich_markup_mode=None)


@program.callback(invoke_without_command=True)
def show_commands(context: typer.Context) -> None:
    """Without a command: what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@program.command("list")
def list_command(context: typer.Context, as_json: AsJson = False) -> None:
    """The answers that were rated, oldest first."""
    session: Session = context.obj
    with session.backend() as (backend, _token):
        ratings = Feedback(backend.user_db).all()
    if as_json:
        print_json({"ratings": [_as_json(each) for each in ratings]})
    elif not ratings:
        print("No answer was rated yet. The thumbs below each answer in the window do that.")
    else:
        print("\n\n".join(_described(each) for each in ratings))


@program.command("export")
def export_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The file to write; its name ends in .jsonl.")],
    as_json: AsJson = False,
) -> None:
    """Write good and corrected answers as a set to fine-tune a model with (chat JSONL).

    It holds questions, passages of documents and answers. Nothing is sent anywhere.
    """
    session: Session = context.obj
    with session.backend() as (backend, token):
        feedback = Feedback(backend.user_db)
        written = export_feedback(person_path(file), feedback, backend.settings.current, backend.paths, token)
    if as_json:
        print_json(plain(written))
        return
    said = (
        f"{written.examples:,} {'example' if written.examples == 1 else 'examples'} written to {written.file}"
    )
    if written.left_out:
        said += (
            f"; {written.left_out:,} left out, rated as wrong without saying what is right or not readable"
        )
    print(said)


@program.command("clear")
def clear_command(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete all ratings and corrections; answers stay."""
    session: Session = context.obj
    with session.backend() as (backend, _token):
        feedback = Feedback(backend.user_db)
        if not yes:
            _confirm(session, len(feedback.all()))
        count = len(feedback.clear())
    if as_json:
        print_json({"deleted": count})
    else:
        print("1 rating deleted" if count == 1 else f"{count:,} ratings deleted")


def _confirm(session: Session, count: int) -> None:
    """Raises `Cancelled` unless the person agrees, and `AppError` where nobody can be asked."""
    if not sys.stdin or not sys.stdin.isatty():
        raise AppError("Nobody can be asked whether the ratings may be deleted.", "Add --yes to delete them.")
    answer = session.prompt(f"Delete {'1 rating' if count == 1 else f'{count:,} ratings'}? [y/N] ")
    if answer is None or answer.strip().casefold() not in ("y", "yes"):
        raise Cancelled


def _as_json(rating: Rating) -> dict[str, Any]:
    return {
        "verdict": rating.verdict,
        "question": rating.question,
        "answer": rating.answer,
        "correction": rating.correction,
        "remark": rating.remark,
        "model": rating.details.get("model", ""),
        "exported": bool(right_answer(rating)),
        "changed": rating.changed,
    }


def _described(rating: Rating) -> str:
    lines = [f"[{rating.verdict}] {rating.question}", f"  {rating.answer}"]
    if rating.correction:
        lines.append(f"  Right: {rating.correction}")
    if rating.remark:
        lines.append(f"  Remark: {rating.remark}")
    return "\n".join(lines)
