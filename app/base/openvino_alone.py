"""OpenVINO without what it brings along: import it from here only.

`import openvino` also imports its model converter, which at once starts a thread, leaves a number for this person in
the home folder and tries to tell Intel of the import. The parts that do are made to look as if not installed; OpenVINO
then goes on without them. `tests/unit/base/test_openvino_alone.py` watches over it.
"""

import sys

for _name in ("openvino.tools", "openvino_telemetry"):
    sys.modules[_name] = None  # type: ignore[assignment]

import openvino  # noqa: E402
from openvino import opset13 as operations  # noqa: E402

__all__ = ["openvino", "operations"]
