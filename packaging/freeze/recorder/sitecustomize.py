"""On PYTHONPATH while a run is recorded: notes the name of every module that this process asks for.

One file a process, written at once, because workers end without tidying up. See record.py. What ALCOVE_WITHOUT names is as
if not installed: that is how the light edition is recorded and tested.
"""

import os
import sys
from pathlib import Path


class _Recorder:
    """First in the line of those asked where a module is: it writes the name down and leaves it to the next."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        os.write(self._file, f"{name}\n".encode())


for _each in os.environ.get("ALCOVE_WITHOUT", "").split():
    sys.modules[_each] = None  # type: ignore[assignment]

if "ALCOVE_RECORD" in os.environ:
    sys.meta_path.insert(0, _Recorder(Path(os.environ["ALCOVE_RECORD"], f"{os.getpid()}.txt")))  # type: ignore[arg-type]
