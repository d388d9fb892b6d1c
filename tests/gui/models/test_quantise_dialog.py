"""Making a smaller copy and attaching adapters in the window, with the real llama.cpp."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from app.backend import Backend, ModelParts, close_models, open_models
from app.engine.choose import model_to_use
from app.engine.worker.made_up_model import Dimensions, write_model
from app.gui.jobs import Jobs
from app.gui.models.adapter_dialog import AdapterDialog
from app.gui.models.adapter_row import AdapterRow
from app.gui.models.quantise_dialog import QuantiseDialog
from app.models.disk import in_words
from app.models.installed import installed_models
from app.models.records import Adapter
from tests.fixtures.half_precision import write_adapter, write_half_model
from tests.gui.conftest import delete

_PATIENCE_MS = 20_000


@pytest.fixture
def parts(backend: Backend) -> Iterator[ModelParts]:
    opened = open_models(backend)
    yield opened
    close_models(opened)


@pytest.fixture
def open_for(backend: Backend, parts: ModelParts, jobs: Jobs) -> Iterator[Callable[..., Any]]:
    """Opens one of the dialogs for a model of the library."""
    opened: list[QDialog] = []

    def call(kind: type[QuantiseDialog] | type[AdapterDialog], name: str) -> QDialog:
        model = next(each for each in installed_models(backend.paths.models) if each.name.startswith(name))
        dialog = kind(backend, parts, jobs, model)
        opened.append(dialog)
        dialog.show()
        return dialog

    yield call
    assert jobs.stop_all(5000)
    for each in opened:
        if isValid(each):
            delete(each)


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith(".alcove-models"))


def test_size_and_fit_are_shown_and_the_copy_is_made(open_for: Any, backend: Backend, qtbot: Any):
    folder = backend.paths.models
    write_half_model(folder / "half-F16.gguf")
    dialog = open_for(QuantiseDialog, "half")
    assert not dialog.start_button.isEnabled()
    dialog.choice.setCurrentIndex(dialog.choice.findData("Q8_0"))
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=_PATIENCE_MS)
    shown = dialog.text
    assert "Needs" in shown and "free at 1k context" in shown
    with qtbot.waitSignal(dialog.finished_model, timeout=_PATIENCE_MS) as finished:
        qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
        assert not dialog.start_button.isEnabled() and not dialog.choice.isEnabled()
    assert finished.args == ["half-Q8_0"]
    assert in_words((folder / "half-Q8_0.gguf").stat().st_size) in shown


def test_stopped_it_can_be_started_again_and_nothing_is_left(open_for: Any, backend: Backend, qtbot: Any):
    folder = backend.paths.models
    write_model(folder / "large.gguf", Dimensions(2048, 5632, 32, 8, 6), "F16")
    dialog = open_for(QuantiseDialog, "large")
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=_PATIENCE_MS)
    dialog.start()
    qtbot.waitUntil(lambda: len(files_in(folder)) == 2, timeout=_PATIENCE_MS)
    with qtbot.waitSignal(dialog.strip.ended, timeout=_PATIENCE_MS):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible() and dialog.start_button.isEnabled() and dialog.choice.isEnabled()
    assert files_in(folder) == ["large.gguf"]
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not isValid(dialog) or not dialog.isVisible()


def test_what_cannot_be_quantised_says_why(open_for: Any, qtbot: Any):
    dialog = open_for(QuantiseDialog, "SmolLM2")
    qtbot.waitUntil(dialog.messages.isVisible, timeout=_PATIENCE_MS)
    assert "quantised already" in dialog.messages.text
    assert not dialog.start_button.isEnabled()


def drop(dialog: AdapterDialog, *files: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    dialog.dropEvent(event)


def test_adapters_are_dropped_set_and_detached(open_for: Any, backend: Backend, qtbot: Any, tmp_path: Path):
    write_half_model(backend.paths.models / "base.gguf")
    one = write_adapter(tmp_path / "one.gguf")
    other = write_adapter(tmp_path / "other.gguf", architecture="qwen3")

    def used() -> tuple[tuple[str, float], ...]:
        return model_to_use(backend.settings.current, backend.paths, "base").adapters

    dialog = open_for(AdapterDialog, "base")
    with qtbot.waitSignal(dialog.changed, timeout=_PATIENCE_MS):
        drop(dialog, other, one)
    qtbot.waitUntil(lambda: len(dialog.rows) == 1)
    assert used() == ((str(one), 1.0),)
    assert dialog.messages.isVisible() and "of the kind qwen3" in dialog.messages.text

    with qtbot.waitSignal(dialog.changed):
        for _ in range(2):
            qtbot.keyClick(dialog.rows[0].slider, Qt.Key.Key_Right)
    assert used() == ((str(one), 1.1),)
    with qtbot.waitSignal(dialog.changed):
        dialog.rows[0].remove.click()
    assert used() == () and one.exists()
    qtbot.waitUntil(lambda: not dialog.rows)


def test_a_detached_adapter_does_not_tell_of_its_strength_any_more(themed: Any, qtbot: Any, tmp_path: Path):
    row = AdapterRow(Adapter(str(tmp_path / "one.gguf"), 1.0), there=True)
    row.slider.setValue(3)
    with qtbot.waitSignal(row.remove_wanted), qtbot.assertNotEmitted(row.scaled):
        row.remove.click()
        row.flush()
    delete(row)
