"""How sure Alcove must be to answer."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.base.settings import CAUTION
from app.models.calibration import shipped_calibration


@pytest.fixture
def section(window):
    window.show_page("settings")
    return window.page("settings").answers


def test_caution_is_kept_and_its_error_rates_are_told(section, backend, qtbot):
    slider = section.caution
    assert slider.value() == CAUTION
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert backend.settings.current.caution == slider.value() == CAUTION + 1
    level = shipped_calibration().levels[CAUTION + 1]
    assert f" {100 * level.false_refusals:.0f} were refused" in slider.accessibleDescription()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert backend.settings.current.caution == 0
    assert "right or wrong" in slider.accessibleDescription()


def wheel(widget):
    none, down = Qt.MouseButton.NoButton, QPoint(0, -120)
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), down, none, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_scrolling_past_the_slider_does_not_move_it(section):
    section.caution.clearFocus()
    wheel(section.caution)
    assert section.caution.value() == CAUTION
    section.caution.setFocus()
    wheel(section.caution)
    assert section.caution.value() != CAUTION


@pytest.mark.parametrize("chosen", ["reader", "embedder"])
def test_rates_of_other_models_are_not_told(section, backend, chosen):
    backend.settings.change(**{chosen: "other"})
    section.refresh()
    assert "not measured with the models you chose" in section.caution.accessibleDescription()
