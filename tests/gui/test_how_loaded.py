"""The window says where a model came out smaller than was asked for, and lets the graphics card be tried again."""

import pytest
from PySide6.QtCore import Qt

from app.assistants.events import AnswerFinished
from app.engine.protocol import Loaded, ModelSpec, Step
from app.hardware.graphics import driver_stack
from app.hardware.measured import Measurements
from tests.gui.conftest import TIMINGS

SAID = "Memory is short, so the model looks at 2,048 tokens instead of 4,096."


@pytest.fixture
def smaller(backend):
    """As if the model had been loaded with half of its context."""
    loaded = Loaded(
        "Tiny", "llama", 2048, 8192, can_chat=True, threads=1, seconds=0.1, steps=(Step("context", "4096", "2048"),)
    )  # fmt: skip

    def load():
        backend.engine._loaded = ModelSpec("tiny.gguf"), loaded

    return load


def test_what_came_out_smaller_is_said_once_and_stays_with_the_model(window, ask, backend, smaller):
    picker, messages = window.chat.model, window.messages
    assert SAID not in picker.toolTip()
    smaller()
    ask("Hello?")
    assert SAID in picker.toolTip() and picker.accessibleDescription() == SAID
    assert messages.isVisible() and SAID in messages.text
    messages.dismiss()
    ask("Hello again?")
    assert SAID in picker.toolTip() and not messages.isVisible()
    backend.engine._loaded = None
    ask("And now?")
    assert SAID not in picker.toolTip() and picker.accessibleDescription() == ""


def test_messages_left_out_are_marked_below_the_answer(window, ask):
    ask("Hello?")
    view = window.chat.view.transcript.last_answer
    view.take(AnswerFinished("Hi.", "complete", (), (), "tiny", TIMINGS, None, forgotten=2))
    assert "The oldest messages no longer fitted and were left out" in view.state_text


@pytest.fixture
def choice(window):
    window.show_page("settings")
    return window.page("settings").card


def test_the_graphics_card_can_be_ruled_out(choice, backend, qtbot):
    assert choice.isChecked() and choice.try_button.isEnabled()
    qtbot.keyClick(choice, Qt.Key.Key_Space)
    assert not backend.settings.current.use_card and not choice.try_button.isEnabled()
    qtbot.keyClick(choice, Qt.Key.Key_Space)
    assert backend.settings.current.use_card and choice.try_button.isEnabled()


def test_a_card_that_failed_can_be_tried_again(choice, backend, window):
    measurements = Measurements(backend.paths.measurements)
    measurements.keep_card_failure(driver_stack())
    choice.try_button.click()
    assert not measurements.card_failed(driver_stack())
    assert "tried again" in window.messages.text
