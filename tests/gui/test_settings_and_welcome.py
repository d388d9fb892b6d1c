"""The settings page, and the page of the first run."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel

from app.assistants.choose_model import explain, recommend
from app.base.jobs import CancelToken
from app.base.settings import SettingsStore
from app.gui import theme
from app.gui.main_window import MainWindow
from app.gui.settings.licences import LicencesDialog
from app.gui.settings.path_field import PathField
from app.gui.welcome import page as welcome_page
from app.gui.welcome.offer import find_offer
from app.hardware.fit import GIB
from app.hardware.probe import Cpu, Machine, Ram
from app.models.catalog import load_catalog
from app.models.disk import in_words
from tests.gui.conftest import delete


@pytest.fixture
def settings(window):
    window.show_page("settings")
    return window.page("settings")


def saved(backend):
    return SettingsStore(backend.paths.settings_file).current


def test_the_theme_is_applied_and_saved_at_once(settings, backend, themed):
    settings.theme.setCurrentIndex(settings.theme.findData("dark"))
    settings.theme.activated.emit(settings.theme.currentIndex())
    assert theme.colours() is theme.DARK
    assert saved(backend).theme == "dark"
    theme.apply_theme(themed, "light")


def test_context_length_is_saved(settings, backend):
    settings.context.setCurrentIndex(settings.context.findData(8192))
    settings.context.activated.emit(settings.context.currentIndex())
    assert saved(backend).context_length == 8192


def test_the_model_folder_can_be_chosen(settings, backend, monkeypatch, tmp_path):
    monkeypatch.setattr("app.gui.settings.page.QFileDialog.getExistingDirectory", lambda *_: str(tmp_path))
    settings._choose_models_folder()
    assert saved(backend).models_folder == tmp_path
    assert settings.models_folder.path == str(tmp_path)


def test_a_long_path_loses_its_middle_and_is_whole_in_its_tip_and_with_the_focus(themed, qtbot):
    path = Path("/home/anna") / "a very long name of a folder" / "models"
    field = PathField(path)
    qtbot.addWidget(field)
    field.resize(200, 28)
    field.show()
    with qtbot.waitActive(field):
        field.activateWindow()
    field.clearFocus()
    shown = field.text()
    assert shown.startswith("/home") and "…" in shown and shown.endswith("models")
    assert str(path) in field.toolTip() and field.path == str(path)
    field.setFocus()
    assert field.text() == str(path) and field.cursorPosition() == 0
    field.clearFocus()
    field.resize(600, 28)
    assert field.text() == str(path)


def test_labels_stand_level_with_what_they_name(settings):
    for choice, text in ((settings.card, "&Graphics card"), (settings.kept_states, "Re&opening chats")):
        (label,) = [each for each in settings.findChildren(QLabel) if each.text() == text]
        middles = [each.mapTo(settings, each.rect().center()).y() for each in (label, choice)]
        assert abs(middles[0] - middles[1]) <= 1


def test_a_model_file_from_anywhere_can_be_chosen(settings, backend, monkeypatch, tmp_path, qtbot):
    file = tmp_path / "my-model.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.setattr(
        "app.gui.settings.models_choice.QFileDialog.getOpenFileName", lambda *_: (str(file), "")
    )
    box = settings.models.box
    settings.models._picked(box.findText("Choose a GGUF file…"))
    assert saved(backend).default_model == file
    qtbot.waitUntil(lambda: box.currentText() == "my-model.gguf")
    settings.models._picked(0)
    assert saved(backend).default_model is None


def test_licences_name_every_part(settings, qtbot):
    dialog = LicencesDialog(settings)
    dialog.open()
    names = [dialog._list.item(row).text() for row in range(dialog._list.count())]
    assert any("markdown-it-py" in each for each in names)
    dialog._list.setCurrentRow(len(names) - 1)
    assert dialog._text.toPlainText()
    dialog.close()


@pytest.fixture
def first_run(backend, jobs, script, qtbot, monkeypatch, tmp_path):
    backend.settings.change(greeted=False)
    samples = tmp_path / "resources" / "samples"
    samples.mkdir(parents=True)
    questions = [{"question": f"Question {n}?", "welcome": n != 1} for n in range(6)]
    (tmp_path / "resources" / "sample_questions.json").write_text(json.dumps({"answerable": questions}))
    monkeypatch.setattr(welcome_page, "resource", lambda *parts: (tmp_path / "resources").joinpath(*parts))
    monkeypatch.setattr("app.gui.chat.page.answerer_of", lambda _backend: script)
    window = MainWindow(backend, jobs)
    window.show()
    yield window
    window.close()
    jobs.stop_all(5000)
    window.close_parts()
    delete(window)


def test_the_first_run_leads_to_an_answer_over_the_samples(first_run, backend, library, qtbot, script):
    page = first_run.page("welcome")
    assert first_run._stack.currentWidget() is page
    assert first_run.focusWidget() is page._samples  # Enter is enough
    page._samples.click()
    qtbot.waitUntil(lambda: len(page.question_buttons) == 3)
    assert backend.collections.get("Samples") is not None
    assert len(library.asked) == 1
    assert [each.text() for each in page.question_buttons] == ["Question 0?", "Question 2?", "Question 3?"]
    with qtbot.waitSignal(first_run.chat.answers.ended):
        page.question_buttons[0].click()
    assert (script.requests[0].question, script.requests[0].scope) == ("Question 0?", "Samples")
    assert first_run._stack.currentWidget() is first_run.chat
    assert saved(backend).greeted


def test_reading_the_samples_shows_progress_and_can_be_stopped(first_run, library, qtbot):
    library.files, library.pause_s = 500, 0.02
    page = first_run.page("welcome")
    page._samples.click()
    qtbot.waitUntil(lambda: "of 500 documents… 20 s left" in page._note.text())
    assert page._bar.isVisible() and not page._samples.isEnabled()
    assert page.stop()
    qtbot.waitUntil(lambda: page._samples.isEnabled())
    assert page.question_buttons == []


def test_skip_goes_to_the_chat_for_good(first_run, backend):
    first_run.page("welcome")._skip.click()
    assert first_run._stack.currentWidget() is first_run.chat
    assert saved(backend).greeted


def test_missing_samples_are_said_and_nothing_is_added(first_run, backend, monkeypatch, tmp_path):
    monkeypatch.setattr(welcome_page, "resource", lambda *parts: tmp_path.joinpath("nowhere", *parts))
    first_run.page("welcome")._samples.click()
    assert first_run.messages.text.startswith("The sample library is missing.")
    assert backend.collections.get("Samples") is None
    assert welcome_page.sample_questions() == []


@pytest.fixture
def small_machine(monkeypatch):
    """Makes this a machine with so many GiB free, of which it returns what is recommended; llama.cpp is still
    asked for its graphics cards.
    """

    def make(gib):
        made = Machine("test", Cpu("test", 4, 8), Ram(int(2 * gib * GIB), int(gib * GIB)), ())
        monkeypatch.setattr("app.hardware.probe.probe", lambda: made)
        return recommend(load_catalog(), made, None).best

    return make


def test_the_first_run_offers_the_recommended_model(first_run, backend, qtbot, small_machine, monkeypatch):
    asked = []
    monkeypatch.setattr("app.gui.models.page.ModelsPage.download", lambda _page, id: asked.append(id))
    best = small_machine(6)
    backend.settings.change(mirror="https://models.example.org/hub")
    page = first_run.page("welcome")
    assert page.isVisible() and not page.offer.isVisible()  # the page does not wait for it
    before = page._samples.mapTo(page, QPoint())
    qtbot.waitUntil(page.offer.isVisible, timeout=20_000)
    assert (
        page.offer.title.text() == f"For better answers: {best.model.name}, {in_words(best.bytes)} download"
    )
    assert page.offer.fit.text() == explain(best.fit)
    assert "this one comes from models.example.org." in page.offer.note.text()
    moved = page._samples.mapTo(page, QPoint()) - before
    assert moved.manhattanLength() <= 8  # not away from under the mouse
    page.offer.download.click()
    assert first_run._stack.currentWidget() is first_run.page("models")
    assert asked == [best.model.id] and saved(backend).greeted


def test_the_recommended_model_can_be_skipped(first_run, jobs, qtbot, small_machine):
    small_machine(6)
    page = first_run.page("welcome")
    qtbot.waitUntil(page.offer.isVisible, timeout=20_000)
    page.offer.not_now.click()
    under_way = jobs.running
    page.offer.look()
    assert not page.offer.isVisible() and jobs.running == under_way  # it does not come back
    page._skip.click()
    assert first_run._stack.currentWidget() is first_run.chat


def test_nothing_is_offered_that_is_here_or_is_the_starter(backend, small_machine):
    assert small_machine(2).model.tier == "starter"
    assert list(find_offer(backend, CancelToken())) == []
    best = small_machine(6)
    backend.paths.models.mkdir(exist_ok=True)
    (backend.paths.models / f"{best.model.name}-Q4_K_M.gguf").write_bytes(b"GGUF")
    assert list(find_offer(backend, CancelToken())) == []
