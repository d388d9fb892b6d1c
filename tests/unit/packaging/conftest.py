"""The scripts of packaging/ are no package: they are loaded from their files."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Loads `packaging/<name>`, which may import what lies beside it."""

    def load(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(PACKAGING / Path(name).parent)
        spec = importlib.util.spec_from_file_location(f"packaging_{Path(name).stem}", PACKAGING / name)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return load
