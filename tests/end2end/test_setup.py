"""packaging/setup.sh against a Python that only writes down what it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end2end.conftest import ROOT

FAKE = """#!/bin/sh
echo "$*" >> "$SETUP_LOG"
case "$*" in
  *"pip"*"--version") [ -e "$SETUP_PIP" ] ;;
  *"-m venv"*) touch "$SETUP_PIP" ;;
  *"pip"*"install"*torch*) echo "no such torch" >&2; exit 1 ;;
  *importlib.metadata*) exit 1 ;;
esac
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pins what happens on Linux")


def set_up(tmp_path: Path, **variables: str) -> tuple["subprocess.CompletedProcess[str]", list[str]]:
    """Run the script on a half-made environment: a Python without pip."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE)
    python.chmod(0o755)
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    log = tmp_path / "log"
    environment = {
        **os.environ, "PYTHON": str(python), "VENV": str(tmp_path / "venv"),
        "SETUP_LOG": str(log), "SETUP_PIP": str(tmp_path / "pip"), **variables,
    }  # fmt: skip
    script = ROOT / "packaging" / "setup.sh"
    done = subprocess.run(["bash", str(script)], env=environment, capture_output=True, text=True)
    return done, log.read_text().splitlines()


def test_a_half_made_environment_is_made_anew(tmp_path):
    _, calls = set_up(tmp_path)
    assert f"-m venv --clear {tmp_path / 'venv'}" in calls


def test_cuda_is_never_installed_unasked(tmp_path):
    done, calls = set_up(tmp_path, ALCOVE_ALLOW_CUDA_TORCH="")
    assert done.returncode == 1
    tried = [each for each in calls if "torch==" in each]
    assert len(tried) == 2 and all("+cpu" in each or "whl/cpu" in each for each in tried)
    assert done.stderr.count("trying") == 2
    assert "no such torch" in done.stderr and "ALCOVE_ALLOW_CUDA_TORCH" in done.stderr


def test_cuda_is_installed_when_allowed(tmp_path):
    _, calls = set_up(tmp_path, ALCOVE_ALLOW_CUDA_TORCH="1")
    assert sum("torch==" in each for each in calls) == 3
