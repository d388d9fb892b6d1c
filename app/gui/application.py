"""From nothing to a window and back: one instance, visible first, workers later, everything ended at quit."""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.backend import Backend, close_backend, open_backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.paths import DataPaths
from app.gui.errors import install_excepthook
from app.gui.garbage import Garbage
from app.gui.icons import app_icon
from app.gui.jobs import Jobs
from app.gui.main_window import MainWindow
from app.gui.opened_files import OpenedFiles
from app.gui.starter_tuning import StarterTuning
from app.gui.theme import apply_theme

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

_REACH_MS = 2000
_QUIT_MS = 3000
_KEEP_UP_MS = 500  # the person's first look comes first


def run_window(paths: DataPaths, files: Sequence[Path] = ()) -> int:
    """Show the window and return the exit code once it was closed. A second start raises the first window.

    `files` are taken as if they had been dropped on it.
    """
    try:
        paths.prepare()
    except AppError as error:
        return refuse_to_start(error)
    lock = QLockFile(str(paths.window_lock))
    lock.setStaleLockTime(0)  # only a process that is gone makes a lock stale, however long it is held
    if not lock.tryLock(0):
        if lock.error() == QLockFile.LockError.LockFailedError:
            return _raise_first(paths, files)
        refused = AppError(f"{paths.window_lock} cannot be written.", "Check the permissions of that folder.")
        return refuse_to_start(refused)
    try:
        return _run(paths, files)
    finally:
        lock.unlock()


def _run(paths: DataPaths, files: Sequence[Path]) -> int:
    app = make_application()
    start_logging(paths.logs, "window")
    try:
        backend = open_backend(paths)
        backend.conversations.close_interrupted()
    except AppError as error:
        return _refuse(app, error)
    apply_theme(app, backend.settings.current.theme)
    garbage = Garbage()
    jobs = Jobs()
    window = MainWindow(backend, jobs)
    restore_hooks = install_excepthook(window.report)
    restore_signals = _quit_on_signals(app)
    window.closed.connect(app.quit)
    window.show()
    app.installEventFilter(OpenedFiles(window.take_dropped, window))
    servers: list[QLocalServer] = []
    # after the first paint
    QTimer.singleShot(0, window, lambda: servers.append(_listen(paths, window)))
    if files:
        QTimer.singleShot(0, window, lambda: window.take_dropped(list(files)))
    QTimer.singleShot(100, window, lambda: jobs.run(lambda token: _warm_up(backend, token), on_error=_ignore))
    QTimer.singleShot(_KEEP_UP_MS, window, window.indexing.keeping_up.start)
    QTimer.singleShot(_KEEP_UP_MS, window, window.reembedding.go_on)
    tuning = StarterTuning(backend, jobs, lambda: window.indexing.busy or jobs.busy, window)
    tuning.start()
    try:
        return int(app.exec())
    finally:
        window.messages.dismiss()
        restore_signals()
        for server in servers:
            server.close()
        jobs.stop_all(_QUIT_MS)
        window.close_parts()
        garbage.stop()
        close_backend(backend)
        restore_hooks()
        window.deleteLater()
        app.processEvents()


def make_application() -> QApplication:
    """The one of this process, made if need be."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("alcove")
    app.setApplicationDisplayName("Alcove")
    app.setDesktopFileName("alcove")
    app.setWindowIcon(app_icon())
    return app


def refuse_to_start(error: AppError) -> int:
    """Say in a dialog and on standard error why there is no window; returns the exit code."""
    return _refuse(make_application(), error)


def _refuse(app: QApplication, error: AppError) -> int:
    """Alcove cannot start: say why, in a dialog and on standard error."""
    sys.stderr.write(f"alcove: {error}\n")
    apply_theme(app, "system")
    box = QMessageBox(QMessageBox.Icon.Warning, "Alcove", error.what)
    box.setInformativeText(error.remedy)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.exec()
    return 1


def _warm_up(backend: Backend, _token: CancelToken) -> Iterator[None]:
    """Start the workers and let the model load, so that the first question does not wait for them."""
    from app.engine.choose import model_to_use
    from app.gui import text_format

    text_format.warm_up()
    backend.library.warm_up()
    backend.engine.warm_up(model_to_use(backend.settings.current, backend.paths))
    return iter(())


def _ignore(_error: AppError) -> None:
    """A missing model is reported when a question is asked, not at start."""


def _server_name(paths: DataPaths) -> str:
    """One name for one data folder, short enough for every system."""
    return "alcove-" + hashlib.sha256(str(paths.data.resolve()).encode()).hexdigest()[:20]


def _listen(paths: DataPaths, window: MainWindow) -> "QLocalServer":
    from PySide6.QtNetwork import QLocalServer

    server = QLocalServer(window)
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
    QLocalServer.removeServer(_server_name(paths))  # left over from a crash: the lock is ours

    def answer() -> None:
        connection = server.nextPendingConnection()
        connection.disconnected.connect(lambda: _take_sent(connection, window))
        connection.disconnected.connect(connection.deleteLater)
        window.raise_window()

    server.newConnection.connect(answer)
    server.listen(_server_name(paths))
    return server


def _take_sent(connection: "QLocalSocket", window: MainWindow) -> None:
    """What another start of this person's Alcove was to open."""
    try:
        files = [Path(each) for each in json.loads(bytes(connection.readAll().data()) or b"[]")]
    except (ValueError, TypeError):
        return
    if files:
        window.take_dropped(files)


def _raise_first(paths: DataPaths, files: Sequence[Path]) -> int:
    """Ask the running Alcove to show itself, and to open `files`."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtNetwork import QLocalSocket

    app = QCoreApplication.instance() or QCoreApplication(sys.argv[:1])
    assert app is not None
    left = _REACH_MS
    while left > 0:
        socket = QLocalSocket()
        socket.connectToServer(_server_name(paths))
        if socket.waitForConnected(200):
            socket.write(json.dumps([str(each) for each in files]).encode())
            socket.disconnectFromServer()  # once everything is sent
            sent = socket.state() is QLocalSocket.LocalSocketState.UnconnectedState
            return 0 if sent or socket.waitForDisconnected(left) else 1
        CancelToken().wait(0.1)  # it may still be starting
        left -= 100
    sys.stderr.write("alcove: Alcove is running already, but its window does not answer.\n")
    return 1


def _quit_on_signals(app: QApplication) -> Callable[[], None]:
    """Ctrl-C and SIGTERM quit as closing the window does. Returns what undoes it."""
    before = {each: signal.signal(each, lambda *_: app.quit()) for each in (signal.SIGINT, signal.SIGTERM)}
    keeper = QObject()
    ends: list[int] = []
    if os.name == "posix":
        # Python runs its handlers only between its own instructions; a byte in the pipe wakes the event loop
        reading, writing = os.pipe()
        ends += [reading, writing]
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        notifier = QSocketNotifier(reading, QSocketNotifier.Type.Read, keeper)
        notifier.activated.connect(lambda: os.read(reading, 512))
    else:
        timer = QTimer(keeper, interval=500)
        timer.timeout.connect(lambda: None)
        timer.start()

    def undo() -> None:
        if ends:
            signal.set_wakeup_fd(-1)
            for notifier in keeper.findChildren(QSocketNotifier):
                notifier.setEnabled(False)
        keeper.deleteLater()
        for each, handler in before.items():
            signal.signal(each, handler)
        for end in ends:
            os.close(end)

    return undo
