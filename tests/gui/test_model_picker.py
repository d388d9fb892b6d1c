"""Choosing in the chat which model answers."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication

from app.assistants.records import read_record
from app.engine.client import Engine
from app.gui.main_window import MainWindow
from app.models.installed import starter_chat_model
from app.models.records import Adapter, Records
from app.retrieval.client import Library
from tests.fixtures.tiny_model import write_tiny_model
from tests.gui.conftest import delete

CHATTY = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>"
LONG = "a-very-long-name-of-a-model-" * 4 + "Q4_K_M"


@pytest.fixture
def tiny(backend):
    backend.paths.models.mkdir(exist_ok=True)
    return write_tiny_model(backend.paths.models / "tiny-chat.gguf", template=CHATTY)


@pytest.fixture
def picker(window):
    return window.chat.model


def opened(picker, qtbot):
    """The menu's lines as it opens, once the models were looked for: text (without size) to action."""
    qtbot.waitUntil(lambda: bool(picker._found.models))
    picker._fill()
    return {each.text().split("\t")[0]: each for each in picker.menu().actions() if each.text()}


def pick(picker, name, qtbot):
    next(action for text, action in opened(picker, qtbot).items() if name in text).trigger()


class RecordingEngine(Engine):
    """The real one; remembers what it was asked."""

    def __init__(self, paths):
        super().__init__(paths)
        self.asked = []

    def chat(self, model, messages, *rest):
        self.asked.append((model.file, [each.content for each in messages]))
        return super().chat(model, messages, *rest)


@pytest.fixture
def real(backend, jobs, tiny, qtbot):
    """A window whose answers come from the real engine."""
    engine = RecordingEngine(backend.paths)
    parts = replace(backend, engine=engine, library=Library(backend.paths))
    parts.settings.change(max_answer_tokens=16)
    window = MainWindow(parts, jobs)
    window.show()
    yield window, engine
    window.close()
    jobs.stop_all(5000)
    delete(window)
    engine.close()


def test_switching_the_model_keeps_the_conversation(real, backend, tiny, qtbot):
    window, engine = real
    starter = starter_chat_model()

    def ask(question):
        with qtbot.waitSignal(window.chat.answers.ended, timeout=60_000):
            window.chat.ask(question)

    ask("Name a colour.")
    number = window.chat.view.current
    first = window.chat.view.transcript.last_answer
    pick(window.chat.model, "tiny-chat", qtbot)
    assert window.chat.model.text() == "tiny-chat" and backend.settings.current.default_model == tiny
    ask("And another one?")

    assert window.chat.view.current == number
    question, answer, *later = backend.conversations.messages(number)
    assert [each.text for each in (question, later[0])] == ["Name a colour.", "And another one?"]
    assert answer.text and later[1].text
    assert [read_record(each.details).model for each in (answer, later[1])] == [starter.stem, "tiny-chat"]
    (file_1, _), (file_2, asked_2) = engine.asked
    assert (file_1, file_2) == (str(starter), str(tiny))
    assert asked_2[-3:] == ["Name a colour.", answer.text, "And another one?"]
    assert starter.stem in first.state_text
    assert "tiny-chat" in window.chat.view.transcript.last_answer.state_text


def test_a_choice_made_while_an_answer_is_written_holds_for_the_next(
    window, picker, tiny, script, qtbot, backend
):
    script.hold.clear()
    window.chat.ask("Slow?")
    qtbot.waitUntil(lambda: window.chat.view.transcript.last_answer.text == "Two months. ")
    assert "For the next answer:" in opened(picker, qtbot)
    pick(picker, "tiny-chat", qtbot)
    assert backend.settings.current.default_model == tiny and picker.text() == "tiny-chat"
    assert backend.engine.worker_pid is None  # nothing is loaded between the steps of the answer
    with qtbot.waitSignal(window.chat.answers.ended):
        script.hold.set()
    qtbot.waitUntil(lambda: backend.engine.worker_pid is not None, timeout=10_000)
    assert "For the next answer:" not in opened(picker, qtbot)


def test_a_model_that_vanished_is_said_and_the_starter_offered(window, picker, tiny, qtbot, backend):
    pick(picker, "tiny-chat", qtbot)
    tiny.unlink()
    picker.refresh()
    qtbot.waitUntil(lambda: picker.text() == "Model not found")
    lines = opened(picker, qtbot)
    assert "“tiny-chat” is no longer there. Choose another model." in lines
    assert "tiny-chat" not in lines and not any(each.isChecked() for each in lines.values())
    pick(picker, "Starter model", qtbot)
    assert backend.settings.current.default_model is None
    assert picker.text() == "Starter model"
    assert [each for each, action in opened(picker, qtbot).items() if action.isChecked()] == [
        f"Starter model ({starter_chat_model().stem})"
    ]


def test_only_what_can_answer_is_offered(window, picker, tiny, qtbot, backend):
    folder = backend.paths.models
    write_tiny_model(folder / "embedder.gguf", architecture="bert")
    untried = write_tiny_model(folder / "untried.gguf")
    records = Records(folder)
    records.put(records.describe([untried], name="untried", source="import", owned=True, loads=False))
    picker.refresh()
    qtbot.waitUntil(lambda: any(each.name == "tiny-chat" for each in picker._found.models))
    assert [each.name for each in picker._found.models if not each.starter] == ["tiny-chat"]


def test_a_model_whose_adapter_is_gone_is_still_there(window, picker, tiny, qtbot, backend):
    records = Records(backend.paths.models)
    record = records.describe([tiny], name="tiny-chat", source="found", owned=False)
    records.put_adapters(record, [Adapter(str(tiny.parent / "gone.gguf"), 1.0)])
    backend.settings.change(default_model=tiny)
    picker.refresh()
    qtbot.waitUntil(lambda: picker._found.current is not None and picker._found.in_use == tiny)
    assert picker.text() == "tiny-chat"


def test_a_model_chosen_elsewhere_is_shown_when_the_chat_is(window, picker, tiny, qtbot, backend):
    window.show_page("library")
    backend.settings.change(default_model=tiny)
    window.show_page("chat")
    assert picker.text() == "tiny-chat"


def test_ctrl_m_opens_the_menu_which_leads_to_more_models(window, picker, qtbot, qtlog):
    seen = []

    def look():
        seen.append(picker.menu().isVisible())
        picker.menu().close()

    QTimer.singleShot(200, picker, look)
    with qtlog.disabled():  # a platform without a screen cannot grab the keyboard for a menu, and says so
        qtbot.keyClick(window.chat.composer.field, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert seen == [True]
    window.chat.models_wanted.disconnect()
    with qtbot.waitSignal(window.chat.models_wanted):
        pick(picker, "More models…", qtbot)


def test_a_long_name_leaves_room_in_a_narrow_window(window, picker, backend, qtbot):
    backend.paths.models.mkdir(exist_ok=True)
    backend.settings.change(default_model=write_tiny_model(backend.paths.models / f"{LONG}.gguf"))
    window.resize(720, 480)
    window.show_page("library")
    window.show_page("chat")
    qtbot.waitUntil(lambda: LONG in picker.toolTip())
    QGuiApplication.processEvents()
    page, title = window.chat, window.chat.head.title
    left = picker.mapTo(page, picker.rect().topLeft()).x()
    assert title.width() >= 90 and title.mapTo(page, title.rect().topRight()).x() < left
    assert left + picker.width() < page.width()
