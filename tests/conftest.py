"""What every test gets: a data folder of its own, and no network, leaked thread or stray home."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.paths import DataPaths, find_paths

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # not the developer's own keyring
os.environ["ALCOVE_TUNING"] = "off"  # the answers of the starter as it came; tests of tuning ask for it
_LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing a test does may touch the developer's own data."""
    home = tmp_path / "home"
    monkeypatch.setenv("ALCOVE_HOME", str(home))
    return home


@pytest.fixture
def paths(own_home: Path) -> DataPaths:
    found = find_paths()
    found.prepare()
    return found


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that leaves this machine fails the test that makes it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if not host.startswith(_LOOPBACK):
                pytest.fail(f"a connection to {host} was tried")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3
    while leaked := [each for each in threading.enumerate() if each not in before and each.is_alive()]:
        if time.monotonic() > deadline:
            pytest.fail(f"threads left behind: {[each.name for each in leaked]}")
        time.sleep(0.02)


def shared_data() -> Path | None:
    """Test data that is not part of the project; tests that need it are skipped without it."""
    root = Path(os.environ.get("ALCOVE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    return root / "data" if (root / "data").is_dir() else None


@pytest.fixture
def shared() -> Path:
    folder = shared_data()
    if folder is None:
        pytest.skip("the shared test data is not here (set ALCOVE_SHARED)")
    return folder
