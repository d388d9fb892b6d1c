import pytest

from app.assistants.translate.events import TextTranslated
from app.assistants.translate.text import translate_text
from app.base.errors import AppError, WorkerDied
from tests.fixtures.mangling import IdentityEngine

LINES = ["Open the valve first.", "Then start the pump slowly.", "Never let it run dry again."]


class Failing(IdentityEngine):
    """Translates the first line only; then its process ends, or it refuses."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def answer(self, request):
        if request.text != LINES[0]:
            raise self.error
        return "Öffnen Sie zuerst das Ventil."


def read(events):
    """The last event, and the error that ended them."""
    told = []
    try:
        told.extend(events)
    except AppError as error:
        return told[-1], error
    return told[-1], None


@pytest.fixture
def translate(memory, cancel):
    return lambda text, engine: read(
        translate_text(text, target="de", source="en", translator=engine, memory=memory, cancel=cancel)
    )


def test_what_was_translated_before_the_engine_failed_is_told(translate):
    last, error = translate(
        "\n".join(LINES), Failing(WorkerDied("The language model stopped.", "Try again."))
    )
    assert isinstance(last, TextTranslated) and last.state == "stopped" and error.remedy == "Try again."
    assert last.text == "\n".join(["Öffnen Sie zuerst das Ventil.", *LINES[1:]])


def test_a_line_that_is_refused_stays_and_a_text_of_nothing_else_is_refused(translate):
    refusal = AppError("The text does not fit into the model.", "Shorten it.")
    last, error = translate("\n".join(LINES), Failing(refusal))
    assert error is None and last.state == "complete"
    assert [each.origin for each in last.segments] == ["engine", "kept", "kept"]
    last, error = translate(LINES[1], Failing(refusal))
    assert error is refusal and not isinstance(last, TextTranslated)
