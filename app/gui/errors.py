"""What the person sees when something goes wrong.

Expected errors appear in the message bar, inside the window. A mistake in Alcove opens a report dialog
whose text names places in the program and quotes no document, question or answer.
"""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.base.errors import AppError, WorkerBug
from app.base.logs import describe_bug, write_crash_report
from app.gui.buttons import IconLabel, icon_button
from app.gui.theme import GRID, set_role

_UNDO_MS = 10_000
_LATER_MS = 3000


class MessageBar(QFrame):
    """One quiet line above the pages: what happened, what to try, a button to dismiss it (Esc does too)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: Callable[[], object] | None = None
        self._gone: Callable[[], object] | None = None
        self._picture = IconLabel("info", "accent")
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton()
        self._button.clicked.connect(self._act)
        self._close = icon_button("close", self.tr("Dismiss the message"))
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID, GRID, GRID)
        row.setSpacing(GRID)
        row.addWidget(self._picture)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    @Slot(object)
    def show_error(self, error: AppError) -> None:
        """An expected failure: stays until it is dismissed or another message takes its place."""
        self._show("error", "error", "danger", f"{error.what} {error.remedy}".strip())

    def show_note(
        self,
        text: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        on_gone: Callable[[], object] | None = None,
    ) -> None:
        """A passing remark with one thing to do about it ("Undo"); `on_gone`: it went away undone."""
        self._show("calm", "info", "accent", text)
        self._action, self._gone = on_action, on_gone
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._timer.start(_UNDO_MS)

    @Slot(str)
    def show_later(self, text: str) -> None:
        """A remark that nobody waits for: it does not push another message (and its Undo) away."""
        if self.isVisible():
            QTimer.singleShot(_LATER_MS, self, lambda: self.show_later(text))
        else:
            self.show_note(text)

    @Slot()
    def dismiss(self) -> None:
        """Also what happens to a message when another one takes its place, and at quit."""
        self._timer.stop()
        self.hide()
        gone, self._gone, self._action = self._gone, None, None
        if gone is not None:
            gone()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _show(self, role: str, picture: str, tint: str, text: str) -> None:
        self.dismiss()
        set_role(self, role)
        self._picture.show_icon(picture, tint)
        self._text.setText(text)
        self._button.hide()
        self.setAccessibleName(text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @Slot()
    def _act(self) -> None:
        action, self._gone = self._action, None
        self.dismiss()
        if action is not None:
            action()


class BugDialog(QDialog):
    """Says that Alcove made a mistake and lets the person copy the report. Nothing is sent anywhere."""

    def __init__(self, report: str, saved_as: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Alcove made a mistake"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._report = report
        title = QLabel(
            self.tr("Something in Alcove went wrong. Your documents and chats are safe."), wordWrap=True
        )
        set_role(title, "title")
        hint = QLabel(
            self.tr(
                "You can go on working. The report below holds no text of yours and was saved as {file}."
            ).format(file=saved_as),
            wordWrap=True,
        )
        hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text = QPlainTextEdit(report, readOnly=True)
        text.setAccessibleName(self.tr("Error report"))
        buttons = QDialogButtonBox()
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setAutoDefault(False)
        copy.clicked.connect(self._copy)
        close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        for each in (title, hint, text, buttons):
            column.addWidget(each)
        self.resize(640, 420)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)


def bug_report(error: BaseException) -> str:
    """The report's text: places in the program, no values."""
    text = describe_bug(error)
    if isinstance(error, WorkerBug):
        text += f"\nin a worker process:\n{error}"  # `describe_bug` of the worker, no values either
    return text


def show_bug(error: BaseException, logs: Path, parent: QWidget | None = None) -> BugDialog | None:
    """Save a crash report and say so; None while another report is open already."""
    saved_as = write_crash_report(logs, error)
    if QCoreApplication.instance() is None or _open_report(parent):
        return None
    dialog = BugDialog(bug_report(error), saved_as, parent)
    dialog.open()
    return dialog


def _open_report(parent: QWidget | None) -> bool:
    """One mistake that repeats at every paint must not bury the screen in dialogs."""
    from PySide6.QtWidgets import QApplication

    return any(isinstance(each, BugDialog) and each.isVisible() for each in QApplication.topLevelWidgets())


class _BugCarrier(QObject):
    """Brings an exception of any thread to the GUI thread."""

    raised = Signal(object)


def install_excepthook(show: Callable[[BaseException], object]) -> Callable[[], None]:
    """Give `show` every exception that nobody caught, of every thread, on this one. Returns what undoes it."""
    carrier = _BugCarrier()
    carrier.raised.connect(show, Qt.ConnectionType.QueuedConnection)
    before = (sys.excepthook, threading.excepthook)

    def from_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QCoreApplication.quit()
        else:
            carrier.raised.emit(error.with_traceback(trace))

    def from_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            carrier.raised.emit(arguments.exc_value)

    sys.excepthook = from_main
    threading.excepthook = from_thread

    def undo() -> None:
        sys.excepthook, threading.excepthook = before
        carrier.deleteLater()

    return undo
