"""What the front ends import, seen in a fresh process: nothing heavy, and below the window no Qt."""

import subprocess
import sys

import pytest

HEAVY = (
    "openvino",
    "torch",
    "faiss",
    "llama_cpp",
    "sentence_transformers",
    "transformers",
    "kreuzberg",
    "httpcore2",
    "huggingface_hub",
    "keyring",
    "huggingface_hub",
)


def loaded_by(statement: str, *, blocked: str = "") -> set[str]:
    """Top-level packages in memory after `statement`; importing `blocked` fails."""
    code = f"import sys\nif {blocked!r}: sys.modules[{blocked!r}] = None\n{statement}\nprint(*{{n.split('.')[0] for n in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["app.cli.main", "app.backend", "app.assistants.ask", "app.assistants.chat"]
)
def test_everything_below_the_window_works_without_qt(module):
    loaded = loaded_by(f"import {module}", blocked="PySide6")
    assert not loaded & set(HEAVY)


def test_the_window_holds_nothing_heavy():
    pytest.importorskip("PySide6")
    loaded = loaded_by(
        "import app.gui.application, app.gui.viewer.pane, app.gui.library.page, app.gui.settings.page"
    )
    assert "PySide6" in loaded and not loaded & set(HEAVY)
