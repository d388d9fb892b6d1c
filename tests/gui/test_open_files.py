"""“Open with Alcove”: files reach the window, also one that is open already."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

_START = """
import sys
from pathlib import Path
from app.base.paths import find_paths
from app.gui import application
application._warm_up = lambda backend, token: iter(())  # no workers in this test
application.MainWindow.take_dropped = lambda self, paths: print("took", *paths, flush=True)
listen = application._listen
def listening(paths, window):
    server = listen(paths, window)
    print("ready", flush=True)
    return server
application._listen = listening
sys.exit(application.run_window(find_paths(), [Path(each) for each in sys.argv[1:]]))
"""


def start(home: Path, *files: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_START), *map(str, files)],
        env={**os.environ, "ALCOVE_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_files_reach_the_window_of_the_first_start(tmp_path):
    one, two = tmp_path / "one.pdf", tmp_path / "two ü.gguf"
    first = start(tmp_path, one)
    try:
        assert first.stdout is not None
        assert {first.stdout.readline(), first.stdout.readline()} == {"ready\n", f"took {one}\n"}
        second = start(tmp_path, two, one)
        assert second.wait(30) == 0
        second.communicate()
        assert first.stdout.readline() == f"took {two} {one}\n"
    finally:
        first.terminate()
        _, err = first.communicate(timeout=30)
    assert first.returncode == 0, err
    assert "Traceback" not in err
