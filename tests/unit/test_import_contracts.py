"""Each import contract is proved by breaking it: a contract that keeps a planted violation guards the wrong door."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

VIOLATIONS = {
    "Imports point down": ("app/base/errors.py", "import app.storage.database"),
    "Qt only in the window": ("app/assistants/ask.py", "import PySide6.QtCore"),
    "Front ends stay light: workers start by name": ("app/cli/search.py", "import app.retrieval.worker"),
    "llama.cpp only in the engine worker, and in one module of retrieval": (
        "app/engine/client.py",
        "import llama_cpp",
    ),
    "fxtranslate only in the worker of the small translation models": (
        "app/engine/small_translation/client.py",
        "import fxtranslate",
    ),
    "torch and FAISS only on the retrieval worker's side": ("app/documents/chunking.py", "import torch"),
    "OpenVINO only without what reports its use": ("app/retrieval/bert.py", "import openvino"),
    "Only downloads and the refresh of file lists reach for the network": (
        "app/models/gguf.py",
        "import httpx",
    ),
    "No cycles among siblings": ("app/gui/jobs.py", "import app.gui.chat.page"),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> str:
    command = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    result = subprocess.run([sys.executable, "-c", command], cwd=tree, capture_output=True, text=True)
    return " ".join(result.stdout.split())


def test_the_contracts_are_kept(tree):
    assert f"Contracts: {len(VIOLATIONS)} kept, 0 broken" in lint(tree)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_is_caught(tree, contract):
    file, line = VIOLATIONS[contract]
    path = tree / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}  # noqa\n", encoding="utf-8")
    assert f"{contract} BROKEN" in lint(tree)
