"""Whole processes: one instance, clean endings."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

_START = """
import sys, types
from app.base.paths import find_paths
from app.gui import application
application._warm_up = lambda backend, token: iter(())  # no workers in this test
shown = application.MainWindow.raise_window
def raise_window(self):
    print("raised", flush=True)
    shown(self)
application.MainWindow.raise_window = raise_window
listen = application._listen
def listening(paths, window):
    server = listen(paths, window)
    print("ready", flush=True)
    return server
application._listen = listening
sys.exit(application.run_window(find_paths()))
"""


def start(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_START)],
        env={**os.environ, "ALCOVE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for(process, word):
    line = process.stdout.readline()
    assert word in line, process.stderr.read()


def test_a_second_start_raises_the_first_window(tmp_path):
    first = start(tmp_path)
    try:
        wait_for(first, "ready")
        second = start(tmp_path)
        assert second.wait(30) == 0
        second.communicate()
        wait_for(first, "raised")
    finally:
        first.terminate()
        _, err = first.communicate(timeout=30)
    assert first.returncode == 0, err
    assert "Traceback" not in err and "QThread" not in err


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_ctrl_c_quits_cleanly_and_leaves_the_lock(tmp_path):
    process = start(tmp_path)
    wait_for(process, "ready")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert time.monotonic() - began < 10
    again = start(tmp_path)
    wait_for(again, "ready")
    again.terminate()
    again.communicate(timeout=30)


def test_a_window_that_does_not_answer_is_said(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys; from PySide6.QtCore import QLockFile; lock = QLockFile(sys.argv[1]); lock.tryLock(0);"
         " print('held', flush=True); sys.stdin.read()",
         str(tmp_path / "window.lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_for(holder, "held")
        second = start(tmp_path)
        _, err = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "running already" in err and "Traceback" not in err
    finally:
        holder.communicate("", timeout=10)


def test_a_data_folder_that_cannot_be_used_is_said(tmp_path):
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    script = (
        "from PySide6.QtWidgets import QMessageBox; QMessageBox.exec = lambda self: print(self.text())"
        + _START
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "ALCOVE_HOME": str(taken), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert process.returncode == 1
    assert "cannot be created" in process.stdout and "cannot be created" in process.stderr
    assert "Traceback" not in process.stderr
