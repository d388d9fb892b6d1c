import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "resources" / "samples"


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


class Alcove:
    """The real command, in a data folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def popen(self, *arguments: str, before: Sequence[str] = (), **options: Any) -> "subprocess.Popen[str]":
        """Start the command, `before` being a program that runs it."""
        environment = {**os.environ, "ALCOVE_HOME": str(self.home), "COLUMNS": "200"}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            environment.pop(name, None)
        return subprocess.Popen(
            [*before, sys.executable, "-m", "app", *arguments],
            cwd=ROOT, env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def __call__(self, *arguments: str, timeout: float = 170, **options: Any) -> Finished:
        process = self.popen(*arguments, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            process.kill()
        return Finished(process.returncode, out, err)


@pytest.fixture
def alcove(tmp_path: Path) -> Alcove:
    return Alcove(tmp_path / "home")


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Alcove:
    """A data folder in which the samples are indexed already."""
    alcove = Alcove(tmp_path_factory.mktemp("indexed"))
    finished = alcove("index", str(SAMPLES), "--json")
    assert finished.code == 0, finished.err
    return alcove


def questions(kind: str) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = json.loads(
        (SAMPLES.parent / "sample_questions.json").read_text("utf-8")
    )[kind]
    return found
