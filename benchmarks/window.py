"""Time until the window is visible, beside a bare PySide6 window; and what the front process holds.

Each start is a process of its own, alternating, median of five. Run: python -m benchmarks.window
"""

import os
import statistics
import subprocess
import sys
import tempfile

_RUNS = 5
_BARE = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
window = QMainWindow()
window.resize(1180, 760)
window.show()
app.processEvents()
"""
_OURS = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.backend import open_backend
from app.base.paths import find_paths
from app.gui.jobs import Jobs
from app.gui.main_window import MainWindow
from app.gui.theme import apply_theme
app = QApplication(sys.argv)
backend = open_backend(find_paths(Path(sys.argv[1])))
apply_theme(app, backend.settings.current.theme)
window = MainWindow(backend, Jobs())
window.show()
app.processEvents()
"""
_FACTS = """
import psutil
heavy = [name for name in ("openvino", "torch", "faiss", "llama_cpp", "sentence_transformers", "transformers", "kreuzberg") if name in sys.modules]
print(psutil.Process().memory_info().rss, ",".join(heavy) or "-", flush=True)
"""
_TIMED = "import time; t = time.perf_counter()\n{code}\nprint(time.perf_counter() - t, flush=True)\n{facts}\nimport os; os._exit(0)"


def main() -> None:
    environment = {**os.environ}
    if not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    bare, ours, resident, heavy = [], [], 0, "-"
    with tempfile.TemporaryDirectory() as home:
        for _ in range(_RUNS + 1):
            bare.append(float(_start(_BARE, home, environment)[-2]))
            *_, seconds, facts = _start(_OURS, home, environment)
            ours.append(float(seconds))
            resident, heavy = int(facts.split()[0]), facts.split()[1]
    bare, ours = bare[1:], ours[1:]  # the first starts read the disk
    print(f"window visible: {statistics.median(ours):.3f} s, bare window {statistics.median(bare):.3f} s;"
          f" ratio {statistics.median(ours) / statistics.median(bare):.2f} (limit 3)")  # fmt: skip
    print(f"front process: {resident / 2**20:.0f} MB resident (limit 200), heavy modules loaded: {heavy}")


def _start(code: str, home: str, environment: dict[str, str]) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", _TIMED.format(code=code, facts=_FACTS), home],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return result.stdout.strip().splitlines()


if __name__ == "__main__":
    main()
