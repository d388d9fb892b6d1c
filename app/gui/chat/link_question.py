"""Links in an answer: nothing is opened before the person said so."""

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from app.gui.text_format import may_open


def ask_before_opening(target: str, parent: QWidget) -> None:
    """Nothing happens when it is no address that may be opened."""
    if not may_open(target):
        return
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(QCoreApplication.translate("LinkQuestion", "Open link"))
    box.setText(QCoreApplication.translate("LinkQuestion", "Open this link in your browser?"))
    box.setInformativeText(target)
    box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.button(QMessageBox.StandardButton.Open).clicked.connect(
        lambda: QDesktopServices.openUrl(QUrl(target, QUrl.ParsingMode.StrictMode))
    )
    box.open()
