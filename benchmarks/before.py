"""What it costs to know before the download whether a model fits: `python -m benchmarks before`.

A local hub serves models of several shapes, one with a vocabulary of 152,000; each is looked up and sized from its
header as `alcove models pull` does first, in a fresh measuring process. Limits: 24 MB of the file, 3 seconds.
"""

import statistics
import tempfile
import time
from pathlib import Path

from app.assistants.fetch_model import FilesListed, Sized, look_up_model
from app.base.jobs import CancelToken
from app.base.paths import DataPaths, find_paths
from app.engine.sizing import Sizing
from app.models.installed import starter_chat_model
from benchmarks.shapes import write_shape
from tests.fixtures.fake_hub import FakeHub

_SHAPES = ("starter", "grouped", "sliding", "vocabulary")
_RUNS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as name, FakeHub() as hub:
        paths = find_paths(Path(name, "home"))
        paths.prepare()
        for shape in _SHAPES:
            file = starter_chat_model() if shape == "starter" else write_shape(shape, Path(name))
            hub.add(f"bench/{shape}", f"{shape}-Q8_0.gguf", file.read_bytes())
            seconds, read = [], 0
            for _ in range(_RUNS):
                before = hub.sent()
                seconds.append(_look_up(f"bench/{shape}", hub.endpoint, paths))
                read = hub.sent() - before
            print(f"{shape:12} of {file.stat().st_size / 1e6:.0f} MB read {read / 1e6:.1f} MB (at most 24),"
                  f" {statistics.median(seconds):.2f} s (at most 3)", flush=True)  # fmt: skip


def _look_up(repository: str, endpoint: str, paths: DataPaths) -> float:
    """Seconds until the fit is known."""
    sizing = Sizing(paths)
    began = time.monotonic()
    events = list(
        look_up_model(
            repository,
            quantisation=None,
            endpoint=endpoint,
            lists=paths.file_lists,
            scratch=paths.cache,
            sizing=sizing,
            speed=None,
            cancel=CancelToken(),
        )
    )
    took = time.monotonic() - began
    sizing.close()
    assert isinstance(events[0], FilesListed) and isinstance(events[-1], Sized) and events[-1].exact
    return took


if __name__ == "__main__":
    main()
