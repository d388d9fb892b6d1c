from pathlib import Path

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.gui.opened_files import OpenedFiles


def test_what_the_system_opens_arrives(qtbot, tmp_path):
    taken: list[list[Path]] = []
    window = QWidget()
    qtbot.addWidget(window)
    QApplication.instance().installEventFilter(OpenedFiles(taken.append, window))
    file = tmp_path / "flat lease.pdf"
    QCoreApplication.sendEvent(QApplication.instance(), QFileOpenEvent(QUrl.fromLocalFile(str(file))))
    QCoreApplication.sendEvent(QApplication.instance(), QFileOpenEvent(QUrl("https://example.org/page")))
    assert taken == [[file]]  # an address is no file
