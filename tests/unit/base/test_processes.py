import os
import subprocess
import sys

from app.base.processes import is_running, this_process


def test_a_process_is_known_by_its_number_and_its_start():
    assert is_running(this_process())
    assert not is_running("")
    assert not is_running(f"{os.getpid()} 1000000000.0")  # an earlier one of this number
    command = [sys.executable, "-c", "from app.base.processes import this_process; print(this_process())"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert ended and not is_running(ended)
