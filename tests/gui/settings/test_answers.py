"""How sure Alcove must be to answer."""

import pytest
from PySide6.QtCore import Qt

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
