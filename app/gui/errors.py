"""What the person sees when something goes wrong.

Expected errors appear in the message bar, inside the window. A mistake in Alcove opens a report dialog
whose text names places in the program and quotes no document, question or answer.
"""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
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

_PASSING_MS = 10_000
_LATER_MS = 3000


@dataclass(frozen=True, slots=True)
class _Removal:
    """What was removed and can still be brought back by `on_action`; `on_gone` makes it final."""

    text: str
    action: str
    on_action: Callable[[], object] | None
    on_gone: Callable[[], object]


class MessageBar(QFrame):
    """One quiet line above the pages: what happened, what to try, a button to dismiss it (Esc does too).

    The offer to undo a removal stays until the person dismisses it, removes something else or quits. Another
    message only covers it for a while.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action: Callable[[], object] | None = None
        self._removal: _Removal | None = None
        self._offering = False
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

    @property
    def passing(self) -> bool:
        """Whether a message is shown that nothing depends on; false for the offer to undo a removal."""
        return self.isVisible() and not self._offering

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
        """A passing remark with one thing to do about it ("Undo").

        With `on_gone` it tells of a removal, which that call makes final: the remark does not pass by itself.
        """
        if on_gone is not None:
            self.end()
            self._removal = _Removal(text, action, on_action, on_gone)
            self._offer(self._removal)
            return
        self._show("calm", "info", "accent", text)
        self._show_action(action, on_action)
        self._timer.start(_PASSING_MS)

    @Slot(str)
    def show_later(self, text: str) -> None:
        """A remark that nobody waits for: it does not push another message (and its button) away."""
        if self.passing:
            QTimer.singleShot(_LATER_MS, self, lambda: self.show_later(text))
        else:
            self.show_note(text)

    @Slot()
    def dismiss(self) -> None:
        """What is in view goes: a removal becomes final, below another message its offer comes to light again."""
        self._timer.stop()
        if self._offering or self._removal is None:
            self.end()
        else:
            self._offer(self._removal)

    @Slot()
    def end(self) -> None:
        """All goes, and a removal becomes final: at the next one, and at quit."""
        self._timer.stop()
        self.hide()
        removal, self._removal, self._action, self._offering = self._removal, None, None, False
        if removal is not None:
            removal.on_gone()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _offer(self, removal: _Removal) -> None:
        self._show("calm", "info", "accent", removal.text)
        self._show_action(removal.action, removal.on_action)
        self._offering = True

    def _show(self, role: str, picture: str, tint: str, text: str) -> None:
        self._timer.stop()
        self._action, self._offering = None, False
        set_role(self, role)
        self._picture.show_icon(picture, tint)
        self._text.setText(text)
        self._button.hide()
        self.setAccessibleName(text)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show_action(self, name: str, action: Callable[[], object] | None) -> None:
        self._action = action
        self._button.setText(name)
        self._button.setVisible(bool(name))

    @Slot()
    def _act(self) -> None:
        action = self._action
        if self._offering:
            self._removal = None  # not final
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
