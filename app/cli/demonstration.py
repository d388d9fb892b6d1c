"""`alcove` where no window can be shown: the main job on the samples, in the terminal."""

import json
import sys

from app.assistants.ask import ask
from app.base.paths import resource
from app.cli.ask import show_text
from app.cli.session import Session
from app.engine.choose import model_to_use


def demonstrate(session: Session) -> int:
    """Index the samples and answer one sample question; returns the exit code."""
    write = sys.stdout.write
    write("There is no display, so no window can be opened. Here is the same job in the terminal.\n\n")
    samples = resource("samples")
    question = _first_question()
    write(f'> alcove ask "{question}" --in {samples}\n\n')
    sys.stdout.flush()
    with session.backend() as (backend, token):
        ending = show_text(
            session,
            ask(
                question,
                conversation=None,
                folders=[str(samples)],
                library=backend.library,
                engine=backend.engine,
                model=model_to_use(backend.settings.current, backend.paths),
                conversations=None,
                cancel=token,
                max_tokens=backend.settings.current.max_answer_tokens,
            ),
        )
    write("\nAsk your own folder with: make run ARGS='ask \"your question\" --in FOLDER'\n")
    return 0 if ending is not None else 1


def _first_question() -> str:
    questions = json.loads(resource("sample_questions.json").read_text(encoding="utf-8"))
    return str(next(each["question"] for each in questions["answerable"] if each.get("welcome")))
