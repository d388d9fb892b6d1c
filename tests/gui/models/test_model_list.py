"""The list of models: keys, search, and a choice that stays."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.gui.models.entries import Shelf, entries_of, of_repository
from app.gui.models.model_list import ModelList
from app.hardware.fit import GIB
from app.hardware.probe import Cpu, Machine, Ram
from app.models.catalog import load_catalog
from app.models.installed import InstalledModel

SHELF = Shelf(
    load_catalog(),
    (InstalledModel("starter", Path("/s.gguf"), 9, starter=True, source="starter"),),
    {},
    {},
    None,
)


def judged(gib: int) -> Any:
    return entries_of(SHELF, Machine("Linux", Cpu("scripted", 4, 8), Ram(64 * GIB, gib * GIB), ()), None)


@pytest.fixture
def models(themed: QApplication, qtbot: Any) -> ModelList:
    made = ModelList()
    qtbot.addWidget(made)
    made.resize(420, 600)
    made.show_entries(judged(8), SHELF.catalog)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


def test_keys_lead_through_the_list(models: ModelList, qtbot: Any):
    qtbot.keyClick(models, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert models.filters.field.hasFocus()
    qtbot.keyClick(models.filters.field, Qt.Key.Key_Down)
    assert models.view.hasFocus()
    models.select("installed:/s.gguf")
    qtbot.keyClick(models.view, Qt.Key.Key_Down)
    assert models.current is not None and models.current.key.startswith("catalog:")  # past the heading
    qtbot.keyClick(models.view, Qt.Key.Key_Up)
    assert models.current is not None and models.current.name == "starter"
    with qtbot.waitSignal(models.opened):
        qtbot.keyClick(models.view, Qt.Key.Key_Return)


def test_what_is_chosen_stays_chosen_and_is_told_anew(models: ModelList, qtbot: Any):
    models.select("catalog:qwen3-8b")
    told: list[Any] = []
    models.chosen.connect(told.append)
    models.show_entries((of_repository("a/b-GGUF"), *judged(2)), SHELF.catalog)
    assert [(each.key, each.fit.verdict) for each in told] == [("catalog:qwen3-8b", "too big")]
    assert models.current is told[0]


def test_a_search_without_result_leads_back(models: ModelList, qtbot: Any):
    models.select("catalog:qwen3-8b")
    models.filters.field.setText("no such model")
    qtbot.waitUntil(models.clear_button.isVisible)
    assert models.current is None
    models.clear_button.click()
    assert models.view.isVisible() and models.current is not None and models.current.key == "catalog:qwen3-8b"
    models.filters.installed.click()
    assert models.select("catalog:qwen3-4b-instruct-2507")  # past the filter
    assert not models.filters.installed.isChecked()
    assert not models.select("catalog:none-such")


def test_the_filters_are_seen_whole_in_a_narrow_list(models: ModelList):
    filters = models.filters
    for width, beside in ((300, False), (700, True)):
        models.resize(width, 600)
        QApplication.processEvents()
        assert models.width() == width
        shown = (filters.purpose, filters.fits, filters.installed, filters.commercial)
        for each in shown:
            assert filters.rect().contains(each.geometry()) and each.width() >= each.sizeHint().width()
        assert (filters.purpose.y() == filters.fits.y()) is beside
