"""The window as a whole: pages, messages, drops, keys, what is remembered."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QToolButton,
)

from app.base.errors import AppError
from app.gui.errors import BugDialog, bug_report, install_excepthook
from app.gui.main_window import MainWindow
from app.gui.shortcuts import ShortcutSheet


def drop(window, paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(each)) for each in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    entering = QDragEnterEvent(QPointF(50, 50), action, data, buttons, keys)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    assert window._drops.isVisible()
    QApplication.sendEvent(window, QDropEvent(QPointF(50, 50), action, data, buttons, keys))


def test_documents_dropped_anywhere_go_to_the_library(window, qtbot, monkeypatch, tmp_path):
    got = []
    monkeypatch.setattr(MainWindow, "add_documents", lambda _self, paths: got.extend(paths))
    window._drops.dropped.disconnect()
    window._drops.dropped.connect(window.add_documents)
    drop(window, [tmp_path / "a", tmp_path / "b.pdf"])
    qtbot.waitUntil(lambda: bool(got))
    assert got == [tmp_path / "a", tmp_path / "b.pdf"]
    assert not window._drops.isVisible()


def test_text_dragged_over_the_window_is_not_taken(window):
    data = QMimeData()
    data.setText("hello")
    event = QDragEnterEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                            Qt.KeyboardModifier.NoModifier)  # fmt: skip
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not window._drops.isVisible()


def test_dropped_documents_go_to_the_page_in_view(window, tmp_path):
    file = tmp_path / "lease.txt"
    file.write_text("The rent is due on the first.")
    window.show_page("summarize")
    window.take_dropped([file])
    assert [each.value for each in window.page("summarize").area.setup.request.entries] == [str(file)]
    window.show_page("chat")
    window.take_dropped([file])
    assert window._stack.currentWidget() is window.page("library")


def test_pages_by_key(window, qtbot):
    for key, name in ((Qt.Key.Key_3, "summarize"), (Qt.Key.Key_4, "translate"), (Qt.Key.Key_6, "settings")):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda name=name: window._stack.currentWidget() is window.page(name))
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window._stack.currentWidget() is window.chat)
    assert window.chat.composer.field.hasFocus()


def test_a_new_chat_from_any_page(window, ask, qtbot):
    ask("How long?")
    window.show_page("settings")
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert window._stack.currentWidget() is window.chat
    assert window.chat.view.current is None


def test_escape_takes_the_nearest_thing_first(window, qtbot, script):
    script.hold.clear()
    window.chat.ask("Slow?")
    qtbot.waitUntil(lambda: window.chat.view.transcript.last_answer.text != "")
    window.messages.show_error(AppError("Something happened.", "Try again."))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.messages.isVisible()
    assert window.chat.answers.live(window.chat.view.current) is not None
    with qtbot.waitSignal(window.chat.answers.ended):
        qtbot.keyClick(window, Qt.Key.Key_Escape)


def test_f1_shows_the_keys(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.findChild(ShortcutSheet) is not None)
    window.findChild(ShortcutSheet).close()


def test_size_and_place_are_remembered(window, backend, jobs, qtbot):
    window.resize(781, 611)
    window.close()
    again = MainWindow(backend, jobs)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (781, 611)
    assert (backend.paths.config / "window.ini").is_file()


def test_a_mistake_opens_one_report_without_text_of_the_person(window, backend, qtbot):
    try:
        raise ValueError("secret words of a document")
    except ValueError as raised:
        error = raised
    window.report(error)
    window.report(error)
    dialogs = window.findChildren(BugDialog)
    assert len(dialogs) == 1
    saved = next(backend.paths.logs.glob("crash-*.txt")).read_text("utf-8")
    assert "ValueError" in saved and "secret" not in saved and "secret" not in bug_report(error)
    copy = next(each for each in dialogs[0].findChildren(QPushButton) if each.text() == "Copy")
    copy.click()
    assert "ValueError" in QApplication.clipboard().text()
    dialogs[0].close()


def test_exceptions_nobody_caught_reach_the_window(window, qtbot):
    got = []
    undo = install_excepthook(got.append)
    try:
        error = RuntimeError("x")
        sys.excepthook(RuntimeError, error, None)
        qtbot.waitUntil(lambda: got == [error])
    finally:
        undo()


def test_every_control_has_a_name(window, ask):
    ask("How long?")
    window.show_page("settings")
    window.show_page("welcome")
    kinds = (QPushButton, QToolButton, QLineEdit, QComboBox, QPlainTextEdit, QTextBrowser)
    nameless = []
    for kind in kinds:
        for each in window.findChildren(kind):
            named = each.accessibleName() or (
                each.text() if isinstance(each, (QPushButton, QToolButton)) else ""
            )
            part_of_another = isinstance(each.parent(), QLineEdit) or each.objectName().startswith("qt_")
            if not named and not part_of_another and each is not window.messages._button:
                nameless.append(each)
    assert nameless == []


@pytest.mark.parametrize("name", ["chat", "settings", "welcome"])
def test_no_page_is_wider_than_a_small_screen(window, name, qtbot):
    window.show_page(name)
    assert window.minimumSizeHint().width() <= 900
    window.resize(720, 480)
    qtbot.wait(20)
    assert window.width() <= 900


def test_a_missing_data_folder_for_settings_is_an_error_message_not_a_crash(window, backend, monkeypatch):
    def refuse(**_changes):
        raise AppError("The disk is full, so settings.json could not be saved.", "Free some space.")

    monkeypatch.setattr(backend.settings, "change", refuse)
    page = window.page("settings")
    window.show_page("settings")
    page.context.activated.emit(0)
    assert window.messages.text.startswith("The disk is full")
    assert Path(backend.paths.settings_file).exists()
