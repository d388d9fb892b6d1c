"""What a start of Alcove turns into: workers by name, and a refusal where it cannot run."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

import app.hardware.instructions
from app.__main__ import WORKERS, main

APP = Path(app.__file__).parent


@pytest.mark.parametrize(
    "module", ["os", "app.cli.main", "app.engine.worker.loading", "tests.fixtures.echo_worker", ""]
)
def test_only_workers_are_started_by_name(module, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["alcove", "--worker", module])
    assert main() == 2
    assert "is not a worker" in capsys.readouterr().err


def test_a_worker_without_a_name_is_none(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["alcove", "--worker"])
    assert main() == 2
    assert "is not a worker" in capsys.readouterr().err


def test_every_worker_that_is_asked_for_is_known():
    asked = {
        name
        for file in APP.rglob("*.py")
        for name in re.findall(r'^\s+"(app\.[\w.]*worker)",$', file.read_text("utf-8"), re.M)
    }
    assert asked == WORKERS


@pytest.mark.parametrize("module", sorted(WORKERS))
def test_a_worker_is_there(module):
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    assert "\ndef main(" in Path(spec.origin).read_text(encoding="utf-8")


def test_a_packaged_alcove_says_what_the_processor_lacks(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["alcove", "hardware"])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(app.hardware.instructions, "missing_instructions", lambda: ("avx2",))
    assert main() == 1
    assert "its processor has no AVX2" in capsys.readouterr().err
