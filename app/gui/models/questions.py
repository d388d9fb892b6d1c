"""Questions before something that cannot be undone, or that can be done in two ways."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

Choice = tuple[str, Callable[[], object]]


def ask(parent: QWidget, question: str, detail: str, choices: Sequence[Choice]) -> QMessageBox:
    """Ask without holding up the window. The first of `choices` is the one for Enter; Esc leaves everything as it is."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Alcove", question, parent=parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(detail)
    actions: dict[QPushButton, Callable[[], object]] = {}
    for text, action in choices:
        actions[box.addButton(text, QMessageBox.ButtonRole.AcceptRole)] = action
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setEscapeButton(cancel)
    box.setDefaultButton(next(iter(actions)))

    def answered(button: object) -> None:
        for each, action in actions.items():
            if each is button:
                action()

    box.buttonClicked.connect(answered)
    box.open()
    return box
