"""OpenVINO tells nobody that it is used, in a process of its own as in the worker."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
import threading
reached = []
sys.addaudithook(lambda event, args: reached.append(event) if event in ("socket.connect", "socket.getaddrinfo") else None)
import app.retrieval.bert
from app.base.openvino_alone import openvino
openvino.Core().available_devices
loaded = [name for name, module in sys.modules.items() if module and ("telemetry" in name or name.startswith("openvino.tools"))]
print(loaded, reached, [each.name for each in threading.enumerate()], "torch" in sys.modules)
"""


def test_nothing_is_sent_or_left_behind(tmp_path: Path):
    environment = {**os.environ, "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "CI": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[] [] ['MainThread'] False", done.stderr
    assert list(tmp_path.iterdir()) == []
